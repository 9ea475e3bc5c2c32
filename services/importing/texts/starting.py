"""What was given becomes a batch: stored with it in the background, then begun.

It may stop anywhere and be done again: a place that is taken in the batch stays as it is. A sample
is a batch that has only some of its texts yet; the others are added when somebody says so.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from services.database.patience import patiently
from services.engines.generator import Generator
from services.engines.parts import Span
from services.errors import DashboardError, TextTooLongError
from services.fault_log import log_fault
from services.generation.batches import Batch, NewBatch, NewItem, get_batches
from services.generation.batches.items import new_item
from services.importing.texts.held import GivenText
from services.importing.texts.intake import Intake
from services.personas.source_spans import spans_of
from services.threads import STOP_SECONDS, join_within

log = logging.getLogger(__name__)

_AT_ONCE = 200  # texts of one call
_PATIENCE_SECONDS = 600


@dataclass
class Storing:
    """A batch that this process stores texts with: `done` of `numbers` are stored."""

    intake: Intake
    engine: str
    numbers: Sequence[int]
    left: Sequence[int] = ()  # texts of the batch that wait until the sample is looked at
    done: int = 0
    running: bool = True
    fault: DashboardError | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class Starter:
    """The batches that this process stores texts with."""

    def __init__(
        self, generators: Mapping[str, Generator], on_stored: Callable[[UUID], None]
    ) -> None:
        """`on_stored` hears of each giving whose texts are all stored."""
        self._generators = generators
        self._on_stored = on_stored
        self._storings: dict[UUID, Storing] = {}
        self._lock = threading.Lock()

    def start(
        self,
        new: NewBatch,
        intake: Intake,
        numbers: Sequence[int],
        sample: int = 0,
    ) -> Batch:
        """Make the batch and store these texts with it in the background, or `sample` of them
        first. The same id again is the same batch."""
        with self._lock:
            if new.id in self._storings:
                return get_batches().read(new.id)
            batch = get_batches().create(new)
            first = spread(numbers, sample) if sample else numbers
            chosen = set(first)
            left = [number for number in numbers if number not in chosen]
            intake.in_use = True
            self._storings[new.id] = Storing(intake, new.engine, first, left)
        self._run(new.id)
        return batch

    def of(self, batch_id: UUID) -> Storing | None:
        """How far this process is with a batch; None if it does not store it."""
        return self._storings.get(batch_id)

    def go_on(self, batch_id: UUID) -> None:
        """Store the rest: what was left beside a sample, or what is missing after a fault."""
        storing = self._storings[batch_id]
        with self._lock:
            if storing.running:
                return
            storing.numbers = [*storing.numbers, *storing.left]
            storing.left, storing.running, storing.fault = (), True, None
        self._run(batch_id)

    def stop(self) -> None:
        """Let go of all."""
        for storing in self._storings.values():
            storing.cancelled.set()
        join_within((one.thread for one in self._storings.values()), STOP_SECONDS)
        self._storings.clear()

    def _run(self, batch_id: UUID) -> None:
        storing = self._storings[batch_id]
        storing.thread = threading.Thread(target=self._store, args=(batch_id, storing), daemon=True)
        storing.thread.start()

    def _store(self, batch_id: UUID, storing: Storing) -> None:
        batches = get_batches()
        try:
            waiting = storing.numbers[storing.done :]
            for start in range(0, len(waiting), _AT_ONCE):
                some = waiting[start : start + _AT_ONCE]
                items = list(self._items(storing, some))
                _patiently(lambda items=items: batches.enqueue(batch_id, items), storing)  # type: ignore[misc]
                storing.done += len(some)
            _patiently(lambda: batches.change(batch_id, "start"), storing)
            if not storing.left:
                self._end(batch_id, storing)
        except DashboardError as error:
            storing.fault = error
        except Exception as error:
            log_fault(log, "Storing the texts of a batch failed", error)
            storing.fault = DashboardError()
        finally:
            storing.running = False

    def _end(self, batch_id: UUID, storing: Storing) -> None:
        storing.intake.in_use = False
        self._storings.pop(batch_id, None)
        self._on_stored(storing.intake.id)

    def _items(self, storing: Storing, numbers: Sequence[int]) -> Iterator[NewItem]:
        generator = self._generators[storing.engine]
        for number, given in storing.intake.held.texts(numbers):
            with suppress(TextTooLongError):  # left out, as was said before
                yield _item(generator, number, given)


def spread(numbers: Sequence[int], count: int) -> list[int]:
    """So many of them, from the whole row."""
    if count >= len(numbers):
        return list(numbers)
    return [numbers[place * len(numbers) // count] for place in range(count)]


def _spans(given: GivenText) -> list[Span]:
    return [(one.start, one.end) for one in spans_of(given.text, given.sources)]


def _item(generator: Generator, number: int, given: GivenText) -> NewItem:
    return new_item(
        generator,
        number,
        given.text,
        _spans(given),
        label=given.label,
        kind=given.kind,
        persona_id=UUID(given.persona_id) if given.persona_id else None,
        sources=given.sources,
        about=given.about or None,
    )


def _patiently(call: Callable[[], object], storing: Storing) -> None:
    patiently(call, storing.cancelled, seconds=_PATIENCE_SECONDS)
