"""Generations, exports, imports and the API itself, as programs give and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.access.roles import Role
from services.exports.options import MAX_IDS, Format, PersonaShape, Quoting, Separator
from services.generation.batches import State
from services.generation.requests import Status

MOST_TEXTS = 1000  # of a batch that is given in one request
MOST_ADDRESSES = 100  # of them; they are fetched before anything is stored
_NO_NUL = r"^[^\x00]*$"  # which would be refused once others are stored


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class GenerationIn(_In):
    """A text about one person, or the web address of one; `engine` as GET /engines lists them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Ana Ruiz leads the support team at Nordlys."}]}
    )

    text: str | None = Field(None, min_length=1, description="Or give `url`")
    url: str | None = Field(None, min_length=1, max_length=2000, description="A public page")
    engine: str | None = Field(None, max_length=100, description="The first one if left out")
    about: str = Field("", max_length=200, description="Whom of several people the text is about")


class BatchTextIn(_In):
    """A text about one person, or the web address of one."""

    text: str | None = Field(None, min_length=1, description="Or give `url`")
    url: str | None = Field(None, min_length=1, max_length=2000, description="A public page")
    label: str = Field(
        "", max_length=300, pattern=_NO_NUL, description="To know it again: a file's name, say"
    )


class BatchIn(_In):
    """Texts about several persons, one each."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Interviews of May",
                    "items": [{"text": "Ana Ruiz leads the support team.", "label": "ana.txt"}],
                    "cap_tokens": 100_000,
                }
            ]
        }
    )

    items: list[BatchTextIn] = Field(min_length=1, max_length=MOST_TEXTS)
    name: str = Field("", max_length=200)
    engine: str | None = Field(None, max_length=100, description="The first one if left out")
    about: str = Field("", max_length=200, description="Whom the texts are about")
    cap_usd: float | None = Field(
        None, strict=True, ge=0, le=1e9, description="Never spends more, in USD"
    )
    cap_tokens: int | None = Field(
        None, strict=True, ge=0, le=10**12, description="Never takes more tokens"
    )
    reuse: bool = Field(True, strict=True, description="Take over drafts of equal texts")


class CapIn(_In):
    """What a batch may spend from now on; none for no limit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cap_usd": 2.5}]})

    cap_usd: float | None = Field(None, strict=True, ge=0, le=1e9)
    cap_tokens: int | None = Field(None, strict=True, ge=0, le=10**12)


class BatchOut(BaseModel):
    """A batch with its counts of texts, and what it took so far. Tokens of input and output."""

    id: UUID
    name: str
    created_by: str | None
    state: State
    pause_reason: str | None = Field(description="user, cap (reached), no_price (of the engine)")
    engine: str
    cap_usd: float | None
    cap_tokens: int | None
    spent_usd: float
    spent_tokens: int
    queued: int
    running: int
    saved: int
    failed: int
    cancelled: int
    total: int
    created_at: datetime
    updated_at: datetime


class BatchItemOut(BaseModel):
    """A text of a batch. `id` is that of its generation request."""

    id: UUID
    position: int
    label: str
    status: Status
    persona_id: UUID | None
    error_kind: str | None
    error: str | None


class EngineIn(_In):
    """Which engine drafts; the first one if left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"engine": "offline"}]})

    engine: str | None = Field(None, max_length=100)


class GenerationOut(BaseModel):
    """A request to draft a persona, stored before anything is done; follow it by its id."""

    id: UUID
    kind: Literal["generate", "regenerate"]
    status: Literal["queued", "running", "saved", "failed", "cancelled"]
    interrupted: bool = Field(description="Begun, but nobody works on it any more: run it again")
    engine: str
    persona_id: UUID | None = Field(description="The persona it made, or drafts anew")
    error_kind: str | None
    error: str | None
    progress: float | None = Field(description="0 to 1, while this process works on it")
    created_at: datetime
    updated_at: datetime


class Engines(BaseModel):
    """The engines to choose from, the default first."""

    engines: list[str]


class ExportIn(_In):
    """What to export. Without filters: all personas that are not in the trash."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"format": "csv", "filters": {"status": ["approved"]}}]}
    )

    format: Format = "csv"
    persona: PersonaShape = "columns"
    raw_text: bool = Field(True, strict=True)
    evidence: bool = Field(False, strict=True)
    review: bool = Field(False, strict=True)
    columns: list[str] = Field(default_factory=list, max_length=1000)
    ids: list[UUID] = Field(default_factory=list, max_length=MAX_IDS)
    separator: Separator = ","
    quoting: Quoting = "needed"
    filters: dict[
        Literal[
            "q", "where", "status", "engine", "created", "updated", "coverage", "sort", "order"
        ],
        list[str],
    ] = Field(default_factory=dict, description="As the parameters of the list, each a list")


class ExportOut(BaseModel):
    """An export: fetch `file` within ten minutes, with the same key. Nothing is stored of it."""

    id: str
    file: str = Field(description="The address of the file")
    state: Literal["ready", "counting", "sending", "complete", "broken"]
    rows: int
    rows_sent: int
    bytes: int
    sha256: str | None = Field(description="Of the whole file, once it is complete")
    columns: list[str]


class ImportFile(BaseModel):
    """A file that waits to be checked: its columns, and what they might become."""

    id: UUID
    columns: list[str]
    samples: dict[str, str]
    mapping: dict[str, str] = Field(description="A proposal: column to target")


class MappingIn(_In):
    """Which column becomes what: `raw_text`, `persona`, `persona.role`, `id`, `created_at`, …"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"mapping": {"notes": "raw_text", "name": "persona.name"}}]}
    )

    mapping: dict[str, str] = Field(max_length=16_384)


class ImportOut(BaseModel):
    """An import: `good` rows can be stored, `faulty` ones cannot, `known` were stored before."""

    id: UUID
    file_name: str
    status: Literal["checking", "checked", "saving", "saved", "cancelled", "failed"]
    interrupted: bool
    rows: int
    good: int
    known: int
    faulty: int
    saved: int
    skipped: int
    error: str | None
    created_at: datetime


class ImportProblem(BaseModel):
    """What is wrong with one row; `row` counts as the file does."""

    row: int
    reason: str


class ImportProblems(BaseModel):
    """Problems in the order of the file. `next` continues the list, as `after`; null at its end."""

    items: list[ImportProblem]
    next: int | None


class Health(BaseModel):
    """Whether the API can work now."""

    status: Literal["ok", "database away"]


class KeyOut(BaseModel):
    """The key that asks."""

    name: str | None
    role: Role
    scope: Literal["read", "write"]
    author: str = Field(description="Under which name its changes are recorded")
    expires_at: datetime | None
