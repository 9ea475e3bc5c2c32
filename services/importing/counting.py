"""What a check finds in the rows of a file, counted and stored as it is found."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from services.importing.jobs import ImportJobRepository
from services.importing.rows import Batch, Problem, ReadyRow
from services.importing.saving import until_cancelled

_AT_ONCE = 500  # problems stored in one request


class _Again:
    """Rows that save_import leaves out, because one before them in the file has the same id, or,
    without an id, the same text."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._texts: dict[int, int] = {}  # a number takes less room than a text

    def fault(self, row: ReadyRow) -> str | None:
        """What is said of the row, None if it is the first."""
        if row.id:
            first = self._ids.setdefault(UUID(row.id).int, row.number)
            told = f"It has the id of row {first:,}, and only that row is stored."
        else:
            first = self._texts.setdefault(int(row.md5, 16), row.number)
            told = (
                f"It has the text of row {first:,}, and only that row is stored. "
                "To store both, give each an id (a UUID)."
            )
        return None if first == row.number else told


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
        self._again = _Again()

    def count(self, batches: Iterable[Batch]) -> None:
        """Look which rows are stored already, and which are there twice."""
        for batch in batches:
            known = self._known(batch.ready)
            self.with_id |= any(row.id and row.number in known for row in batch.ready)
            again = self._twice(batch.ready, known)
            left_out = {problem.number for problem in again}
            self._add("rows", len(batch.ready) + len(batch.problems))
            self._add("good", len(batch.ready) - len(again))
            self._add("known", len(known - left_out))
            self._note([*batch.problems, *again])

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

    def _known(self, rows: Sequence[ReadyRow]) -> set[int]:
        return until_cancelled(lambda: self._jobs.known(rows, self._digest), self._cancelled)

    def _twice(self, rows: Sequence[ReadyRow], known: Collection[int]) -> list[Problem]:
        """Rows of ids that are stored are left to the comparison."""
        faults = (
            (row.number, self._again.fault(row))
            for row in rows
            if not (row.id and row.number in known)
        )
        return [Problem(number, fault) for number, fault in faults if fault]

    def _add(self, name: str, number: int) -> None:
        self.counted[name] += number

    def _note(self, problems: Sequence[Problem]) -> None:
        self._add("faulty", len(problems))

        def note() -> None:
            if problems:
                self._jobs.add_problems(self._job_id, problems)
            self._jobs.change(self._job_id, **self.counted)

        until_cancelled(note, self._cancelled)
