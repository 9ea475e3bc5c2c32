"""Requests to generate a persona, stored before any work is done, so that none can be lost.

    queued <─> running ──> saved (has persona_id)
                  ├──────> failed (has error_kind and error) ──> running again
                  └──────> cancelled ───────────────────────────> running again

A worker holds a request while it beats: every few seconds it renews `heartbeat_at`. When the beat
stops for STALE_AFTER seconds, the process is gone and anybody may run the request again; a
worker goes on with it by itself (services/generation/worker). A dashboard that stops hands its
requests back: queued, without a worker.

A request of kind "regenerate" has its persona_id from the start and changes no persona: saved means
that its result stands in `proposal`, until somebody takes it over or dismisses it. Kind "fill"
writes the persona of a stored text that has none. Requests of a batch are claimed by workers
(services/generation/worker), never one by one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.database.functions import call_function
from services.errors import NotFoundError
from services.evidence.text.equality import text_hash
from services.personas.models import RawText, StoredModel, Timestamp

TABLE = "generation_requests"
ABOUT_LONGEST = 200  # characters
STALE_AFTER = timedelta(seconds=20)
OneLine = Annotated[str, AfterValidator(lambda given: " ".join(given.split())[:ABOUT_LONGEST])]
Status = Literal["queued", "running", "saved", "failed", "cancelled"]
Kind = Literal["generate", "regenerate", "fill"]
_COLUMNS = (
    "id,status,engine,model,error_kind,error,persona_id,heartbeat_at,created_at,updated_at,preview"
)


class GenerationRequest(StoredModel):
    """A stored request; `raw_text` is only read where it is needed."""

    id: UUID
    status: Status
    engine: str
    model: str | None = None
    error_kind: str | None = None
    error: str | None = None
    persona_id: UUID | None = None
    heartbeat_at: Timestamp | None = None
    created_at: Timestamp
    updated_at: Timestamp
    raw_text: str = ""
    preview: str = ""  # how the text begins
    kind: Kind = "generate"
    sources: list[dict[str, Any]] = Field(default_factory=list)
    proposal: dict[str, Any] | None = None
    spent: dict[str, Any] | None = None  # by tries that came to no persona: {usage, cost}
    about: str = ""  # whom the persona is to be about, if it was said
    batch_id: UUID | None = None
    position: int | None = None  # its place in the batch
    label: str = ""  # the file or row it is from
    attempts: int = 0
    run_after: Timestamp | None = None

    @property
    def is_interrupted(self) -> bool:
        """Begun or waiting, but nobody works on it any more."""
        last_sign = self.heartbeat_at or self.created_at
        return self.status in ("queued", "running") and (
            datetime.now(UTC) - last_sign > STALE_AFTER
        )

    @property
    def is_open(self) -> bool:
        """Somebody works on it, or is about to."""
        return self.status in ("queued", "running") and not self.is_interrupted


class NewRequest(BaseModel):
    """A request to store. `id` is chosen by the page: the same id is the same request."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: UUID
    raw_text: RawText
    engine: str
    model: str | None = None
    kind: Kind = "generate"
    persona_id: UUID | None = None
    sources: list[dict[str, Any]] = Field(default_factory=list)
    created_by: str | None = None
    about: OneLine = ""
    reuse: bool = True  # an earlier draft of an equal text is taken over


