"""Runs generation requests in the background, so that no rerun, reload or closed tab stops one.

The request is stored first; a worker thread claims it, drafts, checks the evidence and saves the
persona itself. What a model was paid for is stored part by part, and a finished draft is kept in
memory until it is saved, however long the database is away: no answer is paid for twice. A runner
that stops hands its requests back, and a worker (services/generation/worker) goes on with them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from services.database.patience import patiently
from services.engines.generator import Estimate, Generator, Progress
from services.engines.stopping import StoppedError, Turns
from services.errors import (
    DashboardError,
    GenerationError,
    InvalidInputError,
    NotSavedError,
)
from services.fault_log import log_fault
from services.generation.equal_texts.earlier import EarlierDraft, earlier_draft
from services.generation.finished import FinishedDrafts
from services.generation.job import Job
from services.generation.parts import get_parts
from services.generation.presence import Presence
from services.generation.requests import (
    GenerationRequest,
    GenerationRequestRepository,
    NewRequest,
    Status,
)
from services.sources.plain_text import check_length
from services.threads import STOP_SECONDS, join_within, worker_name

log = logging.getLogger(__name__)


class GenerationRunner:
    """Takes requests, works on them in the background, knows how far each one is."""

    def __init__(
        self,
        requests: GenerationRequestRepository,
        generators: Iterable[Generator],
        workers: int,
        max_characters: int = 2_000_000,
        on_finished: Callable[[], None] = lambda: None,
    ) -> None:
        self.worker = worker_name()
        self._requests = requests
        self._generators = {generator.name: generator for generator in generators}
        self._max_characters = max_characters
        self._slots = Turns(workers)
        self._on_finished = on_finished
        self._jobs: dict[UUID, Job] = {}
        self._unsaved = FinishedDrafts(requests, self.worker)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._presence = Presence(requests, self.worker, self)

    @property
    def engines(self) -> tuple[str, ...]:
        """The names of the engines, the default first."""
        return tuple(self._generators)

    def estimate(self, text: str, engine: str) -> Estimate | None:
        """What the engine expects the text to take. Raises TextTooLongError."""
        return self._generators[engine].estimate(text)

    def earlier(self, text: str, engine: str, about: str = "") -> EarlierDraft | None:
        """What the engine has made of an equal text before."""
        return earlier_draft(self._generators[engine], text, about)

    def generator(self, engine: str) -> Generator:
        """The engine of this name."""
        return self._generators[engine]

    def submit(self, new: NewRequest) -> GenerationRequest:
        """Store the request and start it. The same id again returns the same request.

        Raises InvalidInputError for an unknown engine or a text beyond the limits (before anything
        is stored or sent), DatabaseError if it cannot be stored.
        """
        self.check(new)
        request = self._requests.submit(new, self.worker)
        if request.status == "queued":
            self._start(request.id)
        return request

    def check(self, new: NewRequest) -> None:
        """Raises InvalidInputError, TextTooLongError where `submit` would."""
        if new.engine not in self._generators:
            raise InvalidInputError(
                f"There is no engine named {new.engine}.", "Choose one of the list."
            )
        check_length(new.raw_text, self._max_characters)
        self.estimate(new.raw_text, new.engine)

    def run_again(self, request_id: UUID) -> None:
        """Start a failed, cancelled or interrupted request once more, with the same text."""
        self._start(request_id)

    def finish_without_failed_parts(self, request_id: UUID) -> None:
        """Run the request again, leaving out the parts that could not be read."""
        get_parts().leave_out_failed(request_id)
        self._start(request_id)

    def look_after(self) -> None:
        """See at once, and not within seconds, whether others have taken requests of this one."""
        self._presence.look()

    def progress(self, request_id: UUID) -> Progress | None:
        """How far the request is, None if this process does not hold it."""
        job = self._jobs.get(request_id)
        return job.progress if job else None

    def unsaved_because(self, request_id: UUID) -> DashboardError | None:
        """Why the finished draft of a request is not saved yet; None if nothing holds it up."""
        return self._unsaved.fault_of(request_id)

    def cancel(self, request_id: UUID) -> None:
        """Stop the request at once, whether it waits for its turn or for the engine."""
        if job := self._jobs.get(request_id):
            job.cancelled.set()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Let go of every request: they stay stored, for the next start to go on with.

        What is being saved just then is saved. Waits at most `seconds` for that, and for engines
        that do not notice.
        """
        self._stopped.set()
        self._presence.end()
        held = list(self._jobs.values())
        for job in held:
            job.cancelled.set()
        join_within((job.thread for job in held), seconds)
        for request_id in list(self._jobs):
            with suppress(DashboardError):  # then its silence tells
                self._hand_back(request_id)

    @property
    def held(self) -> list[UUID]:
        """The requests this process works on, or is about to."""
        return list(self._jobs)

    def lose(self, request_id: UUID) -> None:
        """Stop work on a request that another process has taken meanwhile."""
        job = self._jobs.get(request_id)
        if job and job.is_claimed and request_id not in self._unsaved:
            job.cancelled.set()

    def _start(self, request_id: UUID) -> None:
        with self._lock:
            if request_id in self._jobs:
                return
            job = self._jobs[request_id] = Job(request_id)
            # Daemon threads: a model that is silent for minutes must not hold up Ctrl-C.
            job.thread = threading.Thread(target=self._run, args=(request_id,), daemon=True)
            job.thread.start()

    def _run(self, request_id: UUID) -> None:
        try:
            self._in_turn(request_id)
        except Exception as error:  # the last place that can tell; the request stays stored
            log.error("Generation %s stopped: %s", request_id, type(error).__name__)
        finally:
            self._jobs.pop(request_id, None)
            self._on_finished()

    def _in_turn(self, request_id: UUID) -> None:
        try:
            with self._slots.one(self._jobs[request_id].cancelled):
                if self._stopped.is_set():
                    raise StoppedError
                self._work(request_id)
        except StoppedError:
            self._end(request_id)

    def _claim(self, request_id: UUID) -> bool:
        """Take the request, or see that it was taken by a call whose answer was lost."""
        requests, job = self._requests, self._jobs[request_id]
        job.is_claimed = patiently(
            lambda: (
                requests.claim(request_id, self.worker) or requests.beat(request_id, self.worker)
            ),
            job.cancelled,
        )
        return job.is_claimed

    def _work(self, request_id: UUID) -> None:
        try:
            if not self._claim(request_id):
                return
            if request_id not in self._unsaved:
                result = self._jobs[request_id].draft(self._requests, self._generators)
                self._unsaved.keep(request_id, result)
            self._unsaved.save(request_id, self._jobs[request_id].cancelled)
        except StoppedError:
            raise  # to where a stop while waiting ends as well
        except GenerationError as error:
            self._fail(request_id, error.kind, error)
        except DashboardError as error:
            if error.remedy == "correct":  # the same draft would be refused again
                self._unsaved.drop(request_id)
            if self._jobs[request_id].cancelled.is_set():
                self._end(request_id)
            else:
                kept = request_id in self._unsaved
                self._fail(request_id, NotSavedError.kind, NotSavedError(error) if kept else error)
        except Exception as error:
            log_fault(log, f"Generation {request_id} failed", error)
            self._fail(request_id, GenerationError.kind, GenerationError())

    def _end(self, request_id: UUID) -> None:
        """Close a request that was cancelled, by the analyst or because the dashboard stops."""
        if self._stopped.is_set():
            self._hand_back(request_id)
        else:
            self._close(request_id, "cancelled")

    def _hand_back(self, request_id: UUID) -> None:
        spent = self._spent(request_id)
        patiently(lambda: self._requests.hand_back(request_id, self.worker, spent), self._stopped)

    def _fail(self, request_id: UUID, kind: str, error: DashboardError) -> None:
        log.warning("Generation %s failed: %s", request_id, kind)
        self._close(request_id, "failed", kind=kind, error=str(error))

    def _close(self, request_id: UUID, status: Status, **why: str) -> None:
        spent = self._spent(request_id)
        patiently(
            lambda: self._requests.close(request_id, self.worker, status, spent=spent, **why),
            self._stopped,
        )

    def _spent(self, request_id: UUID) -> dict[str, Any] | None:
        """What the request took for nothing so far; None where nothing is to be stored of it."""
        job = self._jobs.get(request_id)
        if job is None or request_id in self._unsaved:  # then it is stored with the persona
            return None
        return job.spent()
