"""Every fault as application/problem+json (RFC 9457): the same fault has the same status.

A fault of services/errors keeps its problem and advice; what HTTP alone knows is a
`RequestProblem`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services import errors
from services.database import explained
from services.errors import ConflictError, DashboardError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5  # where nobody says how long to wait

# By class, the nearest one counts. A test asks that each fault finds its line here.
STATUS: Mapping[type[DashboardError], int] = {
    DashboardError: 500,
    errors.SettingsError: 500,
    errors.InvalidInputError: 422,
    errors.RefusedMoveError: 409,
    errors.LocalStackError: 503,
    errors.MigrationError: 503,
    errors.DatabaseError: 503,
    errors.DatabaseTimeoutError: 504,
    errors.RoleError: 403,
    errors.NotSignedInError: 401,
    errors.SignInError: 401,
    errors.RefusedValueError: 422,
    errors.TooLargeError: 413,
    errors.ConflictError: 412,
    errors.NotFoundError: 404,
    errors.GenerationError: 502,
    errors.TextTooLongError: 413,
}


class RequestProblem(Exception):
    """A request that cannot be answered as asked. `more` are further members of the problem."""

    def __init__(
        self,
        status: int,
        name: str,
        problem: str,
        advice: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{problem} {advice}")
        self.status, self.name = status, name
        self.problem, self.advice = problem, advice
        self.headers, self.more = dict(headers or {}), more


PROBLEMS = (RequestProblem, DashboardError, HTTPException, RequestValidationError)


def status_of(error: DashboardError) -> int:
    """The HTTP status of a fault."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem_of(error: DashboardError) -> RequestProblem:
    """The fault as a problem; one that passes by itself says when to try again."""
    error = explained(error)
    headers, more = {}, {}
    if isinstance(error, ConflictError):
        headers["ETag"] = f'"{error.theirs.version}"'
        more["current_version"] = error.theirs.version
    if error.remedy in ("wait", "less"):
        wait = getattr(error, "retry_after", None) or RETRY_SECONDS
        headers["Retry-After"] = str(math.ceil(wait))
    name = _name(type(error))
    status = status_of(error)
    return RequestProblem(status, name, error.problem, error.advice, headers=headers, **more)


def answer(problem: RequestProblem, request_id: str) -> JSONResponse:
    """The problem as a response."""
    body = {
        "type": f"urn:personas:problem:{problem.name}",
        "title": problem.name.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.problem,
        "advice": problem.advice,
        "request_id": request_id,
        **problem.more,
    }
    return JSONResponse(
        jsonable_encoder(body), problem.status, problem.headers, media_type=MEDIA_TYPE
    )


def _name(kind: type[Exception]) -> str:
    words = re.findall(r"[A-Z][a-z]*", kind.__name__.removesuffix("Error"))
    return "-".join(words).lower()
