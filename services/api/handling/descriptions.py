"""What the OpenAPI document says of faults: one entry for each status."""

from __future__ import annotations

from typing import Any

from services.api.handling.problems import MEDIA_TYPE
from services.api.models.problem import Problem

_ALWAYS = (400, 401, 403, 422, 429, 500, 503, 504)  # what every operation with a key may answer
_SAYS = {
    304: "It is still the version in `If-None-Match`.",
    400: "The request cannot be read: broken JSON, or a header that is missing or malformed.",
    401: "No key, or one that is unknown, has ended or was revoked.",
    403: "The key lacks the role or the scope that this needs.",
    404: "There is no such thing (any more).",
    409: "It cannot be done as things stand, or the same request is being done at this moment.",
    412: "Somebody was faster: `given_version` is what you changed, `current_version` what is "
    "stored now. Read it again, and send your change with the new `If-Match`.",
    413: "The request is larger than the limit.",
    415: "The body has another `Content-Type` than this takes, or a `Content-Encoding`.",
    422: "Something that was given cannot be used; `errors` names each place.",
    428: "The header `If-Match` is missing: send the `ETag` of the version that you change.",
    429: "Too many requests, or wrong keys. `Retry-After` says how many seconds to wait.",
    500: "An internal error. The log names the place by the request id.",
    503: "The database cannot be used now. `Retry-After`, where it stands, says when to try again.",
    504: "The database did not answer in time.",
}


def responses_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The fault responses of an operation that has these of its own."""
    return {status: fault_response(status) for status in sorted({*_ALWAYS, *statuses})}


def fault_response(status: int) -> dict[str, Any]:
    """What the document says of one status."""
    if status < 400:
        return {"description": _SAYS[status]}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"model": Problem, "description": _SAYS[status], "content": content}
