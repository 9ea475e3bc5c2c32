"""What happens around every operation, in one place.

    who asks (security) → may they (role, scope) → how often (limits) → the body, up to its limit
    → a POST once (once) → the names in the query (query_names) → the operation, in a thread of the
    API, as an Actor → faults as problems

An operation says what it needs by `needs(…)`, or that it needs nothing by `open_to_all(…)`; without
either it cannot be made.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, TypedDict

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Body, Query
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from services.access.acting import acting_as
from services.access.keys.stored import Scope
from services.access.roles import Role
from services.api.handling import problems
from services.api.handling.bodies import FILE, read
from services.api.handling.descriptions import fault_response, responses_of
from services.api.handling.once import once
from services.api.handling.problems import RequestProblem
from services.api.handling.query_names import check_query_names
from services.api.handling.security import Caller, Gate, require
from services.api.handling.threads import in_thread
from services.fault_log import log_fault

log = logging.getLogger(__name__)

Handle = Callable[[Request], Coroutine[Any, Any, Response]]
Answering = Callable[[Request], Awaitable[Response]]


class Rules(TypedDict):
    """What a route decorator takes beside its path."""

    openapi_extra: dict[str, Any]
    responses: dict[int | str, dict[str, Any]]


def open_to_all(responses: dict[int | str, dict[str, Any]]) -> Rules:
    """The rules of an operation that needs no key, and its answers beside that of success."""
    responses = {**responses, 422: fault_response(422)}
    return {"openapi_extra": {"x-role": None, "security": []}, "responses": responses}


def needs(
    role: Role,
    *statuses: int,
    scope: Scope = "write",
    repeatable: bool = False,
    kept: bool = True,
    file: str | None = None,
) -> Rules:
    """The rules of an operation: the role and scope of whoever asks; `statuses` of its own faults,
    beside those that every operation has. A POST that is `repeatable` may be begun twice; one
    whose answer is not `kept` is, when it is sent again. `file` describes a body that is a file.
    """
    extra: dict[str, Any] = {
        "x-role": role.value,
        "x-scope": scope,
        "x-repeatable": repeatable,
        "x-kept": kept,
        "security": [{"key": []}],
    }
    if file:
        schema = {"type": "string", "format": "binary", "description": file}
        extra["requestBody"] = {"required": True, "content": {FILE: {"schema": schema}}}
    return {"openapi_extra": extra, "responses": responses_of(*statuses)}


def reads(role: Role, *statuses: int, file: dict[str, Any] | None = None) -> Rules:
    """The rules of an operation that changes nothing; `file` describes an answer that is one."""
    rules = needs(role, *statuses, scope="read")
    if file:
        rules["responses"][200] = file
    return rules


class Operation(APIRoute):
    """A route of the API. Its function is blocking and runs in a thread of the API."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if "x-role" not in (options.get("openapi_extra") or {}):
            raise TypeError(f"{path} does not say which role it needs")
        if not inspect.iscoroutinefunction(endpoint):
            endpoint = _threaded(endpoint)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handle:
        """The operation with all that stands around it."""
        operate = super().get_route_handler()
        rules = self.openapi_extra or {}
        given = get_flat_params(self.dependant)
        known = [one.alias for one in given if isinstance(one.field_info, Query)]
        takes = _media_type(self)

        async def handle(request: Request) -> Response:
            check_query_names(request, known)
            return await operate(request)

        async def answered(request: Request) -> Response:
            try:
                return await _answered(request, rules, takes, handle)
            except problems.PROBLEMS:
                raise
            except Exception as error:
                log_fault(log, f"{request.method} {self.path} failed", error)
                raise RequestProblem(
                    500,
                    "internal",
                    "The API had an internal error.",
                    "Tell who runs the dashboard, with the request id: its log names the place.",
                ) from None

        return answered


async def _answered(
    request: Request, rules: dict[str, Any], takes: str | None, handle: Answering
) -> Response:
    if rules["x-role"] is None:
        return await handle(request)
    if request.method == "GET":
        return await _read(request, rules, handle)
    caller = _admitted(request, await _caller(request), rules)
    with acting_as(caller.actor):
        changes = rules["x-scope"] == "write"
        given = await read(request, takes=takes, changes=changes)
        try:
            if request.method != "POST":
                return await handle(given)
            how = {"repeatable": rules["x-repeatable"], "kept": rules["x-kept"]}
            return await once(given, caller.name, handle, **how)
        finally:
            if takes == FILE:
                given.state.file.close()


async def _read(request: Request, rules: dict[str, Any], handle: Answering) -> Response:
    """The answer to a request that changes nothing. For a key that was right before it is prepared
    while the database is asked about the key, and leaves only once that is known."""
    gate: Gate = request.app.state.gate
    known = gate.known(request.headers.get("authorization", ""))
    if known is None:
        return await _answered_to(await _caller(request), request, rules, handle)
    asking = asyncio.create_task(_caller(request))
    try:
        response = await _answered_to(known, request, rules, handle)
    finally:
        caller = await asking  # a key that has ended counts more than what was found
    if caller.actor != known.actor:  # their role is another by now
        return await _answered_to(caller, request, rules, handle)
    return response


async def _answered_to(
    caller: Caller, request: Request, rules: dict[str, Any], handle: Answering
) -> Response:
    with acting_as(_admitted(request, caller, rules).actor):
        return await handle(request)


async def _caller(request: Request) -> Caller:
    gate: Gate = request.app.state.gate
    address = request.client.host if request.client else ""
    return await gate.caller(request.headers.get("authorization", ""), address)


def _admitted(request: Request, caller: Caller, rules: dict[str, Any]) -> Caller:
    """The caller, who may do this, and did not ask too often. Raises RequestProblem."""
    request.state.caller = caller
    require(caller, Role(rules["x-role"]), rules["x-scope"])
    gate: Gate = request.app.state.gate
    gate.count(caller)
    return caller


def _media_type(operation: Operation) -> str | None:
    """Of the body that it takes."""
    if "requestBody" in (operation.openapi_extra or {}):
        return FILE
    body = operation.body_field and operation.body_field.field_info
    return body.media_type if isinstance(body, Body) else None


def _threaded(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    async def run(*args: Any, **kwargs: Any) -> Any:
        return await in_thread(endpoint, *args, **kwargs)

    return run
