"""Looks after files of questions: sends what waits, asks how far they are, takes their answers in.

Any number of processes may do it: each file is worked on by one at a time. A process that is killed
loses nothing: whoever takes the file next goes on at the step that was stored.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from services.engines.generator import Generator
from services.engines.stopping import Stop, StoppedError
from services.errors import (
    DashboardError,
    GenerationError,
    ModelNotFoundError,
    ModelRequestError,
    NoBatchesError,
)
from services.fault_log import log_fault
from services.generation.batch_files.repository import FileRepository, LostFileError, StoredFile
from services.generation.batch_files.sending import Sending, asks_in_files
from services.generation.batch_files.taking_in import TakingIn
from services.threads import join_within

log = logging.getLogger(__name__)

_FINAL = (ModelRequestError, ModelNotFoundError)
_MOST_FAILURES = 5
_GROWTH = 1.5


@dataclass(frozen=True)
class Pauses:
    """Seconds: before the first look at a file, at most between two, and while nothing is due."""

    first: float = 30
    longest: float = 600
    idle: float = 15

    def after(self, times: int) -> float:
        """Before the next look, after so many."""
        return float(min(self.longest, self.first * _GROWTH ** min(times, 50)))


class FilePoller:
    """Works on files of these engines' questions, one step after the other."""

    def __init__(
        self,
        generators: Iterable[Generator],
        worker: str,
        *,
        servers: Mapping[str, str | None] | None = None,
        pauses: Pauses = Pauses(),
        lease_seconds: int = 600,
        threads: int = 4,
        on_ended: Callable[[], None] = lambda: None,
    ) -> None:
        """`servers`: the model server of each engine. `on_ended` is called after some requests."""
        self._engines = {one.name: one for one in generators if asks_in_files(one)}
        self._files = FileRepository(worker, lease_seconds)
        self._servers = servers or {}
        self._pauses = pauses
        self._threads = threads
        self._on_ended = on_ended
        self._stop = Stop()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Go on in a thread of its own, until `stop`; nothing if no engine asks in files."""
        if self._engines and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="batch-files", daemon=True)
            self._thread.start()

    def stop(self, seconds: float) -> None:
        """End, letting go of what is worked on."""
        self._stop.set()
        join_within([self._thread], seconds)

    def step(self) -> bool:
        """Work on one file that is due, or begin one; False if there was nothing to do."""
        if not self._engines:
            return False
        file = self._files.take(self._engines)
        if file is None and not self._begin_one():
            return False
        if file is not None:
            self._work(file)
        return True

    def _begin_one(self) -> bool:
        for engine in self._engines.values():
            file = uuid4()
            if self._sending(engine).first(file):
                self._files.note(file, wait_seconds=0)
                return True
        return False

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.step()
            except DashboardError as error:
                log.warning("Files of questions have to wait: %s", type(error).__name__)
                busy = False
            except Exception as error:
                log_fault(log, "Work on a file of questions failed", error)
                busy = False
            if not busy:
                self._stop.wait(self._pauses.idle)

    def _sending(self, engine: Any) -> Sending:
        return Sending(self._files, engine, self._servers.get(engine.name), self._stop)

    def _work(self, file: StoredFile) -> None:
        engine = self._engines[file.engine]
        try:
            self._go_on(file, engine)
        except StoppedError:
            with suppress(DashboardError):
                self._files.note(file.id, wait_seconds=0)
        except LostFileError:
            log.info("Somebody else works on file %s", file.id)
        except GenerationError as fault:
            self._failed(file, engine, fault)

    def _go_on(self, file: StoredFile, engine: Any) -> None:
        """From the step that is stored to the next one that has to wait."""
        sending = self._sending(engine)
        if file.state == "filling":
            if file.is_wanted:
                sending.fill(file)
            return self._files.note(file.id, state="filled", wait_seconds=0)
        with engine.batch_server(self._stop) as server:
            if file.state == "filled":
                sent = sending.send(file, server) if file.is_wanted else None
                if sent is None:
                    return self._close(file, engine, None)
                file = file.model_copy(update={"state": "sent", "input_file": sent, "looks": 0})
            if file.state == "sent":
                sending.begin(file, file.input_file or "", server)
                return self._files.note(file.id, wait_seconds=self._pauses.first)
            if file.state == "begun":
                self._look(file, server)
                return None
            self._taking_in(file, engine).answers(server)
            fault = server.look(file.server_batch or "").fault
            self._close(file, engine, fault)
            server.forget(
                name for name in (file.input_file, file.output_file, file.error_file) if name
            )
        return None

    def _look(self, file: StoredFile, server: Any) -> None:
        """Ask how far it is; have it ended if nobody wants it any more."""
        batch = server.look(file.server_batch)
        if not file.is_wanted and not batch.has_ended and batch.state != "cancelling":
            batch = server.cancel(file.server_batch)
        told = {
            "server_state": batch.state,
            "answered": batch.completed,
            "refused": batch.failed,
            "failures": 0,
            "looks": file.looks + 1,
            "error_kind": batch.fault.kind if batch.fault else None,
            "error": str(batch.fault) if batch.fault else None,
        }
        if batch.has_ended:
            files = {"output_file": batch.output_file, "error_file": batch.error_file}
            self._files.note(file.id, **told, **files, state="ended", wait_seconds=0)
        else:
            self._files.note(file.id, **told, wait_seconds=self._pauses.after(file.looks))

    def _close(self, file: StoredFile, engine: Any, fault: GenerationError | None) -> None:
        self._taking_in(file, engine).rest(fault)
        self._files.close(file.id)

    def _taking_in(self, file: StoredFile, engine: Any) -> TakingIn:
        return TakingIn(self._files, file, engine, self._stop, self._threads, self._on_ended)

    def _failed(self, file: StoredFile, engine: Any, fault: GenerationError) -> None:
        """Try again later, unless the server will never take it."""
        log.warning("File %s of questions: %s", file.id, fault.kind)
        failures = file.failures + 1
        told = {"failures": failures, "error_kind": fault.kind, "error": str(fault)}
        never = isinstance(fault, NoBatchesError) and file.state in ("filled", "sent")
        if never or (isinstance(fault, _FINAL) and failures >= _MOST_FAILURES):
            with suppress(LostFileError):
                self._files.note(file.id, **told)
                self._close(file, engine, fault)
            return
        with suppress(LostFileError):
            self._files.note(file.id, **told, wait_seconds=self._pauses.after(failures))
