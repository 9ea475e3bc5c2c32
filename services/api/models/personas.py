"""Personas as programs give and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from services.api.models.claims import POINTER_FORM
from services.personas.models import PersonaCreate
from services.personas.reviewing.workflow import Status

EXAMPLE: JsonDict = {
    "raw_text": "Ana Ruiz leads the support team at Nordlys. She writes SQL every day.",
    "persona": {
        "name": "Ana Ruiz",
        "role": "Support lead",
        "company": "Nordlys",
        "skills": ["SQL"],
    },
}


class PersonaIn(PersonaCreate):
    """A persona and the text it is about. `persona` is any JSON object, up to 5 MB."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]}, extra="forbid")


class PersonaPatch(BaseModel):
    """A JSON Merge Patch (RFC 7396) of `persona` and `raw_text`: what is left out stays, null takes
    a field of the persona out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"persona": {"role": "Head of support", "company": None}}]},
        extra="forbid",
        hide_input_in_errors=True,
    )

    persona: dict[str, Any] | None = None
    raw_text: str | None = None


class PersonaOut(BaseModel):
    """A stored persona. `version` counts its states from 1 and is its `ETag`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    raw_text: str
    persona: dict[str, Any]
    version: int
    status: str = Field(description="Where it stands in review")
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None
    origin: dict[str, Any] | None = Field(description="How this version came about")
    generation: dict[str, Any] | None = Field(description="What drafted it; null: by hand")
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_note: str | None
    changed_since_review: bool
    flaws: list[str] = Field(description="What of the stored row could not be read")


class PersonaItem(BaseModel):
    """A persona as the list shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str | None
    role: str | None
    summary: str | None
    status: str
    engine: str = Field(description="What drafted it; empty: by hand")
    coverage: int | None = Field(description="Percentage of its claims that have a source")
    created_at: datetime
    updated_at: datetime
    snippet: str | None = Field(description="Words around what was found")


class PersonaPage(BaseModel):
    """Some personas. `next` and `previous` are cursors; null at the ends."""

    items: list[PersonaItem]
    next: str | None
    previous: str | None
    similar: bool = Field(description="Nothing matched: these names look like the words")


class Count(BaseModel):
    """How many match: counted, or (not `exact`) as the database expects."""

    count: int
    exact: bool


class VersionItem(BaseModel):
    """A version as the history lists it."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    operation: str
    author: str
    origin: dict[str, Any]
    status: str | None
    at: datetime


class VersionPage(BaseModel):
    """Versions, newest first. `next` continues the list, as `before`; null at its end."""

    items: list[VersionItem]
    next: int | None


class VersionOut(VersionItem):
    """A version with all that the persona held then."""

    persona: dict[str, Any]
    raw_text: str
    evidence: list[dict[str, Any]]
    generation: dict[str, Any] | None


class ChangeOut(BaseModel):
    """One difference; `path` is a JSON Pointer."""

    model_config = ConfigDict(from_attributes=True)

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


class RestoreIn(BaseModel):
    """What to take from the version: all of it, or the field at `path` (a JSON Pointer); of a list
    always all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"path": "/role"}]})

    path: str = Field("", max_length=1000, pattern=POINTER_FORM)


class StatusIn(BaseModel):
    """Where the persona is to stand in review, and a note for who looks at it later."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"status": "in_review"}]}
    )

    status: Status
    note: str = Field("", max_length=2000)


class MoveOut(BaseModel):
    """Where the persona stands now."""

    id: UUID
    status: Status
    version: int


class QueueOut(BaseModel):
    """A persona that waits for review, and why it should be looked at."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str | None
    role: str | None
    status: Status
    version: int
    risk: int
    claims: int
    unsourced: int
    unsure: int
    proposals: int
    misshapen: int
    waiting_since: datetime
    changed_since_review: bool
    open_comments: int


class QueuePage(BaseModel):
    """Waiting personas, the riskiest first. `next` continues the list; null at its end."""

    items: list[QueueOut]
    next: str | None


class TrashedOut(BaseModel):
    """A persona in the trash; `deleted_by` put it there."""

    id: UUID
    name: str | None
    role: str | None
    deleted_by: str | None
    deleted_at: datetime


class Statistics(BaseModel):
    """How many personas there are, and where they stand."""

    personas: int
    exact: bool = Field(description="False: the counts are what the database expects")
    by_status: dict[Status, int]
    waiting_for_review: int = Field(description="Counted up to 1,000")
    in_trash: int
    unfinished_requests: int = Field(description="Generations without a persona, up to 50")
    first_created_at: datetime | None
    last_created_at: datetime | None