class GenerationRequestRepository:
    """Generation requests over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def submit(self, new: NewRequest, worker: str) -> GenerationRequest:
        """Store the request for `worker`. Submitting the same id again changes nothing."""
        row = {
            **new.model_dump(mode="json"),
            "worker": worker,
            "text_hash": text_hash(new.raw_text),
        }
        with translated_faults():
            query = self._client.table(TABLE).upsert(row, ignore_duplicates=True, on_conflict="id")
            query.execute()
        return self.read(new.id)

    def read(self, request_id: str | UUID) -> GenerationRequest:
        """The request with its text. Raises NotFoundError."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("id", str(request_id))
            response = query.limit(1).execute()
        rows = expect_rows(response.data)
        if not rows:
            raise NotFoundError("This generation request does not exist.", "Start a new one.")
        return GenerationRequest.model_validate(rows[0])

    def unfinished(self, limit: int = 50) -> list[GenerationRequest]:
        """Requests of no batch without a persona, newest first, without their texts."""
        with translated_faults():
            query = self._client.table(TABLE).select(_COLUMNS).neq("status", "saved")
            query = query.eq("kind", "generate").is_("batch_id", "null")
            response = query.order("created_at", desc=True).limit(limit).execute()
        return [GenerationRequest.model_validate(row) for row in expect_rows(response.data)]

    def regeneration(self, persona_id: str | UUID) -> GenerationRequest | None:
        """The latest request to regenerate this persona, with its proposal if it has one."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("persona_id", str(persona_id))
            query = query.eq("kind", "regenerate").order("created_at", desc=True)
            response = query.limit(1).execute()
        rows = expect_rows(response.data)
        return GenerationRequest.model_validate(rows[0]) if rows else None

    def claim(self, request_id: UUID, worker: str) -> bool:
        """Take the request to work on it; False if it is saved or somebody else holds it."""
        seconds = int(STALE_AFTER.total_seconds())
        arguments = {
            "request_id": str(request_id),
            "worker": worker,
            "stale_after_seconds": seconds,
        }
        return bool(call_function("claim_generation", arguments))

    def hand_back(self, request_id: UUID, worker: str, spent: dict[str, Any] | None = None) -> None:
        """Let go of the request, for any dashboard to go on with; nothing if it is held no more."""
        change: dict[str, Any] = {
            "status": "queued",
            "worker": None,
            "heartbeat_at": None,
            "resumed": 0,
            **({} if spent is None else {"spent": spent}),
        }
        with translated_faults():
            query = self._client.table(TABLE).update(change).eq("id", str(request_id))
            query.eq("worker", worker).in_("status", ["queued", "running"]).execute()

    def beat(self, request_id: UUID, worker: str) -> bool:
        """Tell that `worker` still holds the request, waiting or running; False if it does not."""
        arguments = {"request_id": str(request_id), "worker": worker}
        return bool(call_function("heartbeat_generation", arguments))

    def finish(self, request_id: UUID, worker: str, result: dict[str, Any]) -> UUID:
        """Store the persona and close the request in one step; twice gives the same persona.

        `result` has persona (object), evidence (list) and generation (object).
        """
        arguments = {"request_id": str(request_id), "worker": worker}
        arguments |= {name: json.dumps(value) for name, value in result.items()}
        return UUID(str(call_function("finish_generation", arguments)))

    def close(
        self,
        request_id: UUID,
        worker: str,
        status: Status,
        *,
        kind: str | None = None,
        error: str | None = None,
        spent: dict[str, Any] | None = None,
    ) -> None:
        """End the request without a persona, unless it is saved or another worker holds it now.

        `spent` replaces what was stored of it; None leaves that.
        """
        change: dict[str, Any] = {"status": status, "error_kind": kind, "error": error}
        if spent is not None:
            change["spent"] = spent
        with translated_faults():
            query = self._client.table(TABLE).update(change).eq("id", str(request_id))
            query.eq("worker", worker).neq("status", "saved").execute()

    def cancel_unheld(self, request_id: UUID) -> None:
        """Cancel the request if it waits and nobody holds it; who works on it is told otherwise."""
        silent = (datetime.now(UTC) - STALE_AFTER).isoformat()
        last_sign = f"heartbeat_at.lt.{silent},and(heartbeat_at.is.null,created_at.lt.{silent})"
        with translated_faults():
            query = self._client.table(TABLE).update({"status": "cancelled", "worker": None})
            query = query.eq("id", str(request_id)).in_("status", ["queued", "running"])
            query.or_(
                f"and(status.eq.queued,worker.is.null),and(batch_id.is.null,or({last_sign}))"
            ).execute()

    def delete(self, request_id: UUID) -> None:
        """Forget the request and its text; its persona, if any, stays."""
        with translated_faults():
            self._client.table(TABLE).delete().eq("id", str(request_id)).execute()

    def delete_regenerations(self, latest: GenerationRequest) -> None:
        """Forget this request to regenerate a persona and those before it."""
        with translated_faults():
            query = self._client.table(TABLE).delete().eq("persona_id", str(latest.persona_id))
            query = query.eq("kind", "regenerate")
            query.lte("created_at", latest.created_at.isoformat()).execute()


@lru_cache(maxsize=1)
def get_generation_requests() -> GenerationRequestRepository:
    """The requests over this process's Supabase client."""
    return GenerationRequestRepository()
