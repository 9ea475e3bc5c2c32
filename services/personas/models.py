"""A persona as it is given, changed, stored and listed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from services.errors import InvalidPersonaError, InvalidTextError
from services.personas.shapes import readable_columns
from services.personas.validation import check_persona

UNREADABLE_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # in the place of one that Python cannot hold
_TIMES = ("created_at", "updated_at", "deleted_at", "reviewed_at", "at")


def check_raw_text(text: str) -> str:
    """The text unchanged. Raises InvalidTextError if it is blank or cannot be stored."""
    if not text.strip():
        raise InvalidTextError("The text is empty.", "Paste the text about the person.")
    if "\x00" in text:
        raise InvalidTextError(
            "The text holds NUL characters, which a database cannot store.",
            "Remove them (they often come from binary files) and try again.",
        )
    return text


def _timestamp(value: object) -> object:
    """Local Supabase writes `2026-11-22 08:32:19.8+00`, which pydantic refuses.

    Postgres also knows infinity, years beyond 9999 and years before Christ.
    """
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return UNREADABLE_TIME


RawText = Annotated[str, AfterValidator(check_raw_text)]
PersonaJson = Annotated[dict[str, Any], AfterValidator(check_persona)]
Timestamp = Annotated[datetime, BeforeValidator(_timestamp)]


class _Model(BaseModel):
    # Errors must not print what people pasted.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class PersonaCreate(_Model):
    """What is needed to store a persona."""

    raw_text: RawText
    persona: PersonaJson


class PersonaUpdate(_Model):
    """What to change; what is left out stays as it is."""

    persona: PersonaJson | None = None
    raw_text: RawText | None = None

    def changes(self) -> dict[str, Any]:
        """The columns to write. Raises InvalidPersonaError if there are none."""
        columns = self.model_dump(exclude_none=True)
        if not columns:
            raise InvalidPersonaError("Nothing to change was given.", "Give persona or raw_text.")
        return columns


class StoredModel(_Model):
    """What the database holds, whichever program wrote it: it can always be read.

    Parts of another shape than services/personas/shapes.py says are left out, and `flaws` names
    them. `repository.repair` stores it without them.
    """

    flaws: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_flaws(cls, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        read, flaws = readable_columns(row)
        times = [name for name in _TIMES if _timestamp(row.get(name)) == UNREADABLE_TIME]
        told = [*flaws, *(f"{name} is not a valid time" for name in times)]
        return {**read, "flaws": (*row.get("flaws", ()), *told)}


class Persona(StoredModel):
    """A stored persona. Times are UTC; `evidence` and `generation` as migration 004 says.

    `version` counts its states from 1; `origin` tells how this one came about (migration 005).
    `deleted_at` is set while it is in the trash. `origins` says who set each value, `sources` which
    texts `raw_text` is made of (migration 008). `status` is where it stands in review;
    `reviewed_by`, `reviewed_at` and `review_note` tell of the last move, `changed_since_review`
    whether persona or text changed after it, `review_priority` its place in the queue (009).
    """

    id: UUID
    raw_text: str
    persona: dict[str, Any]
    created_at: Timestamp
    updated_at: Timestamp
    evidence: list[dict[str, Any]] = Field(default_factory=list)
    generation: dict[str, Any] | None = None
    version: int = 1
    created_by: str | None = None
    updated_by: str | None = None
    origin: dict[str, Any] | None = None
    deleted_at: Timestamp | None = None
    origins: dict[str, Any] = Field(default_factory=dict)
    sources: list[dict[str, Any]] = Field(default_factory=list)
    status: str = "draft"
    reviewed_by: str | None = None
    reviewed_at: Timestamp | None = None
    review_note: str | None = None
    changed_since_review: bool = False
    review_priority: int | None = None

    def readable_parts(self) -> dict[str, Any]:
        """The columns that hold JSON beside the persona, without what could not be read."""
        return self.model_dump(include={"evidence", "sources", "origins", "generation"})


class PersonaSummary(_Model):
    """A persona as the list shows it: without its text. Values may be any JSON as text."""

    id: UUID
    name: str | None = None
    role: str | None = None
    summary: str | None = None
    status: str = "draft"
    created_at: Timestamp
    updated_at: Timestamp
