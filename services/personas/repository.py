"""Personas in Supabase: create, read, update, delete, and read them page by page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from postgrest import CountMethod
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import DatabaseError, InvalidIdError, InvalidInputError, NotFoundError
from services.personas.models import (
    Persona,
    PersonaCreate,
    PersonaPage,
    PersonaSummary,
    PersonaUpdate,
)

TABLE = "personas"
_SUMMARY_COLUMNS = (
    "id,name:persona->>name,role:persona->>role,summary:persona->>summary,created_at,updated_at"
)
_BEYOND_LAST_ROW = "PGRST103"
MAX_PAGE = 1000  # Supabase returns at most this many rows in one response


class PersonaRepository:
    """Personas over the Supabase client. Every method raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def create(self, new: PersonaCreate) -> Persona:
        """Store a persona and return it with its id and times."""
        with translated_faults():
            response = self._client.table(TABLE).insert(new.model_dump()).execute()
        return Persona.model_validate(expect_rows(response.data)[0])

    def read(self, persona_id: str | UUID) -> Persona:
        """The stored persona. Raises NotFoundError, InvalidIdError."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("id", _checked(persona_id))
            response = query.limit(1).execute()
        return _one(response.data)

    def update(self, persona_id: str | UUID, change: PersonaUpdate) -> Persona:
        """Change what is given and return the persona as stored. Raises NotFoundError."""
        with translated_faults():
            query = self._client.table(TABLE).update(change.changes())
            response = query.eq("id", _checked(persona_id)).execute()
        return _one(response.data)

    def delete(self, persona_id: str | UUID) -> None:
        """Delete the persona. Raises NotFoundError if there is none."""
        with translated_faults():
            response = self._client.table(TABLE).delete().eq("id", _checked(persona_id)).execute()
        _one(response.data)

    def read_all(self, limit: int = 10, offset: int = 0) -> tuple[list[Persona], int]:
        """Up to `limit` (1 to 1000) personas, newest first, and how many there are in all."""
        rows, total = self._page("*", limit, offset)
        return [Persona.model_validate(row) for row in rows], total

    def read_page(self, limit: int = 10, offset: int = 0) -> PersonaPage:
        """Like read_all, but only what the list shows."""
        rows, total = self._page(_SUMMARY_COLUMNS, limit, offset)
        items = [PersonaSummary.model_validate(row) for row in rows]
        return PersonaPage(items=items, total=total)

    def count(self) -> int:
        """How many personas are stored."""
        with translated_faults():
            query = self._client.table(TABLE).select("id", count=CountMethod.exact)
            response = query.limit(1).execute()
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
        query = self._client.table(TABLE).select("*")
        if last is not None:
            at = f'"{last["created_at"]}"'
            query = query.or_(f"created_at.lt.{at},and(created_at.eq.{at},id.lt.{last['id']})")
        with translated_faults():
            ordered = query.order("created_at", desc=True).order("id", desc=True)
            response = ordered.limit(batch).execute()
        return expect_rows(response.data)

    def _page(self, columns: str, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
        if not 1 <= limit <= MAX_PAGE or offset < 0:
            raise InvalidInputError(
                f"A page holds 1 to {MAX_PAGE} personas and starts at 0 or later."
            )
        query = self._client.table(TABLE).select(columns, count=CountMethod.exact)
        ordered = query.order("created_at", desc=True).order("id", desc=True)
        try:
            with translated_faults():
                response = ordered.range(offset, offset + limit - 1).execute()
        except DatabaseError as error:
            if error.code == _BEYOND_LAST_ROW:
                return [], self.count()
            raise
        return expect_rows(response.data), response.count or 0


@lru_cache(maxsize=1)
def get_persona_repository() -> PersonaRepository:
    """The repository over this process's Supabase client."""
    return PersonaRepository()


def _checked(persona_id: str | UUID) -> str:
    try:
        return str(UUID(str(persona_id)))
    except ValueError as error:
        raise InvalidIdError from error


def _one(data: object) -> Persona:
    rows = expect_rows(data)
    if not rows:
        raise NotFoundError
    return Persona.model_validate(rows[0])
