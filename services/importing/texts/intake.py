"""One giving of many texts: read in the background, looked at, and then made a batch.

No rerun, reload or closed tab stops the reading; it ends with the process, which holds the texts
until they are stored with their batch.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from services.database.patience import patiently
from services.engines.generator import Generator
from services.errors import DashboardError, InvalidInputError
from services.fault_log import log_fault
from services.generation.batches import get_batches
from services.importing.jobs import get_import_jobs
from services.importing.rows import ReadyRow
from services.importing.texts.estimate import TextEstimates
from services.importing.texts.files import Found, Unread
from services.importing.texts.held import MOST, HeldTexts
from services.threads import STOP_SECONDS, join_within

log = logging.getLogger(__name__)

_AT_ONCE = 2  # givings read at the same time
_KEPT = 20  # givings held; the oldest that nobody reads goes first
_LOOK_UP = 500  # texts looked up at once among those that are stored
_HASHES = 80  # in one address
_PATIENCE_SECONDS = 300
State = Literal["waiting", "reading", "read", "stopped", "failed"]


@dataclass
class Intake:
    """What was given, as far as it is read. `done` of `files` are read."""

    id: UUID
    name: str
    files: int
    held: HeldTexts = field(default_factory=HeldTexts)
    problems: list[Unread] = field(default_factory=list)
    estimates: Mapping[str, TextEstimates] = field(default_factory=dict)
    state: State = "waiting"
    done: int = 0
    fault: DashboardError | None = None
    in_use: bool = False  # its texts are being stored with a batch, or wait for that
    cancelled: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still being read."""
        return self.state in ("waiting", "reading")


class Intakes:
    """The givings of this process, by their ids."""

    def __init__(self, generators: Iterable[Generator]) -> None:
        """`generators`: the engines that what is given may be drafted by."""
        self._generators = {one.name: one for one in generators}
        self._intakes: dict[UUID, Intake] = {}
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def begin(
        self,
        intake_id: UUID,
        name: str,
        files: int,
        read: Callable[[Intake], Found],
        close: Callable[[], None] = lambda: None,
    ) -> Intake:
        """Read in the background what `read` finds, and `close` it then; the same id again is the
        same giving."""
        with self._lock:
            if intake_id in self._intakes:
                return self._intakes[intake_id]
            self._let_go()
            estimates = {name: TextEstimates(one) for name, one in self._generators.items()}
            intake = Intake(intake_id, name, files, estimates=estimates)
            self._intakes[intake_id] = intake
        intake.thread = threading.Thread(target=self._run, args=(intake, read, close), daemon=True)
        intake.thread.start()
        return intake

    def of(self, intake_id: UUID) -> Intake:
        """The giving of this id. Raises InvalidInputError if this process does not hold it."""
        try:
            return self._intakes[intake_id]
        except KeyError:
            raise InvalidInputError(
                "The dashboard does not have these texts any more.",
                "Give the files again: nothing was drafted of them yet.",
            ) from None

    def forget(self, intake_id: UUID) -> None:
        """Let go of a giving, unless it is in use."""
        with self._lock:
            intake = self._intakes.get(intake_id)
            if intake is None or intake.in_use:
                return
            del self._intakes[intake_id]
            intake.cancelled.set()
            if not intake.is_open:
                intake.held.close()

    def stop(self) -> None:
        """Let go of all."""
        held = list(self._intakes.values())
        for intake in held:
            intake.cancelled.set()
        join_within((intake.thread for intake in held), STOP_SECONDS)
        for intake in held:
            if not (intake.is_open or intake.in_use):
                intake.held.close()
        self._intakes.clear()

    def _let_go(self) -> None:
        """Of the oldest, where too many are held."""
        done = [one for one in self._intakes.values() if not (one.is_open or one.in_use)]
        for intake in done[: max(0, len(self._intakes) - _KEPT + 1)]:
            self._intakes.pop(intake.id).held.close()

    def _run(
        self, intake: Intake, read: Callable[[Intake], Found], close: Callable[[], None]
    ) -> None:
        try:
            with self._turns:
                intake.state = "reading"
                _read_all(intake, read(intake))
            intake.state = "stopped" if intake.cancelled.is_set() else "read"
        except DashboardError as error:
            intake.fault, intake.state = error, "failed"
        except Exception as error:
            log_fault(log, "Reading texts failed", error)
            intake.fault, intake.state = DashboardError(), "failed"
        finally:
            close()


def _read_all(intake: Intake, found: Found) -> None:
    looked_up = 0
    for one in found:
        if intake.cancelled.is_set():
            return
        if isinstance(one, Unread):
            intake.problems.append(one)
            if len(intake.problems) > MOST:
                raise InvalidInputError(
                    f"More than {MOST:,} of these cannot be read.", "Give other files."
                )
            continue
        for estimates in intake.estimates.values():
            estimates.add(one.text)
        intake.held.add(one)
        if len(intake.held) - looked_up >= _LOOK_UP:
            looked_up = _look_up(intake, looked_up)
    _look_up(intake, looked_up)


def _look_up(intake: Intake, start: int) -> int:
    """Mark those from `start` on that a persona is stored of, or that wait in another batch; where
    the next look-up begins."""
    lines = intake.held.lines
    rows = [
        ReadyRow(number, None, lines[number].md5)
        for number in range(start, len(lines))
        if not lines[number].is_of_persona
    ]
    if rows:
        known = patiently(
            lambda: get_import_jobs().known(rows, ""), intake.cancelled, seconds=_PATIENCE_SECONDS
        )
        intake.held.stored |= known
    for first in range(0, len(rows), _HASHES):
        some = [row.number for row in rows[first : first + _HASHES]]
        hashes = {lines[number].hash for number in some}
        under_way = patiently(
            lambda hashes=hashes: get_batches().under_way(hashes),  # type: ignore[misc]
            intake.cancelled,
            seconds=_PATIENCE_SECONDS,
        )
        intake.held.stored |= {number for number in some if lines[number].hash in under_way}
    return len(lines)
