"""Many texts at once: drafted one by one by all workers, within a cap."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from services.access.roles import Role
from services.api.given import ONCE, Author, Background, MadeId, Work
from services.api.handling.operation import Operation, needs, reads
from services.api.models.work import MOST_ADDRESSES, BatchIn, BatchItemOut, BatchOut, CapIn
from services.api.requests import chosen, texts_of
from services.errors import InvalidInputError
from services.generation.batches import Action, Batch, NewBatch, get_batches
from services.generation.batches.items import new_item
from services.generation.requests import GenerationRequest, NewRequest, Status

router = APIRouter(route_class=Operation, tags=["Batches"], prefix="/batches")
BatchId = Annotated[UUID, Path(description="The id of a batch")]


@router.post(
    "",
    summary="Draft many personas",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 413, repeatable=True),
)
def start(new: BatchIn, author: Author, made: MadeId, work: Work, response: Response) -> BatchOut:
    """Up to 1000 texts about one person each, up to 100 of them as web addresses. All are looked at
    before the first is stored. Follow it at `Location` until its state is `finished`."""
    if sum(item.url is not None for item in new.items) > MOST_ADDRESSES:
        raise InvalidInputError(
            f"A batch takes up to {MOST_ADDRESSES} web addresses.", "Give the rest in another one."
        )
    runner = work.runner()
    engine = chosen(new.engine, runner.engines)
    texts = texts_of(new.items)
    for text in texts:
        runner.check(NewRequest(id=made, raw_text=text, engine=engine))
    options = new.model_dump(include={"name", "about", "cap_usd", "cap_tokens", "reuse"})
    model = runner.generator(engine).model
    batch = NewBatch(id=made, engine=engine, model=model, created_by=author, **options)
    get_batches().create(batch)
    get_batches().enqueue(
        made,
        (
            new_item(runner.generator(engine), position, text, label=new.items[position].label)
            for position, text in enumerate(texts)
        ),
    )
    response.headers["Location"] = f"batches/{made}"
    return _changed(made, "start", work)


@router.get("", summary="List batches", **reads(Role.VIEWER))
def list_batches() -> list[BatchOut]:
    """The newest 50."""
    return [_out(batch) for batch in get_batches().recent()]


@router.get("/{batch_id}", summary="Follow a batch", **reads(Role.VIEWER, 404))
def follow(batch_id: BatchId) -> BatchOut:
    """How many of its texts are drafted, and what it took."""
    return _out(get_batches().read(batch_id))


@router.get("/{batch_id}/items", summary="The texts of a batch", **reads(Role.VIEWER, 404))
def list_items(
    batch_id: BatchId,
    status: Annotated[list[Status], Query(description="Only these", max_length=5)] = [],  # noqa: B006
    after: Annotated[int, Query(ge=-1, le=2**31 - 1, description="Behind this position")] = -1,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[BatchItemOut]:
    """In the order in which they were given: what became of each."""
    get_batches().read(batch_id)
    return [_item_out(one) for one in get_batches().items(batch_id, status, after, limit)]


@router.post(
    "/{batch_id}/pause",
    summary="Pause a batch",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 413, repeatable=True),
)
def pause(batch_id: BatchId, work: Work) -> BatchOut:
    """Begin no further text; what is being drafted is saved."""
    return _changed(batch_id, "pause", work)


@router.post(
    "/{batch_id}/resume",
    summary="Resume a batch",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 413, repeatable=True),
)
def resume(batch_id: BatchId, work: Work) -> BatchOut:
    """Go on with one that was paused; one whose cap is reached needs a higher one first."""
    return _changed(batch_id, "resume", work)


@router.post(
    "/{batch_id}/cancel",
    summary="Cancel a batch",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 413, repeatable=True),
)
def cancel(batch_id: BatchId, work: Work) -> BatchOut:
    """End it for good; what is saved stays."""
    return _changed(batch_id, "cancel", work)


@router.post(
    "/{batch_id}/run",
    summary="Run failed texts again",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 413, repeatable=True),
)
def run_again(batch_id: BatchId, work: Work) -> BatchOut:
    """All that failed or were cancelled."""
    return _changed(batch_id, "run_again", work)


@router.put("/{batch_id}/cap", summary="Set the cap of a batch", **needs(Role.ANALYST, 404, 413))
def set_cap(batch_id: BatchId, cap: CapIn, work: Work) -> BatchOut:
    """What it may spend in all; what is left out has no limit. Resume it afterwards."""
    return _changed(batch_id, "set", work, **cap.model_dump())


@router.delete("/{batch_id}", summary="Forget a batch", status_code=204, **needs(Role.ANALYST, 404))
def forget(batch_id: BatchId) -> None:
    """Delete it and its texts; the personas that came of it stay."""
    get_batches().delete(batch_id)


def _changed(batch_id: UUID, action: Action, work: Background, **values: object) -> BatchOut:
    get_batches().read(batch_id)
    get_batches().change(batch_id, action, **values)
    work.wake_worker()
    return _out(get_batches().read(batch_id))


def _out(batch: Batch) -> BatchOut:
    return BatchOut.model_validate(batch.model_dump())


def _item_out(item: GenerationRequest) -> BatchItemOut:
    return BatchItemOut.model_validate(item.model_dump())
