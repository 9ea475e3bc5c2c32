"""A POST is done once: the same Idempotency-Key within a day gets the same answer.

What two callers send under one key are two requests. A fault that says that nothing was done
forgets the request, so that it can be sent again; after a fault that leaves that open, only what
may be done twice without doing it twice (`repeatable`) is done again: it makes what has the same
id. An answer that is not `kept`, because it repeats people's texts, is made anew in the same way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

from starlette.responses import Response

from services.access.answered_requests import (
    Begun,
    begin_request,
    end_request,
    forget_request,
    release_request,
)
from services.api.handling.bodies import ReadRequest
from services.api.handling.problems import PROBLEMS, RequestProblem
from services.api.handling.threads import in_thread
from services.errors import (
    DashboardError,
    DatabaseServerError,
    DatabaseTimeoutError,
    DatabaseUnreachableError,
)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[!-~]{1,200}")
_KEPT = ("etag", "location")  # of the headers of an answer
_NOBODY_KNOWS = (DatabaseTimeoutError, DatabaseUnreachableError, DatabaseServerError)


async def once(
    request: ReadRequest,
    caller: str,
    handle: Callable[[ReadRequest], Awaitable[Response]],
    *,
    repeatable: bool,
    kept: bool = True,
) -> Response:
    """The answer to this POST of `caller`, as it was given if it was given before.

    Raises RequestProblem without a key, while the same request is being done, if the key came with
    another request, or if nobody knows whether it was done.
    """
    key = _key(request)
    begun = await in_thread(
        begin_request, caller, key, _fingerprint(request), repeatable=repeatable
    )
    if begun.answer is not None:
        return _replayed(begun.answer)
    if begun.made is None:
        raise _refusal(begun)
    request.state.made = UUID(begun.made)
    try:
        response = await handle(request)
    except Exception as error:
        with suppress(DashboardError):  # the fault that was met counts
            if not _perhaps_done(error):
                await in_thread(forget_request, caller, key)
            elif repeatable:
                await in_thread(release_request, caller, key)
        raise
    with suppress(DashboardError):  # it was done: a second try would be told that nobody knows
        if kept:
            await in_thread(end_request, caller, key, _kept(response), _persona(request, response))
        else:
            await in_thread(release_request, caller, key)
    return response


def _key(request: ReadRequest) -> str:
    key = request.headers.get(HEADER, "")
    if not KEY.fullmatch(key):
        raise RequestProblem(
            400,
            "idempotency-key-missing",
            f"A POST needs the header {HEADER}: 1 to 200 visible ASCII characters.",
            "Send a new random value, such as a UUID, with each request, and the same value when "
            "you send the same request again.",
        )
    return key


def _fingerprint(request: ReadRequest) -> str:
    asked = f"{request.method} {request.url.path}?{request.url.query} {request.digest}"
    return hashlib.sha256(asked.encode()).hexdigest()


def _perhaps_done(error: Exception) -> bool:
    return isinstance(error, _NOBODY_KNOWS) or not isinstance(error, PROBLEMS)


def _kept(response: Response) -> str:
    headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
    body = bytes(response.body).decode()
    return json.dumps({"status": response.status_code, "headers": headers, "body": body})


def _replayed(answer: str) -> Response:
    kept = json.loads(answer)
    headers = {**kept["headers"], REPLAYED: "true"}
    return Response(kept["body"], kept["status"], headers, media_type="application/json")


def _persona(request: ReadRequest, response: Response) -> UUID | None:
    """Whom the answer is about: it is erased with them."""
    given = request.path_params.get("persona_id")
    if given is None and response.body:
        told = json.loads(bytes(response.body))
        given = told.get("persona_id") if isinstance(told, dict) else None
    return UUID(str(given)) if given else None


def _refusal(begun: Begun) -> RequestProblem:
    if begun.state == "running":
        return RequestProblem(
            409,
            "still-running",
            "The same request is being done at this moment.",
            "Send it again in a second, with the same key, for its answer.",
            headers={"Retry-After": "1"},
        )
    if begun.state == "unknown":
        return RequestProblem(
            409,
            "outcome-unknown",
            "The same request was begun and broke off: nobody knows whether it was done.",
            "Look whether it was; if not, send it with a new key.",
        )
    return RequestProblem(
        422,
        "idempotency-key-reused",
        f"This {HEADER} came with another request within the last 24 hours.",
        "Send a new value with each new request.",
    )
