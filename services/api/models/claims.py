"""Evidence, claims, sources and comments as programs give and get them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

POINTER = "A JSON Pointer into the persona, such as `/skills/0`"
POINTER_FORM = r"^(/([^~/]|~[01])*)*$"  # RFC 6901; empty: the persona as a whole


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class EvidenceOut(BaseModel):
    """Words that a claim rests on: `raw_text[start:end]` in Unicode code points."""

    model_config = ConfigDict(from_attributes=True)

    path: str = Field(description=POINTER)
    quote: str
    start: int | None
    end: int | None
    support: str
    accepted: bool = Field(description="A person agreed with it")


class ClaimOut(BaseModel):
    """A claim of the persona and the words it rests on; none: nobody knows where it is from."""

    path: str = Field(description=POINTER)
    value: Any
    evidence: list[EvidenceOut]


class ProposalOut(BaseModel):
    """A claim that was kept out of the persona, and why."""

    number: int = Field(description="Its place in this version's list")
    field: str
    value: str
    quote: str
    reason: str
    explanation: str
    start: int | None
    end: int | None


class ClaimIn(_In):
    """A new claim, resting on `raw_text[start:end]`."""

    field: str = Field(min_length=1, max_length=200, examples=["skills"])
    value: str = Field(min_length=1, max_length=10_000, examples=["SQL"])
    start: int = Field(ge=0, le=2**31 - 1, strict=True)
    end: int = Field(ge=1, le=2**31 - 1, strict=True)


class ClaimPlace(_In):
    """Which claim."""

    path: str = Field(
        min_length=1,
        max_length=1000,
        pattern=POINTER_FORM,
        description=POINTER,
        examples=["/skills/0"],
    )


class ProposalNumber(_In):
    """Which proposal of this version."""

    number: int = Field(ge=0, le=100_000, strict=True)


class SourceOut(BaseModel):
    """One of the texts that `raw_text` is made of: `raw_text[start:end]`."""

    model_config = ConfigDict(from_attributes=True)

    label: str
    added_at: str | None
    start: int
    end: int


class SourceIn(_In):
    """One more text about the person: given, or taken from a web address."""

    text: str | None = Field(None, min_length=1, description="Or give `url`")
    url: str | None = Field(None, min_length=1, max_length=2000)
    label: str = Field(min_length=1, max_length=120, examples=["Second interview"])
    on: date | None = Field(None, description="Its day; today if left out")


class DifferenceOut(BaseModel):
    """One difference between the persona and a new draft; take it over by its `key`."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    field: str
    item: bool = Field(description="Both are items of the list `field`")
    current: Any
    proposed: Any
    kept: str = Field(description="Why the current value stays unless it is chosen; may be empty")
    preselected: bool
    quotes: list[str]


class TakeOver(_In):
    """The keys of the differences to take over."""

    keys: list[str] = Field(max_length=10_000)


class CommentIn(_In):
    """A comment on the persona, or on the field at `path`."""

    text: str = Field(min_length=1, max_length=5000, examples=["Is this still so?"])
    path: str = Field("", max_length=1000, pattern=POINTER_FORM, description=POINTER)


class CommentOut(BaseModel):
    """A comment; `about` is the value that stood at `path` when it was written."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    persona_id: UUID
    path: str
    about: str | None
    text: str
    author: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
