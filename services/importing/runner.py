"""Checks and saves imports in the background, so that no rerun, reload or closed tab stops one.

The file waits in a temporary folder of this process. When the process ends, what was saved stays
saved; the same file given again skips it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psutil  # type: ignore[import-untyped]

from services.database.patience import patiently
from services.errors import DashboardError, InvalidInputError, Remedy
from services.fault_log import log_fault
from services.importing.checking import Good, Problem, checked_rows
from services.importing.jobs import ImportJob, ImportJobRepository
from services.importing.mapping import Mapping, mapping_fault
from services.importing.reading import Table, open_table
from services.threads import STOP_SECONDS, join_within

log = logging.getLogger(__name__)

_BATCH_ROWS = 500
_BATCH_BYTES = 1024 * 1024
_PATIENCE_SECONDS = 600  # with a database that is away; save_import skips what is stored
_END_SECONDS = 15  # later, somebody may have begun the job anew
_FOLDER = "persona-import-"
_LEFT_SECONDS = 24 * 3600  # a process elsewhere may have the same number
_REFUSED = "The database refused this row: an entry of it has not the form it must have."
_NOT_HELD = "PT409"
_OWN_FAULT = "The import had an internal error. What was saved stays; start it again."
_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


_Step = Callable[[UUID, "_Work"], dict[str, Any]]  # gives the columns of the job's end


class _CancelledError(Exception):
    """The analyst cancelled; raised between two batches."""


@dataclass
class _Work:
    """A file this process holds."""

    path: Path
    name: str
    digest: str
    mapping: Mapping = field(default_factory=dict)
    at_once: int = _BATCH_ROWS  # fewer after a time-out
    cancelled: threading.Event = field(default_factory=threading.Event)
    running: bool = False
    thread: threading.Thread | None = None


class ImportRunner:
    """Takes files, checks them, saves them; every step is counted in the database."""

    def __init__(
        self, jobs: ImportJobRepository, on_saved: Callable[[], None] = lambda: None
    ) -> None:
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._jobs = jobs
        self._on_saved = on_saved
        _remove_leftovers()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
        self._works: dict[UUID, _Work] = {}
        self._lock = threading.Lock()

    def take(self, job_id: UUID, name: str, content: bytes | memoryview) -> Table:
        """Keep a file under this id and open it. Raises ImportFileError."""
        path = self._folder / str(job_id)
        if job_id not in self._works:
            path.write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            self._works[job_id] = _Work(path, name, digest)
        return open_table(path, name)

    def holds(self, job_id: UUID) -> bool:
        """Whether this process still has the file."""
        return job_id in self._works

    def check(self, job_id: UUID, mapping: Mapping, author: str) -> ImportJob:
        """Look at every row, in the background. Raises InvalidInputError for a mapping that
        cannot be used."""
        if fault := mapping_fault(mapping):
            raise InvalidInputError(fault)
        work = self._work(job_id)
        job = self._jobs.create(job_id, work.name, work.digest, author)
        if job.status == "checking":
            work.mapping = dict(mapping)
            self._start(job_id, self._check)
        return job

    def save(self, job_id: UUID) -> None:
        """Store the good rows that are not stored yet, in the background."""
        work = self._work(job_id)
        if not work.running and self._jobs.claim(job_id, self.worker):
            work.cancelled.clear()
            self._start(job_id, self._save)

    def cancel(self, job_id: UUID) -> None:
        """Stop after the batch in hand; what is saved stays."""
        if work := self._works.get(job_id):
            work.cancelled.set()

    def stop(self) -> None:
        """Let go of every file, once the batch under way is stored."""
        works = list(self._works.values())
        for work in works:
            work.cancelled.set()
        join_within((work.thread for work in works), STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _work(self, job_id: UUID) -> _Work:
        try:
            return self._works[job_id]
        except KeyError:
            raise InvalidInputError(
                "The dashboard was restarted and does not have this file any more.",
                "Give the file again: what was saved is skipped.",
            ) from None

    def _start(self, job_id: UUID, step: _Step) -> None:
        work = self._work(job_id)
        with self._lock:
            if work.running:
                return
            work.running = True
            work.thread = threading.Thread(target=self._run, args=(job_id, work, step), daemon=True)
            work.thread.start()

    def _run(self, job_id: UUID, work: _Work, step: _Step) -> None:
        try:
            end: dict[str, Any] = step(job_id, work)
        except _CancelledError:
            end = {"status": "cancelled"}
        except DashboardError as error:
            lost = getattr(error, "code", None) == _NOT_HELD  # whoever took it over writes its end
            end = {} if lost else {"status": "failed", "error": str(error)}
        except Exception as error:  # the last place that can tell
            log_fault(log, f"Import {job_id} failed", error)
            end = {"status": "failed", "error": _OWN_FAULT}
        work.running = False  # before anybody can read the end and go on
        if end:
            self._end(job_id, end)
        if end.get("status") == "saved":
            self._let_go(job_id)
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

    def _let_go(self, job_id: UUID) -> None:
        """The file is not needed any more, and holds people's texts."""
        if work := self._works.pop(job_id, None):
            work.path.unlink(missing_ok=True)

    def _check(self, job_id: UUID, work: _Work) -> dict[str, Any]:
        counted = {"rows": 0, "good": 0, "known": 0, "faulty": 0}
        for batch in _batches(checked_rows(open_table(work.path, work.name), work.mapping)):
            _stop_if_cancelled(work)
            good = [item for item in batch if isinstance(item, Good)]
            problems = [item for item in batch if isinstance(item, Problem)]
            counted["rows"] += len(batch)
            counted["good"] += len(good)
            counted["faulty"] += len(problems)
            counted["known"] += self._known(job_id, work, good)
            self._patiently(job_id, work, partial(self._note_checked, job_id, problems, counted))
        return {"status": "checked", **counted}

    def _known(self, job_id: UUID, work: _Work, good: list[Good]) -> int:
        return len(self._patiently(job_id, work, lambda: self._jobs.known(good, work.digest)))

    def _note_checked(self, job_id: UUID, problems: list[Problem], counted: dict[str, int]) -> None:
        if problems:
            self._jobs.add_problems(job_id, problems)
        self._jobs.change(job_id, **counted)

    def _save(self, job_id: UUID, work: _Work) -> dict[str, Any]:
        rows = checked_rows(open_table(work.path, work.name), work.mapping)
        for batch in _batches(item for item in rows if isinstance(item, Good)):
            _stop_if_cancelled(work)
            self._save_batch(job_id, work, batch)
        return {"status": "saved"}

    def _save_batch(self, job_id: UUID, work: _Work, batch: list[Good]) -> None:
        """Store the rows: in halves after a time-out, and without those the database refuses."""
        if len(batch) > work.at_once:
            self._save_halves(job_id, work, batch)
            return
        alone = len(batch) == 1
        passing: tuple[Remedy, ...] = ("wait", "less") if alone else ("wait",)
        try:
            self._patiently(
                job_id, work, lambda: self._jobs.save(job_id, self.worker, batch), passing
            )
        except DashboardError as error:
            if error.remedy == "less" and not alone:
                work.at_once = len(batch) // 2
            elif error.remedy != "correct":
                raise
            if alone:
                self._blame(job_id, work, batch[0])
            else:
                self._save_halves(job_id, work, batch)

    def _save_halves(self, job_id: UUID, work: _Work, batch: list[Good]) -> None:
        middle = len(batch) // 2
        self._save_batch(job_id, work, batch[:middle])
        self._save_batch(job_id, work, batch[middle:])

    def _blame(self, job_id: UUID, work: _Work, row: Good) -> None:
        """The database refuses this row: the others are not held up."""

        def note() -> None:
            self._jobs.add_problems(job_id, [Problem(row.number, _REFUSED)])
            self._jobs.change(job_id, faulty=faulty)

        faulty = self._patiently(job_id, work, lambda: self._jobs.read(job_id)).faulty + 1
        self._patiently(job_id, work, note)

    def _patiently(
        self,
        job_id: UUID,
        work: _Work,
        call: Callable[[], _Answer],
        passing: tuple[Remedy, ...] = ("wait", "less"),
    ) -> _Answer:
        def beat(_: DashboardError) -> None:
            with suppress(DashboardError):
                self._jobs.change(job_id)

        try:
            return patiently(
                call, work.cancelled, seconds=_PATIENCE_SECONDS, remedies=passing, on_wait=beat
            )
        except DashboardError:
            _stop_if_cancelled(work)
            raise


def _remove_leftovers() -> None:
    """Files of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}[0-9]*-*"):
        pid = int(folder.name.removeprefix(_FOLDER).split("-")[0])
        with suppress(OSError):
            old = time.time() - folder.stat().st_mtime > _LEFT_SECONDS
            if old and not psutil.pid_exists(pid):
                shutil.rmtree(folder, ignore_errors=True)


def _stop_if_cancelled(work: _Work) -> None:
    if work.cancelled.is_set():
        raise _CancelledError


def _batches(items: Iterator[_Item]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(json.dumps(item.columns)) if isinstance(item, Good) else 100
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
