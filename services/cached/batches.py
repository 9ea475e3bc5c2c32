"""Batches: started, followed, paused, gone on with, looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from services.access.needs import needs
from services.access.roles import Role
from services.cached.background import get_intakes, get_runner, get_starter, get_worker
from services.cached.reads import forget_batches, forgetting
from services.engines.prices import Prices
from services.errors import NotFoundError
from services.generation.batch_files.repository import FileRepository, StoredFile
from services.generation.batch_files.sending import asks_in_files
from services.generation.batches import Action, Batch, NewBatch, get_batches
from services.generation.requests import GenerationRequest, Status
from services.importing.texts.estimate import Range
from services.importing.texts.starting import Storing
from services.settings import get_settings

_PAGE = 500


@dataclass(frozen=True)
class Rest:
    """Texts of a batch that wait until its sample is looked at, and what they will take."""

    number: int
    estimate: Range | None


@needs(Role.ANALYST)
def start_batch(new: NewBatch, numbers: Sequence[int], sample: int = 0) -> Batch:
    """Make a batch of these texts of the giving with the same id; they are stored in the
    background, `sample` of them first. The same id again is the same batch.
    """
    intake = get_intakes().of(new.id)
    with forgetting(forget_batches):
        return get_starter().start(new, intake, numbers, sample)


def price_in_files(engine: str) -> float | None:
    """What of the price the engine's questions cost in files; None if it is not asked so."""
    if not asks_in_files(get_runner().generator(engine)):
        return None
    return get_settings().openai_batch_price_share


def batch_files(batch_id: UUID) -> list[StoredFile]:
    """The files of questions of a batch; never cached, because its page follows them."""
    return FileRepository("").of_batch(batch_id)


def batch(batch_id: str) -> Batch:
    """The batch as it is now; never cached, because pages follow it. Raises NotFoundError."""
    return get_batches().read(batch_id)


def is_batch(intake_id: UUID) -> bool:
    """Whether what was given under this id has become a batch."""
    if get_starter().of(intake_id):
        return True
    try:
        get_batches().read(intake_id)
    except NotFoundError:
        return False
    return True


def storing_of(batch_id: UUID) -> Storing | None:
    """How far this process is with storing the texts of a batch; None if it does not."""
    return get_starter().of(batch_id)


def rest_of_batch(of: Batch) -> Rest | None:
    """What waits behind the sample of a batch; None if nothing does, or another process holds
    it."""
    storing = get_starter().of(of.id)
    if storing is None or not storing.left:
        return None
    estimates = storing.intake.estimates[of.engine]
    expected = estimates.most(storing.numbers)
    tokens = expected.input_tokens + expected.output_tokens
    share = of.spent_tokens / tokens if tokens and of.spent_tokens else None
    prices = Prices.from_settings(get_settings())
    return Rest(len(storing.left), estimates.range(storing.left, prices, share))


def most_of_next(batch_id: UUID) -> tuple[float, int]:
    """The most that the next text may take: USD, tokens."""
    return get_batches().most_of_next(batch_id)


@needs(Role.ANALYST)
def go_on_with_rest(batch_id: UUID) -> None:
    """Store what waits behind the sample, or what is missing after a fault."""
    with forgetting(forget_batches):
        get_starter().go_on(batch_id)


@needs(Role.ANALYST)
def change_batch(batch_id: UUID, action: Action, **values: Any) -> int:
    """Pause, resume, cancel, run again, or set a cap; how many texts it moved."""
    with forgetting(forget_batches):
        changed = get_batches().change(batch_id, action, **values).changed
    if worker := get_worker():
        worker.wake()
    return changed


def batch_items(
    batch_id: UUID | str, statuses: Sequence[Status] = (), most: int | None = None
) -> list[GenerationRequest]:
    """Texts of a batch in their order, up to `most`; never cached."""
    return list(islice(_items(batch_id, statuses), most))


def _items(batch_id: UUID | str, statuses: Sequence[Status]) -> Iterator[GenerationRequest]:
    after = -1
    while items := get_batches().items(batch_id, statuses, after, _PAGE):
        yield from items
        after = items[-1].position if items[-1].position is not None else after
        if len(items) < _PAGE:
            return
