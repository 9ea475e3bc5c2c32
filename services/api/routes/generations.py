"""Texts in, drafts of personas out: submitted, followed, cancelled, run again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Path, Response

from services.access.roles import Role
from services.api.given import ONCE, Author, MadeId, Work
from services.api.handling.operation import Operation, needs, reads
from services.api.models.work import Engines, GenerationIn, GenerationOut, GenerationsIn
from services.api.requests import chosen, generation_out, text_of
from services.generation.requests import NewRequest, get_generation_requests
from services.generation.runner import GenerationRunner

router = APIRouter(route_class=Operation, tags=["Generations"])
RequestId = Annotated[UUID, Path(description="The id of a generation request")]


@router.get("/engines", summary="List engines", **reads(Role.VIEWER))
def list_engines(work: Work) -> Engines:
    """What drafts personas here, the default first."""
    return Engines(engines=list(work.runner().engines))


@router.post(
    "/generations",
    summary="Draft a persona",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 409, 413, repeatable=True),
)
def submit(
    new: GenerationIn, author: Author, made: MadeId, work: Work, response: Response
) -> GenerationOut:
    """From a text or a web address, in the background. Follow it at `Location`: when its status is
    `saved`, `persona_id` names the persona."""
    runner = work.runner()
    response.headers["Location"] = f"generations/{made}"
    return _submitted(new, made, author, runner)


@router.post(
    "/batches",
    summary="Draft several personas",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 409, 413, repeatable=True),
)
def submit_several(
    new: GenerationsIn, author: Author, made: MadeId, work: Work
) -> list[GenerationOut]:
    """Up to 100 texts or web addresses about one person each; the answer has their order. All
    are looked at before the first is stored."""
    runner = work.runner()
    texts = [text_of(item.text, item.url) for item in new.items]
    read = [
        GenerationIn(text=text, engine=item.engine)
        for text, item in zip(texts, new.items, strict=True)
    ]
    for item in read:
        runner.check(_request(item, made, author, runner))
    return [
        _submitted(item, uuid5(made, str(number)), author, runner)
        for number, item in enumerate(read)
    ]


@router.get("/generations", summary="List unfinished requests", **reads(Role.VIEWER))
def list_unfinished(work: Work) -> list[GenerationOut]:
    """Up to 50 without a persona, newest first: waiting, running, failed or cancelled."""
    runner = work.runner()
    return [generation_out(one, runner) for one in get_generation_requests().unfinished()]


@router.get("/generations/{request_id}", summary="Follow a request", **reads(Role.VIEWER, 404))
def follow(request_id: RequestId, work: Work) -> GenerationOut:
    """How far it is, what became of it, and what was wrong if it failed."""
    return _read(request_id, work)


@router.post(
    "/generations/{request_id}/cancel",
    summary="Cancel a request",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def cancel(request_id: RequestId, work: Work) -> GenerationOut:
    """Stop it; its text stays. One that another process works on goes on."""
    found = _read(request_id, work)
    work.runner().cancel(request_id)
    return found


@router.post(
    "/generations/{request_id}/run",
    summary="Run a request again",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def run_again(request_id: RequestId, work: Work) -> GenerationOut:
    """Start a failed, cancelled or interrupted request once more, with the same text."""
    found = _read(request_id, work)
    work.runner().run_again(request_id)
    return found


@router.delete(
    "/generations/{request_id}",
    summary="Forget a request",
    status_code=204,
    **needs(Role.ANALYST, 404),
)
def forget(request_id: RequestId) -> None:
    """Delete it and its text; its persona, if there is one, stays."""
    get_generation_requests().read(request_id)
    get_generation_requests().delete(request_id)


def _read(request_id: UUID, work: Work) -> GenerationOut:
    return generation_out(get_generation_requests().read(request_id), work.runner())


def _request(new: GenerationIn, made: UUID, author: str, runner: GenerationRunner) -> NewRequest:
    engine = chosen(new.engine, runner.engines)
    return NewRequest(
        id=made, raw_text=text_of(new.text, new.url), engine=engine, created_by=author
    )


def _submitted(
    new: GenerationIn, made: UUID, author: str, runner: GenerationRunner
) -> GenerationOut:
    return generation_out(runner.submit(_request(new, made, author, runner)), runner)
