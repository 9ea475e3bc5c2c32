"""What operations are given beside path, query and body."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, BinaryIO
from uuid import UUID

from fastapi import Depends, Header, Path, Request

from services.access.acting import current_actor
from services.access.roles import Role
from services.api.handling.problems import RequestProblem
from services.api.handling.security import Caller, require
from services.generation.runner import GenerationRunner
from services.importing.runner import ImportRunner

ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')  # proxies that compress answers make it a weak one


@dataclass(frozen=True)
class Background:
    """The background work of this process, which its pages use too."""

    runner: Callable[[], GenerationRunner]
    imports: Callable[[], ImportRunner]
    wake_worker: Callable[[], None]
    cancel_in_worker: Callable[[UUID], None]


async def _background(request: Request) -> Background:
    found: Background = request.app.state.background
    return found


async def _author() -> str:
    """As the pages name it: the id of a member who acts themselves, else the owner and the key."""
    actor = current_actor()
    if actor is None:
        return ""
    return actor.user_id if actor.access_token else actor.name


async def _caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


async def _made(request: Request) -> UUID:
    made: UUID = request.state.made
    return made


async def _file(request: Request) -> BinaryIO:
    file: BinaryIO = request.state.file
    file.seek(0)
    return file


async def _expected_version(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="The `ETag` of the version that is changed, with its quotes",
            examples=['"3"'],
        ),
    ] = None,
) -> int:
    if if_match is None:
        raise RequestProblem(
            428,
            "precondition-required",
            "This changes a persona and needs the header If-Match.",
            "Read the persona, and send its ETag with the change.",
        )
    found = ETAG.fullmatch(if_match.strip())
    if found is None:
        raise RequestProblem(
            400,
            "malformed-etag",
            "The header If-Match holds no ETag of a persona.",
            "Send the ETag that GET /personas/{id} answered, with its quotes.",
        )
    request.state.given_version = int(found[1])
    return int(found[1])


async def _idempotency_key(
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="A new random value for each new request; the same one again to send the "
            "same request again. Kept for 24 hours. 1 to 200 visible ASCII characters",
            examples=["6f1c0f9e-8d0b-4c57-9a43-0d6f3c1f2b11"],
        ),
    ] = None,
) -> None:
    """Only for the documentation: services/api/handling/once.py reads it before the operation."""
    del idempotency_key


def require_role(caller: Caller, role: Role) -> None:
    """For an operation that needs more than its route says. Raises RequestProblem."""
    require(caller, role, "write")


Work = Annotated[Background, Depends(_background)]
Author = Annotated[str, Depends(_author)]
Asking = Annotated[Caller, Depends(_caller)]
MadeId = Annotated[UUID, Depends(_made)]
GivenFile = Annotated[BinaryIO, Depends(_file)]
Expected = Annotated[int, Depends(_expected_version)]
ONCE = Depends(_idempotency_key)

PersonaId = Annotated[UUID, Path(description="The id of a persona")]
