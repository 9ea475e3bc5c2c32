"""Files of questions as they are stored, and the requests they hold (migrations/028_batch_api.sql).

    filling ──> filled ──> sent ──> begun ──> ended ──> done

Who works on a file holds it by a lease; whatever is noted makes that longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.database.functions import call_function
from services.errors import NotFoundError, NotSupabaseError
from services.generation.queue.stored import Claimed
from services.generation.requests import TABLE as REQUESTS
from services.personas.models import StoredModel, Timestamp

TABLE = "generation_files"
State = Literal["filling", "filled", "sent", "begun", "ended", "done"]
_A_PAGE = 200  # requests with their texts
_QUESTION = (
    "id,kind,raw_text,about,sources,persona_id,batch_id,engine,model,attempts,label,spent,"
    "max_usd,max_tokens"
)


class StoredFile(StoredModel):
    """A file of questions. `answered` and `refused` are counted by the server while it works."""

    id: UUID
    batch_id: UUID | None = None
    state: State
    engine: str
    input_file: str | None = None
    server_batch: str | None = None
    output_file: str | None = None
    error_file: str | None = None
    server_state: str | None = None
    questions: int = 0
    answered: int = 0
    refused: int = 0
    failures: int = 0
    looks: int = 0  # before it is begun: whether something may have happened at the server
    taken: int = 0
    error_kind: str | None = None
    error: str | None = None
    batch_state: str | None = None  # None: the batch is gone
    calls_after_files: bool = False
    created_at: Timestamp
    updated_at: Timestamp

    @property
    def tag(self) -> str:
        """What names it at the server."""
        return str(self.id)

    @property
    def is_wanted(self) -> bool:
        """Whether its batch is there, and was not cancelled."""
        return self.batch_state not in (None, "cancelled")


@dataclass(frozen=True)
class Filled:
    """What a call has put into a file: requests, and the bytes of their texts."""

    taken: int
    bytes: int
    engine: str


class LostFileError(NotFoundError):
    """Somebody else works on the file now."""


class FileRepository:
    """Files over the Supabase client, for one worker; raises the faults of services.errors."""

    def __init__(self, worker: str, lease_seconds: int = 600) -> None:
        self._worker = worker
        self._lease_seconds = lease_seconds

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def fill(
        self, file: UUID, servers: Mapping[str, str | None], n: int, price_share: float
    ) -> Filled | None:
        """Put at most `n` waiting requests into the file, or into a new one; None if none wait.

        `servers` has the model server (or None) of each engine whose requests may be taken.
        """
        told = {
            "file": str(file),
            "worker": self._worker,
            "lease_seconds": self._lease_seconds,
            "engines": list(servers),
            "servers": {engine: server for engine, server in servers.items() if server},
            "n": n,
            "price_share": price_share,
        }
        filled = _object(call_function("fill_file", {"told": json.dumps(told)}))
        return Filled(**filled) if filled else None

    def take(self, engines: Iterable[str]) -> StoredFile | None:
        """A file that is due, for this worker alone; None if there is none."""
        arguments = {
            "worker": self._worker,
            "engines": json.dumps(list(engines)),
            "lease_seconds": self._lease_seconds,
        }
        taken = _object(call_function("take_file", arguments))
        return StoredFile.model_validate(taken) if taken else None

    def note(self, file: UUID, **told: Any) -> None:
        """Store columns of the file; with `wait_seconds`, let go of it until then.

        Raises LostFileError if somebody else works on it now.
        """
        given = {"lease_seconds": self._lease_seconds, **told}
        arguments = {"file": str(file), "worker": self._worker, "told": json.dumps(given)}
        if not call_function("note_file", arguments):
            raise LostFileError

    def held(self, file: UUID) -> Iterator[list[Claimed]]:
        """The requests that the file holds, with their texts, a page at a time, by their ids."""
        after = UUID(int=0)
        while True:
            with translated_faults():
                query = self._held(file).gt("id", str(after)).order("id").limit(_A_PAGE)
                page = _claimed(query.execute().data)
            if page:
                yield page
            if len(page) < _A_PAGE:
                return
            after = page[-1].id

    def held_of(self, file: UUID, ids: Sequence[UUID]) -> list[Claimed]:
        """Those of these requests that the file holds, with their texts."""
        with translated_faults():
            query = self._held(file).in_("id", [str(one) for one in ids])
            return _claimed(query.execute().data)

    def end(self, file: UUID, ends: Sequence[Mapping[str, Any]]) -> None:
        """End requests of the file without a persona: see `end_in_file`."""
        if ends:
            call_function("end_in_file", {"file": str(file), "ends": json.dumps(list(ends))})

    def close(self, file: UUID) -> None:
        """Nothing is left to do with the file."""
        call_function("close_file", {"file": str(file)})

    def of_batch(self, batch_id: UUID | str) -> list[StoredFile]:
        """The files of a batch, the oldest first."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("batch_id", str(batch_id))
            rows = expect_rows(query.order("created_at").execute().data)
        return [StoredFile.model_validate(row) for row in rows]

    def _held(self, file: UUID) -> Any:
        query = self._client.table(REQUESTS).select(_QUESTION).eq("file_id", str(file))
        return query.eq("status", "running").eq("worker", holder(file))


def holder(file: UUID) -> str:
    """The name by which a file holds its requests."""
    return f"file:{file}"


def _claimed(rows: object) -> list[Claimed]:
    return [Claimed.model_validate(row) for row in expect_rows(rows)]


def _object(answer: object) -> dict[str, Any] | None:
    told = json.loads(answer) if isinstance(answer, str) else answer
    if told is None or isinstance(told, dict):
        return told
    raise NotSupabaseError
