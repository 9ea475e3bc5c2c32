"""Stored personas, read: one by its id, a page of them, or all. The trash is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from postgrest import CountMethod
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import (
    DatabaseError,
    InvalidIdError,
    InvalidInputError,
    NotFoundError,
    TrashedError,
)
from services.personas.models import Persona

TABLE = "personas"
# Without those for finding, which can be large.
COLUMNS = ",".join(name for name in Persona.model_fields if name != "flaws")
WRITTEN = COLUMNS.replace("raw_text,", "")  # what a write answers: the writer has the text
MAX_PAGE = 1000  # Supabase returns at most this many rows in one response
_BEYOND_LAST_ROW = "PGRST103"


class PersonaReader:
    """Reads over the Supabase client. Every method raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def read(self, persona_id: str | UUID) -> Persona:
        """The stored persona. Raises NotFoundError (TrashedError in the trash), InvalidIdError."""
        with translated_faults():
            query = self._client.table(TABLE).select(COLUMNS).eq("id", checked_id(persona_id))
            response = query.limit(1).execute()
        rows = expect_rows(response.data)
        if not rows:
            raise NotFoundError
        persona = Persona.model_validate(rows[0])
        if persona.deleted_at:
            raise TrashedError
        return persona

    def version(self, persona_id: str | UUID) -> int:
        """The number of the newest version, cheaply. Raises NotFoundError, InvalidIdError."""
        with translated_faults():
            query = self._client.table(TABLE).select("version").is_("deleted_at", "null")
            response = query.eq("id", checked_id(persona_id)).limit(1).execute()
        rows = expect_rows(response.data)
        if not rows:
            raise NotFoundError
        return int(str(rows[0]["version"]))

    def read_all(self, limit: int = 10, offset: int = 0) -> tuple[list[Persona], int]:
        """Up to `limit` (1 to 1000) personas, newest first, and how many there are in all."""
        if not 1 <= limit <= MAX_PAGE or offset < 0:
            raise InvalidInputError(
                f"A page holds 1 to {MAX_PAGE} personas and starts at 0 or later."
            )
        query = self._client.table(TABLE).select(COLUMNS, count=CountMethod.exact)
        stored = query.is_("deleted_at", "null")
        ordered = stored.order("created_at", desc=True).order("id", desc=True)
        try:
            with translated_faults():
                response = ordered.range(offset, offset + limit - 1).execute()
        except DatabaseError as error:
            if error.code == _BEYOND_LAST_ROW:
                return [], self.count()
            raise
        rows = expect_rows(response.data)
        return [Persona.model_validate(row) for row in rows], response.count or 0

    def count(self) -> int:
        """How many personas are stored."""
        with translated_faults():
            query = self._client.table(TABLE).select("id", count=CountMethod.exact)
            response = query.is_("deleted_at", "null").limit(1).execute()
        expect_rows(response.data)
        return response.count or 0

    def iterate(self, batch: int = 200) -> Iterator[Persona]:
        """Every persona, newest first, read in batches by keyset so that none is cut or doubled."""
        after: dict[str, Any] | None = None
        while True:
            rows = self._batch_after(after, batch)
            yield from (Persona.model_validate(row) for row in rows)
            if len(rows) < batch:
                return
            after = rows[-1]

    def _batch_after(self, last: dict[str, Any] | None, batch: int) -> list[dict[str, Any]]:
        query = self._client.table(TABLE).select(COLUMNS).is_("deleted_at", "null")
        if last is not None:
            at = f'"{last["created_at"]}"'
            query = query.lte("created_at", last["created_at"])  # where the index begins to read
            query = query.or_(f"created_at.lt.{at},id.lt.{last['id']}")
        with translated_faults():
            ordered = query.order("created_at", desc=True).order("id", desc=True)
            response = ordered.limit(batch).execute()
        return expect_rows(response.data)


def checked_id(persona_id: str | UUID) -> str:
    """The id as text. Raises InvalidIdError."""
    try:
        return str(UUID(str(persona_id)))
    except ValueError as error:
        raise InvalidIdError from error
