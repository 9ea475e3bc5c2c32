"""Texts in, drafts of personas out: submitted, followed, cancelled, run again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.access.roles import Role
from services.api.given import ONCE, Author, Background, MadeId, Work
from services.api.handling.operation import Operation, needs, reads
from services.api.handling.problems import RequestProblem
from services.api.models.work import Engines, GenerationIn, GenerationOut
from services.api.requests import chosen, generation_out, text_of
from services.generation.cancelling import cancel_request
from services.generation.requests import NewRequest, get_generation_requests

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
    engine, text = chosen(new.engine, runner.engines), text_of(new.text, new.url)
    request = NewRequest(id=made, raw_text=text, engine=engine, about=new.about, created_by=author)
    response.headers["Location"] = f"generations/{made}"
    return generation_out(runner.submit(request), runner)


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
    """Stop it; its text stays. One that another process works on goes on. One that is being worked
    on here ends a moment later."""
    get_generation_requests().read(request_id)
    cancel_request(request_id, work.runner().cancel, work.cancel_in_worker)
    return _read(request_id, work)


@router.post(
    "/generations/{request_id}/run",
    summary="Run a request again",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def run_again(request_id: RequestId, work: Work) -> GenerationOut:
    """Start a failed, cancelled or interrupted request once more, with the same text. Those of a
    batch are run again by their batch."""
    found = _alone(request_id, work)
    work.runner().run_again(request_id)
    return found


@router.post(
    "/generations/{request_id}/finish",
    summary="Finish without failed parts",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def finish(request_id: RequestId, work: Work) -> GenerationOut:
    """Make the persona of a long text from the parts that were read; those that failed stay out.
    Not of a request of a batch."""
    found = _alone(request_id, work)
    work.runner().finish_without_failed_parts(request_id)
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


def _alone(request_id: UUID, work: Background) -> GenerationOut:
    """A request that may be run by itself. Raises RequestProblem for one that its batch runs."""
    found = get_generation_requests().read(request_id)
    if found.batch_id is not None and found.status in ("failed", "cancelled"):
        raise RequestProblem(
            409,
            "in-a-batch",
            "This request belongs to a batch, which keeps to its cap: it is not run by itself.",
            f"Send POST /batches/{found.batch_id}/run to run all that failed or were cancelled.",
        )
    return generation_out(found, work.runner())


def _read(request_id: UUID, work: Background) -> GenerationOut:
    return generation_out(get_generation_requests().read(request_id), work.runner())
