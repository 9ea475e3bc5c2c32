"""What a check finds in the rows of a file, counted and stored as it is found."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from uuid import UUID

from services.importing.jobs import ImportJobRepository
from services.importing.rows import Batch, Problem
from services.importing.saving import until_cancelled

_AT_ONCE = 500  # problems stored in one request


class Counting:
    """The rows of one file. Raises CancelledError, DashboardError."""

    def __init__(
        self, jobs: ImportJobRepository, job_id: UUID, digest: str, cancelled: threading.Event
    ) -> None:
        self.counted = {"rows": 0, "good": 0, "known": 0, "faulty": 0}
        self.with_id = False  # a row names a persona that is stored
        self._jobs = jobs
        self._job_id = job_id
        self._digest = digest
        self._cancelled = cancelled
        self._refused: list[Problem] = []

    def count(self, batches: Iterable[Batch]) -> None:
        """Look which rows are stored already."""
        for batch in batches:
            ready = batch.ready
            known = until_cancelled(
                lambda ready=ready: self._jobs.known(ready, self._digest),  # type: ignore[misc]
                self._cancelled,
            )
            self.with_id |= any(row.id and row.number in known for row in ready)
            self._add("rows", len(ready) + len(batch.problems))
            self._add("good", len(ready))
            self._add("known", len(known))
            self._note(batch.problems)

    def refuse(self, problem: Problem) -> None:
        """Of a row that was good and known up to now."""
        self._add("good", -1)
        self._add("known", -1)
        self._refused.append(problem)
        if len(self._refused) >= _AT_ONCE:
            self.note_refused()

    def note_refused(self) -> None:
        """Store those that wait to be."""
        refused, self._refused = self._refused, []
        if refused:
            self._note(refused)

    def _add(self, name: str, number: int) -> None:
        self.counted[name] += number

    def _note(self, problems: Sequence[Problem]) -> None:
        self._add("faulty", len(problems))

        def note() -> None:
            if problems:
                self._jobs.add_problems(self._job_id, problems)
            self._jobs.change(self._job_id, **self.counted)

        until_cancelled(note, self._cancelled)
