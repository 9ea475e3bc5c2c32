"""What the files of imports hold otherwise than it is stored, until somebody applies it.

It is kept in memory, as the files are: given again, a file is compared anew.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.errors import DashboardError
from services.fault_log import log_fault
from services.importing.rows import Batch, Problem, ReadyRow
from services.importing.update.comparing import MOST, GivenRow, RowChange, apply, row_changes
from services.threads import STOP_SECONDS, join_within

log = logging.getLogger(__name__)
_KEPT = 20  # imports whose differences are held


@dataclass(frozen=True)
class Found:
    """The rows of a file that differ, at most MOST; `more` says that there are others.

    While they are applied and after: `wanted` rows, `done` of them, `written` as new versions,
    `left` cells that somebody changed meanwhile, `faults` that stopped single rows.
    """

    changes: tuple[RowChange, ...] = ()
    more: bool = False
    wanted: int = 0
    done: int = 0
    written: int = 0
    left: int = 0
    faults: tuple[str, ...] = field(default=())

    @property
    def is_running(self) -> bool:
        return self.done < self.wanted


class Updates:
    """What differs, by the id of the import; applied in the background. `on_applied` hears of which
    import, and how many personas were written."""

    def __init__(
        self, on_saved: Callable[[], None], on_applied: Callable[[UUID, int], None]
    ) -> None:
        self._on_saved = on_saved
        self._on_applied = on_applied
        self._found: dict[UUID, Found] = {}
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()

    def of(self, job_id: UUID) -> Found:
        """What is known of an import; nothing if its file is not compared, or was long ago."""
        return self._found.get(job_id, Found())

    def compare(
        self,
        job_id: UUID,
        mapping: Mapping[str, str],
        batches: Iterable[Batch],
        refuse: Callable[[Problem], None],
    ) -> None:
        """Look at every row that names a stored persona; `refuse` is told of those that cannot be
        put into it. Raises DashboardError."""
        changes: list[RowChange] = []
        for change in row_changes(_given(batches), mapping):
            if isinstance(change, Problem):
                refuse(change)
                continue
            if len(changes) == MOST:
                self._keep(job_id, Found(tuple(changes), more=True))
                return
            changes.append(change)
        if changes:
            self._keep(job_id, Found(tuple(changes)))

    def apply(self, job_id: UUID, chosen: Mapping[int, Collection[str]], author: str) -> None:
        """Write the chosen paths of the rows, by their numbers, in the background."""
        found = self.of(job_id)
        changes = [change for change in found.changes if chosen.get(change.number)]
        if found.wanted or not changes:
            return  # a second click
        self._found[job_id] = replace(found, wanted=len(changes))
        thread = threading.Thread(
            target=self._apply, args=(job_id, changes, chosen, author), daemon=True
        )
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def stop(self) -> None:
        """End after the row in hand."""
        self._stopped.set()
        join_within(iter(self._threads), STOP_SECONDS)

    def _keep(self, job_id: UUID, found: Found) -> None:
        """Whole personas: of the oldest that nobody applies, those beyond _KEPT go."""
        self._found[job_id] = found
        idle = [one for one, known in list(self._found.items()) if not known.is_running]
        for one in idle[:-_KEPT]:
            self._found.pop(one, None)

    def _apply(
        self,
        job_id: UUID,
        changes: list[RowChange],
        chosen: Mapping[int, Collection[str]],
        author: str,
    ) -> None:
        for change in changes:
            if self._stopped.is_set():
                return
            self._count(job_id, change, chosen[change.number], author)
        self._on_applied(job_id, self.of(job_id).written)
        self._found[job_id] = replace(self.of(job_id), changes=())  # the numbers stay
        self._on_saved()

    def _count(self, job_id: UUID, change: RowChange, paths: Collection[str], author: str) -> None:
        found = self.of(job_id)
        try:
            applied = apply(change, paths, author)
        except DashboardError as error:
            fault = f"Row {change.number}: {error.problem}"
            now = replace(found, faults=(*found.faults, fault))
        except Exception as error:  # the last place that can tell
            log_fault(log, "A row of an import was not applied", error)
            now = replace(found, faults=(*found.faults, f"Row {change.number}: internal error"))
        else:
            left = found.left + len(applied.left)
            now = replace(found, written=found.written + applied.written, left=left)
        self._found[job_id] = replace(now, done=found.done + 1)


def _given(batches: Iterable[Batch]) -> Iterator[GivenRow]:
    for batch in batches:
        for row in batch.ready:
            yield _given_row(row)


def _given_row(row: ReadyRow) -> GivenRow:
    given = json.loads(row.json)
    at = None
    with suppress(TypeError, ValueError):  # none is given
        at = datetime.fromisoformat(given["updated_at"])
    return GivenRow(row.number, str(row.id), given["raw_text"], given["persona"], at)
