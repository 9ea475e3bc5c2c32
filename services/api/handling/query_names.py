"""The names in the query of an address: a misspelt filter must not answer everything."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from services.api.handling.problems import RequestProblem

_SHOWN = 50  # characters of a name, and names


def check_query_names(request: Request, known: Sequence[str]) -> None:
    """Raises RequestProblem for a parameter that the operation does not have."""
    unknown = [name[:_SHOWN] for name in request.query_params if name not in known][:_SHOWN]
    if not unknown:
        return
    raise RequestProblem(
        422,
        "invalid-request",
        f"There is no parameter {', '.join(f'“{name}”' for name in unknown[:3])}.",
        f"There are: {', '.join(known)}." if known else "This operation has no parameters.",
        errors=[
            {"place": f"query.{name}", "problem": "There is no such parameter."} for name in unknown
        ],
    )
