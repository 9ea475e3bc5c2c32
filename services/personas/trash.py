"""The trash: personas that were deleted, until they are restored or erased for good."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import InvalidInputError, NotFoundError
from services.personas.models import Persona, Timestamp
from services.personas.repository import TABLE, Columns, checked_id

_COLUMNS = "id,name:persona->>name,role:persona->>role,updated_by,deleted_at"


class TrashedPersona(BaseModel):
    """A persona in the trash as its list shows it. `updated_by` is who deleted it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: UUID
    name: str | None = None
    role: str | None = None
    updated_by: str | None = None
    deleted_at: Timestamp


class Trash:
    """The trash over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def list(self, limit: int = 100, before: datetime | None = None) -> list[TrashedPersona]:
        """Up to `limit` (at most 1000) personas, last deleted first; `before` continues a list."""
        query = self._client.table(TABLE).select(_COLUMNS)
        if before is None:
            query = query.not_.is_("deleted_at", "null")
        else:
            query = query.lt("deleted_at", before.astimezone(UTC).isoformat())
        with translated_faults():
            ordered = query.order("deleted_at", desc=True).order("id").limit(limit)
            response = ordered.execute()
        return [TrashedPersona.model_validate(row) for row in expect_rows(response.data)]

    def restore(self, persona_id: str | UUID, author: str | None = None) -> Persona:
        """Take the persona out of the trash, as a new version. Raises NotFoundError."""
        columns: Columns = {"deleted_at": None, "origin": {"kind": "untrashed"}}
        if author:
            columns["updated_by"] = author
        with translated_faults():
            query = self._client.table(TABLE).update(columns).eq("id", checked_id(persona_id))
            response = query.not_.is_("deleted_at", "null").execute()
        rows = expect_rows(response.data)
        if not rows:
            raise NotFoundError("This persona is not in the trash (any more).")
        return Persona.model_validate(rows[0])

    def purge(self, persona_id: str | UUID, author: str) -> None:
        """Erase the persona with every version, request and draft of it. There is no way back.

        What stays is a row that says that it was erased, when and by whom. Raises NotFoundError
        if it is not in the trash, InvalidInputError without an author.
        """
        if not author:
            raise InvalidInputError("An erasure needs the name of who orders it.")
        arguments = {"persona_id": checked_id(persona_id), "erased_by": author}
        with translated_faults():
            response = self._client.rpc("purge_persona", arguments).execute()
        if response.data is not True:
            raise NotFoundError("This persona is not in the trash (any more).")


@lru_cache(maxsize=1)
def get_trash() -> Trash:
    """The trash over this process's Supabase client."""
    return Trash()
