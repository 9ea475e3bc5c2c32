"""A batch and its requests, as they are given and as they are stored."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.generation.requests import Kind, OneLine
from services.personas.models import RawText, StoredModel, Timestamp

State = Literal["preparing", "running", "paused", "cancelled", "finished"]
Way = Literal["calls", "batch_api"]
Action = Literal["start", "resume", "pause", "cancel", "run_again", "set"]
Label = Annotated[str, AfterValidator(lambda given: " ".join(given.split())[:300])]
Name = Annotated[str, AfterValidator(lambda given: " ".join(given.split())[:200])]


class NewBatch(BaseModel):
    """A batch to make. `id` is chosen by the page: the same id is the same batch.

    `calls_after_files`: what a file does not bring is asked singly; `reuse`: earlier drafts of
    equal texts are taken over.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: UUID
    name: Name = ""
    engine: str
    model: str | None = None
    about: OneLine = ""
    way: Way = "calls"
    calls_after_files: bool = True
    reuse: bool = True
    priority: int = 0
    cap_usd: float | None = Field(None, ge=0)
    cap_tokens: int | None = Field(None, ge=0)
    created_by: str | None = None


class NewItem(BaseModel):
    """A request of a batch. `max_usd`, `max_tokens`: what a try takes at most (`spent.most_of`)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    position: int = Field(ge=0)
    raw_text: RawText
    label: Label = ""
    kind: Kind = "generate"
    persona_id: UUID | None = None
    sources: list[dict[str, Any]] = Field(default_factory=list)
    about: OneLine | None = None  # None: as the batch
    text_hash: str | None = None
    max_usd: float | None = None
    max_tokens: int | None = None


class Batch(StoredModel):
    """A stored batch. Money in USD, tokens of input and output together."""

    id: UUID
    name: str = ""
    created_by: str | None = None
    state: State
    pause_reason: str | None = None
    engine: str
    model: str | None = None
    about: str = ""
    way: Way = "calls"
    calls_after_files: bool = True
    reuse: bool = True
    priority: int = 0
    cap_usd: float | None = None
    cap_tokens: int | None = None
    reserved_usd: float = 0
    reserved_tokens: int = 0
    spent_usd: float = 0
    spent_tokens: int = 0
    queued: int = 0
    running: int = 0
    saved: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0
    created_at: Timestamp
    updated_at: Timestamp


class BatchChange(BaseModel):
    """What a change did: the state then, and how many requests were moved."""

    state: State
    changed: int = 0
    left: bool = False


class Failures(StoredModel):
    """Requests of a batch that failed for one reason, with one of their messages."""

    error_kind: str | None = None
    requests: int
    example: str | None = None
