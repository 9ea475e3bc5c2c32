"""A fault as programs read it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class FieldFault(BaseModel):
    """What is wrong with one place of the request."""

    place: str = Field(description="`body.persona`, `query.limit`, …")
    problem: str


class Problem(BaseModel):
    """RFC 9457. `type` is stable: go by it. `detail` and `advice` are for people."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:personas:problem:not-found",
                    "title": "Not found",
                    "status": 404,
                    "detail": "This persona does not exist (any more).",
                    "advice": "Go back to the list and reload it.",
                    "request_id": "6f1c0f9e8d0b4c579a430d6f3c1f2b11",
                }
            ]
        },
    )

    type: str = Field(description="Which problem, as `urn:personas:problem:…`")
    title: str
    status: int
    detail: str = Field(description="What is wrong")
    advice: str = Field(description="What to do about it")
    request_id: str = Field(description="As in `X-Request-ID`, and in the log")
    errors: list[FieldFault] | None = None
    given_version: int | None = Field(None, description="412: the version in `If-Match`")
    current_version: int | None = Field(None, description="412: the version that is stored")
    current: dict[str, Any] | None = Field(None, description="412: the persona as it is stored")
    needed_role: str | None = Field(None, description="403: the role that this needs")
