"""The FastAPI application: its routes, its faults, its OpenAPI document."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from services.access.own_token import name_keys
from services.api.given import Background
from services.api.handling.head import Head
from services.api.handling.problems import RequestProblem, answer, problem_of
from services.api.handling.request_ids import RequestIds
from services.api.handling.security import Gate
from services.api.models.personas import PersonaOut
from services.api.openapi import document
from services.api.routes import (
    batches,
    claims,
    exports,
    generations,
    health,
    imports,
    personas,
    reviewing,
    sources,
    trash,
    versions,
)
from services.errors import ConflictError, DashboardError
from services.settings import Settings

VERSION = "1"
_ROUTERS = (
    personas, versions, claims, sources, reviewing, trash, generations, batches, exports, imports,
    health,
)  # fmt: skip


def make_api(settings: Settings, background: Background) -> FastAPI:
    """The API, to be mounted at its address. `background` is what the pages work with too."""
    name_keys()
    api = FastAPI(
        title="Personas",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    api.state.gate = Gate(settings.api_requests_per_minute)
    api.state.background = background
    for routes in _ROUTERS:
        api.include_router(routes.router)
    api.openapi = lambda: document(api)  # type: ignore[method-assign]
    api.add_middleware(RequestIds)
    api.add_middleware(Head)
    api.add_exception_handler(RequestProblem, _problem)
    api.add_exception_handler(DashboardError, _fault)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    return api


def api_routes(base: str, api: FastAPI) -> list[BaseRoute]:
    """Routes for st.App, behind those of the documentation: the API, and whatever else is asked for
    below /api/ is not there. `base` is "" or the path that all addresses of the dashboard share."""
    nothing = Starlette(
        middleware=[Middleware(RequestIds)], exception_handlers={HTTPException: _http}
    )
    return [_mounted(f"{base}/api/v1", api), _mounted(f"{base}/api", nothing)]


def _mounted(path: str, app: ASGIApp) -> Mount:
    mount = Mount(path, app)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)  # line breaks are no way out
    return mount


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestProblem)  # noqa: S101 - for the type checker
    return answer(error, request.state.request_id)


async def _fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, DashboardError)  # noqa: S101 - for the type checker
    problem = problem_of(error)
    if isinstance(error, ConflictError):
        problem.more["given_version"] = getattr(request.state, "given_version", None)
        problem.more["current"] = PersonaOut.model_validate(error.theirs)
    return answer(problem, request.state.request_id)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    faults = [_field_fault(one) for one in error.errors()[:20]]
    problem = RequestProblem(
        422,
        "invalid-request",
        "; ".join(f"{one['place']}: {one['problem']}" for one in faults[:3]),
        "Correct it and send it again.",
        errors=faults,
    )
    return answer(problem, request.state.request_id)


def _field_fault(fault: dict[str, Any]) -> dict[str, str]:
    """Without what was given, which may be a person's text."""
    told = fault.get("ctx", {}).get("error")
    message = str(told) if isinstance(told, DashboardError) else str(fault["msg"])
    return {"place": ".".join(str(part) for part in fault["loc"]), "problem": message}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    names = {404: "no-such-address", 405: "method-not-allowed"}
    advice = "See /api/docs for what there is."
    problem = RequestProblem(
        error.status_code,
        names.get(error.status_code, "refused"),
        str(jsonable_encoder(error.detail)),
        advice,
        headers=error.headers,
    )
    if error.status_code == 405:
        problem.headers["Allow"] = ", ".join(_methods(request))
    return answer(problem, request.state.request_id)


def _methods(request: Request) -> list[str]:
    """Those that this address knows."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    here = [one for one in request.app.routes if isinstance(one, Route)]
    of_nouns = [one for noun in _ROUTERS for one in noun.router.routes if isinstance(one, Route)]
    known = [one for one in (*here, *of_nouns) if one.path_regex.match(path)]
    methods = {method for one in known for method in one.methods or ()}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)
