"""Checked rows into the database: patient with what passes, and no row is blamed for another."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

from services.database.patience import patiently
from services.errors import DashboardError, Remedy
from services.importing.jobs import ImportJobRepository
from services.importing.rows import Batch, Problem, ReadyRow

_UNDER_WAY = 2  # batches: one travels while the database stores the one before
_PATIENCE_SECONDS = 600  # with a database that is away; save_import skips what is stored
_REFUSED = "The database refused this row: an entry of it has not the form it must have."
_Answer = TypeVar("_Answer")


class CancelledError(Exception):
    """The analyst cancelled; raised between two batches."""


def stop_if(cancelled: threading.Event) -> None:
    """Raise CancelledError if it is set."""
    if cancelled.is_set():
        raise CancelledError


def until_cancelled(
    call: Callable[[], _Answer],
    cancelled: threading.Event,
    passing: tuple[Remedy, ...] = ("wait", "less"),
) -> _Answer:
    """The answer of a call that is made again while its fault passes. Raises CancelledError."""
    try:
        return patiently(call, cancelled, seconds=_PATIENCE_SECONDS, remedies=passing)
    except DashboardError:
        stop_if(cancelled)
        raise


class Saving:
    """The rows of one job that this worker holds."""

    def __init__(
        self, jobs: ImportJobRepository, job_id: UUID, worker: str, cancelled: threading.Event
    ) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._worker = worker
        self._cancelled = cancelled
        self._at_once = sys.maxsize  # fewer after a time-out
        self._blaming = threading.Lock()

    def save_all(self, batches: Iterable[Batch]) -> None:
        """Store the good rows of all batches."""
        under_way: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_UNDER_WAY) as threads:
            for batch in batches:
                if len(under_way) == _UNDER_WAY:
                    under_way.popleft().result()
                if batch.ready:
                    under_way.append(threads.submit(self.save, batch.ready))
            for one in under_way:
                one.result()

    def save(self, rows: list[ReadyRow]) -> None:
        """Store the rows: in halves after a time-out, and without those the database refuses."""
        if len(rows) > self._at_once:
            self._save_halves(rows)
            return
        alone = len(rows) == 1
        passing: tuple[Remedy, ...] = ("wait", "less") if alone else ("wait",)
        try:
            until_cancelled(
                lambda: self._jobs.save(self._job_id, self._worker, rows), self._cancelled, passing
            )
        except DashboardError as error:
            if error.remedy == "less" and not alone:
                self._at_once = len(rows) // 2
            elif error.remedy != "correct":
                raise
            if alone:
                self._blame(rows[0])
            else:
                self._save_halves(rows)

    def _save_halves(self, rows: list[ReadyRow]) -> None:
        middle = len(rows) // 2
        self.save(rows[:middle])
        self.save(rows[middle:])

    def _blame(self, row: ReadyRow) -> None:
        """The database refuses this row: the others are not held up."""

        def note() -> None:
            self._jobs.add_problems(self._job_id, [Problem(row.number, _REFUSED)])
            self._jobs.change(self._job_id, faulty=faulty)

        with self._blaming:
            job = until_cancelled(lambda: self._jobs.read(self._job_id), self._cancelled)
            faulty = job.faulty + 1
            until_cancelled(note, self._cancelled)
