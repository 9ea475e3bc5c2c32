"""The OpenAPI document: what FastAPI writes, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.access.keys.stored import PREFIX
from services.api.given import ETAG
from services.api.handling.descriptions import fault_response
from services.api.handling.limits import FAILED_TRIES, MAX_BODY, MAX_FILE, MAX_QUESTION
from services.api.handling.once import KEY
from services.api.models.problem import FieldFault, Problem

_MUST = {  # without these headers an operation is refused
    "If-Match": ETAG.pattern,
    "Idempotency-Key": KEY.pattern,
}
# What an answer names: by operation, its status and the parameter that its `id` is.
_LINKS = {
    ("post", "/personas"): ("201", "persona_id"),
    ("post", "/generations"): ("202", "request_id"),
    ("post", "/personas/{persona_id}/comments"): ("201", "comment_id"),
    ("post", "/imports"): ("201", "job_id"),
    ("post", "/exports"): ("201", "token"),
}
_ABOUT = f"""What analysts do on the pages, programs do here: the same personas, the same rules.

**Keys.** Send `Authorization: Bearer {PREFIX}…`. Keys are made on the page *API keys*, or by
`python -m services.access.keys make`. A key has a role (viewer, analyst, reviewer, admin: each may
do what those before it may) and a scope (read, write). Each operation names the role that it needs.

**Changes.** A persona is read with an `ETag`, its version. Send it as `If-Match` with a change: 428
without it, 412 if somebody was faster. Every POST needs an `Idempotency-Key`: the same request with
the same key within 24 hours gets the same answer, and is done once.

**Faults** are `application/problem+json`: go by `type`, show people `detail` and `advice`.

**Limits.** A request holds up to {MAX_BODY >> 20} MB, {MAX_QUESTION >> 20} MB where it changes
nothing, and a file for import {MAX_FILE >> 20} MB (413).
A key may send as many requests a minute as `API_REQUESTS_PER_MINUTE` says, and an address
{FAILED_TRIES} wrong keys a minute (429 with `Retry-After`).
"""


def document(api: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if api.openapi_schema is None:
        api.openapi_schema = _made(api)
    return api.openapi_schema


def _made(api: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=api.title,
        version=api.version,
        description=_ABOUT,
        routes=api.routes,
        separate_input_output_schemas=False,
    )
    components = found["components"]
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of the page API keys"}
    }
    for model in (Problem, FieldFault):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        components["schemas"][model.__name__] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for operations in found["paths"].values():
        for operation in operations.values():
            _complete(operation)
    for (method, path), (status, parameter) in _LINKS.items():
        responses = found["paths"][path][method]["responses"]
        responses[status]["links"] = _links(found["paths"], parameter)
    return found


def _links(paths: dict[str, Any], parameter: str) -> dict[str, Any]:
    """Every operation whose address takes the parameter."""
    taking = [
        operation
        for path, operations in paths.items()
        for operation in operations.values()
        if f"{{{parameter}}}" in path
    ]
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": {f"path.{parameter}": "$response.body#/id"},
        }
        for operation in taking
    }


def _complete(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in _MUST:
            parameter["required"] = True
            pattern = _MUST[parameter["name"]]
            parameter["schema"] = {"type": "string", "pattern": f"^{pattern}$"}
    role = operation.get("x-role")
    told = f"Needs the role **{role}**, scope {operation['x-scope']}." if role else "Needs no key."
    operation["description"] = f"{operation.get('description', '')}\n\n{told}".strip()
    if "requestBody" in operation:
        fault = fault_response(415)
        operation["responses"]["415"] = {name: fault[name] for name in ("description", "content")}
    for status, response in operation["responses"].items():
        if int(status) >= 400 and "application/problem+json" in response.get("content", {}):
            response["content"].pop("application/json", None)
        headers = response.setdefault("headers", {})
        headers["X-Request-ID"] = {"schema": {"type": "string"}}
        if status in ("429", "503"):
            headers["Retry-After"] = {"schema": {"type": "string"}, "description": "Seconds"}
