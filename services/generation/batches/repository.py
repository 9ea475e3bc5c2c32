"""Batches over the Supabase client."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Event
from typing import Any
from uuid import UUID

from postgrest.types import ReturnMethod
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.database.functions import call_function
from services.database.patience import patiently
from services.errors import NotFoundError
from services.generation.batches.models import (
    Action,
    Batch,
    BatchChange,
    Failures,
    NewBatch,
    NewItem,
)
from services.generation.requests import TABLE as REQUESTS
from services.generation.requests import GenerationRequest, Status

TABLE = "generation_batches"
FAILURES = "generation_failures"
_DELETE_SECONDS = 10.0
_DELETED_AT_ONCE = 20_000  # requests
_ROWS, _CHARACTERS = 500, 1_000_000  # of one call that adds requests
_ITEM_COLUMNS = (
    "id,status,engine,model,error_kind,error,persona_id,created_at,updated_at,preview,kind,spent,"
    "batch_id,position,label,attempts,run_after"
)


class BatchRepository:
    """Batches over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def create(self, new: NewBatch) -> Batch:
        """Make the batch, empty and in preparation. The same id again changes nothing."""
        call_function("create_batch", {"given": json.dumps(new.model_dump(mode="json"))})
        return self.read(new.id)

    def enqueue(self, batch_id: UUID, items: Iterable[NewItem]) -> int:
        """Add requests, in several calls; returns how many were not there yet.

        May be repeated: a position that is taken stays as it is.
        """
        added = 0
        for some in _in_parts(items):
            rows = json.dumps([item.model_dump(mode="json") for item in some])
            answer = call_function("enqueue_generations", {"batch": str(batch_id), "rows": rows})
            added += int(str(answer))
        return added

    def change(self, batch_id: UUID, action: Action, **values: Any) -> BatchChange:
        """Start, pause, cancel …: see `change_batch` in migration 026 for the values it takes.

        Goes on until all requests that the action is about are moved.
        """
        change, changed = json.dumps({"action": action, **values}), 0
        while True:
            answer = call_function("change_batch", {"batch": str(batch_id), "change": change})
            step = BatchChange.model_validate_json(str(answer))
            changed += step.changed
            if not step.left:
                return BatchChange(state=step.state, changed=changed)

    def read(self, batch_id: UUID | str) -> Batch:
        """The batch with its counts. Raises NotFoundError."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("id", str(batch_id))
            rows = expect_rows(query.limit(1).execute().data)
        for row in rows:
            return Batch.model_validate(row)
        raise NotFoundError("This batch does not exist (any more).", "See the list of batches.")

    def recent(self, limit: int = 50) -> list[Batch]:
        """The newest batches."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").order("created_at", desc=True)
            rows = expect_rows(query.limit(limit).execute().data)
        return [Batch.model_validate(row) for row in rows]

    def items(
        self,
        batch_id: UUID | str,
        statuses: Sequence[Status] = (),
        after: int = -1,
        limit: int = 100,
    ) -> list[GenerationRequest]:
        """Requests of the batch behind this position, in their order, without their texts."""
        with translated_faults():
            query = self._client.table(REQUESTS).select(_ITEM_COLUMNS)
            query = query.eq("batch_id", str(batch_id)).gt("position", after)
            if statuses:
                query = query.in_("status", list(statuses))
            rows = expect_rows(query.order("position").limit(limit).execute().data)
        return [GenerationRequest.model_validate(row) for row in rows]

    def failures(self, batch_id: UUID | str) -> list[Failures]:
        """Why requests failed, the most frequent reason first."""
        with translated_faults():
            query = self._client.table(FAILURES).select("error_kind,requests,example")
            query = query.eq("batch_id", str(batch_id)).order("requests", desc=True)
            rows = expect_rows(query.execute().data)
        return [Failures.model_validate(row) for row in rows]

    def has_work(self) -> bool:
        """Whether a running batch has requests left for workers."""
        with translated_faults():
            query = self._client.table(TABLE).select("queued,running").eq("state", "running")
            rows = expect_rows(query.limit(1000).execute().data)
        return any(row["queued"] or row["running"] for row in rows)

    def under_way(self, hashes: Collection[str]) -> set[str]:
        """Those of up to 100 hashes of texts (`text_hash`) that a batch waits to draft, or does."""
        with translated_faults():
            query = self._client.table(REQUESTS).select("text_hash").in_("text_hash", list(hashes))
            rows = expect_rows(query.in_("status", ["queued", "running"]).execute().data)
        return {str(row["text_hash"]) for row in rows}

    def most_of_next(self, batch_id: UUID | str) -> tuple[float, int]:
        """The most that one try of a text that waits may take: USD, tokens."""
        with translated_faults():
            query = self._client.table(REQUESTS).select("max_usd,max_tokens")
            query = query.eq("batch_id", str(batch_id)).eq("status", "queued")
            query = query.order("max_tokens", desc=True, nullsfirst=False).limit(1)
            rows = expect_rows(query.execute().data)
        row = rows[0] if rows else {}
        return float(str(row.get("max_usd") or 0)), int(str(row.get("max_tokens") or 0))

    def delete(self, batch_id: UUID) -> None:
        """Forget the batch and its requests; the personas that came of it stay.

        In steps, because a hosted database ends what takes long.
        """
        for below in range(_DELETED_AT_ONCE, self.read(batch_id).total, _DELETED_AT_ONCE):
            items = self._client.table(REQUESTS).delete(returning=ReturnMethod.minimal)
            _patiently(items.eq("batch_id", str(batch_id)).lt("position", below).execute)
        _patiently(self._client.table(TABLE).delete().eq("id", str(batch_id)).execute)


@lru_cache(maxsize=1)
def get_batches() -> BatchRepository:
    """The batches over this process's Supabase client."""
    return BatchRepository()


def _patiently(execute: Callable[[], object]) -> None:
    """Again, if a request is being saved just then and locked."""

    def call() -> None:
        with translated_faults():
            execute()

    patiently(call, Event(), seconds=_DELETE_SECONDS)


def _in_parts(items: Iterable[NewItem]) -> Iterator[list[NewItem]]:
    part: list[NewItem] = []
    characters = 0
    for item in items:
        if part and (len(part) >= _ROWS or characters + len(item.raw_text) > _CHARACTERS):
            yield part
            part, characters = [], 0
        part.append(item)
        characters += len(item.raw_text)
    if part:
        yield part
