"""Checks and saves imports in the background, so that no rerun, reload or closed tab stops one.

When the process ends, its files are gone, and what was saved stays saved; the same file given again
skips it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, BinaryIO
from uuid import UUID

from services.database.patience import patiently
from services.errors import DashboardError, InvalidInputError
from services.fault_log import log_fault
from services.importing.counting import Counting
from services.importing.held_file import Preview
from services.importing.holding import Work, Works
from services.importing.jobs import ImportJob, ImportJobRepository
from services.importing.mapping import Mapping, gives_texts_only, mapping_fault
from services.importing.rows import Batch, Wanted
from services.importing.saving import CancelledError, Saving, stop_if
from services.importing.update.applying import Updates
from services.threads import STOP_SECONDS, join_within, worker_name

log = logging.getLogger(__name__)

_AT_ONCE = 2  # files read at the same time; each may take a processor and a gigabyte
_LOOK_SECONDS = 1  # between two looks of one that waits for its turn
_BEAT_SECONDS = 20  # between two signs of life; jobs.STALE_AFTER without one is interrupted
_END_SECONDS = 15  # later, somebody may have begun the job anew
_NOT_HELD = "PT409"
_REMEMBERED = 1000  # imports of texts alone: their page offers to draft them
_OWN_FAULT = "The import had an internal error. What was saved stays; start it again."
_Step = Callable[[UUID, Work], dict[str, Any]]  # gives the columns of the job's end


class ImportRunner:
    """Takes files, checks them, saves them; every step is counted in the database."""

    def __init__(
        self, jobs: ImportJobRepository, on_saved: Callable[[], None] = lambda: None
    ) -> None:
        self.worker = worker_name()
        self._jobs = jobs
        self._on_saved = on_saved
        self.updates = Updates(on_saved, self._note_updated)
        self.texts_only: dict[UUID, None] = {}  # imports whose rows are stored without a persona
        self._works = Works()
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def take(self, job_id: UUID, name: str, source: BinaryIO) -> Preview:
        """Keep a copy of a file under this id and look into it. Raises ImportFileError."""
        return self._works.take(job_id, name, source)

    def holds(self, job_id: UUID) -> bool:
        """Whether this process still has the file."""
        return job_id in self._works

    def check(self, job_id: UUID, mapping: Mapping, author: str) -> ImportJob:
        """Look at every row, in the background. Raises InvalidInputError for a mapping that
        cannot be used."""
        file = self._works.of(job_id).file
        if fault := mapping_fault(mapping, file.preview().columns):
            raise InvalidInputError(fault)
        job = self._jobs.create(job_id, file.name, file.digest, author)
        if job.status == "checking" and (work := self._works.begin(job_id)):
            work.mapping = dict(mapping)
            if gives_texts_only(mapping):
                self._remember_texts_only(job_id)
            self._start(job_id, work, self._check)
        return job

    def save(self, job_id: UUID) -> None:
        """Store the good rows that are not stored yet, in the background."""
        if (work := self._works.begin(job_id)) is None:
            return
        claimed = False
        try:
            claimed = self._jobs.claim(job_id, self.worker)
        finally:
            work.running = claimed
        if claimed:
            self._start(job_id, work, self._save)

    def cancel(self, job_id: UUID) -> None:
        """Stop after the batch in hand; what is saved stays."""
        self._works.cancel(job_id)

    def stop(self) -> None:
        """Let go of every file, once the batch under way is stored."""
        works = self._works.cancel_all()
        join_within((work.thread for work in works), STOP_SECONDS)
        self.updates.stop()
        for work in works:
            work.file.close()

    def _remember_texts_only(self, job_id: UUID) -> None:
        self.texts_only[job_id] = None
        while len(self.texts_only) > _REMEMBERED:
            del self.texts_only[next(iter(self.texts_only))]

    def _start(self, job_id: UUID, work: Work, step: _Step) -> None:
        work.thread = threading.Thread(target=self._run, args=(job_id, work, step), daemon=True)
        work.thread.start()

    def _run(self, job_id: UUID, work: Work, step: _Step) -> None:
        try:
            with self._beating(job_id):
                end: dict[str, Any] = step(job_id, work)
        except CancelledError:
            end = {"status": "cancelled"}
        except DashboardError as error:
            lost = self._is_lost(job_id, error)  # whoever took it over writes its end
            end = {} if lost else {"status": "failed", "error": str(error)}
        except Exception as error:  # the last place that can tell
            log_fault(log, f"Import {job_id} failed", error)
            end = {"status": "failed", "error": _OWN_FAULT}
        work.running = False  # before anybody can read the end and go on
        if end:
            self._end(job_id, end)
        if end.get("status") == "saved":
            self._works.let_go(job_id)
        self._on_saved()

    def _end(self, job_id: UUID, columns: dict[str, Any]) -> None:
        try:
            patiently(
                lambda: self._jobs.change(job_id, **columns),
                threading.Event(),
                seconds=_END_SECONDS,
            )
        except DashboardError as error:
            log.warning("The end of import %s was not stored: %s", job_id, type(error).__name__)

    def _note_updated(self, job_id: UUID, written: int) -> None:
        """Nothing is left to do of a file that only held other values of what is stored."""
        with suppress(DashboardError):
            job = self._jobs.read(job_id)
            if written and job.status == "checked" and job.good == job.known:
                self._end(job_id, {"status": "saved", "saved": written})

    def _is_lost(self, job_id: UUID, error: DashboardError) -> bool:
        """Whether somebody else holds the job; triggers refuse rows with the same code."""
        if getattr(error, "code", None) != _NOT_HELD:
            return False
        try:
            job = self._jobs.read(job_id)
        except DashboardError:
            return False
        return not (job.status == "checking" or (job.status, job.worker) == ("saving", self.worker))

    def _check(self, job_id: UUID, work: Work) -> dict[str, Any]:
        counting = Counting(self._jobs, job_id, work.file.digest, work.cancelled)
        counting.count(self._batches(work, "check"))
        if counting.with_id:
            compared = self._batches(work, "compare")
            self.updates.compare(job_id, work.mapping, compared, counting.refuse)
            counting.note_refused()
        return {"status": "checked", **counting.counted}

    def _batches(self, work: Work, wanted: Wanted) -> Iterator[Batch]:
        """Of the rows of the file, when its turn comes, until it is cancelled."""
        while not self._turns.acquire(timeout=_LOOK_SECONDS):
            stop_if(work.cancelled)
        try:
            with closing(work.file.batches(work.mapping, wanted)) as batches:
                for batch in batches:
                    stop_if(work.cancelled)
                    yield batch
        finally:
            self._turns.release()

    @contextmanager
    def _beating(self, job_id: UUID) -> Iterator[None]:
        """Signs of life of the job, whatever the block waits for."""
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(_BEAT_SECONDS):
                with suppress(DashboardError):
                    self._jobs.change(job_id)

        threading.Thread(target=beat, daemon=True).start()
        try:
            yield
        finally:
            ended.set()

    def _save(self, job_id: UUID, work: Work) -> dict[str, Any]:
        saving = Saving(self._jobs, job_id, self.worker, work.cancelled)
        saving.save_all(self._batches(work, "save"))
        return {"status": "saved"}
