"""Personas in Supabase: create, read, update, delete, and read them page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from postgrest import CountMethod
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import DatabaseError, InvalidIdError, InvalidInputError, NotFoundError
from services.generation.claims import evidence_from_json, evidence_to_json
from services.generation.edits import follow_edits
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
_ATTEMPTS = 5  # to write a persona that others change at the same time
_BEYOND_LAST_ROW = "PGRST103"
MAX_PAGE = 1000  # Supabase returns at most this many rows in one response


Columns = dict[str, Any]


class PersonaRepository:
    """Personas over the Supabase client. Every method raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def create(self, new: PersonaCreate) -> Persona:
        """Store a persona and return it with its id and times.

        Values whose words stand in the text get them as evidence.
        """
        evidence = follow_edits({}, new.persona, [], new.raw_text)
        row = {**new.model_dump(), "evidence": evidence_to_json(evidence)}
        with translated_faults():
            response = self._client.table(TABLE).insert(row).execute()
        return Persona.model_validate(expect_rows(response.data)[0])

    def read(self, persona_id: str | UUID) -> Persona:
        """The stored persona. Raises NotFoundError, InvalidIdError."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("id", _checked(persona_id))
            response = query.limit(1).execute()
        return _one(response.data)

    def update(self, persona_id: str | UUID, change: PersonaUpdate) -> Persona:
        """Change what is given and return the persona as stored; its evidence follows the edit.

        Raises NotFoundError, InvalidPersonaError if nothing is given.
        """
        given = change.changes()
        return self.revise(persona_id, lambda stored: {**given, **_followed(stored, change)})

    def revise(self, persona_id: str | UUID, columns: Callable[[Persona], Columns]) -> Persona:
        """Write what `columns` makes of the stored persona, in one statement.

        If somebody changes the persona in between, `columns` is asked again with theirs. Raises
        NotFoundError, DatabaseError if others are faster five times in a row.
        """
        for _ in range(_ATTEMPTS):
            stored = self.read(persona_id)
            if written := self._write(stored, columns(stored)):
                return written
        raise DatabaseError("Others keep changing this persona.", "Try again in a moment.")

    def _write(self, stored: Persona, columns: Columns) -> Persona | None:
        """The persona as written, None if it is not as `stored` any more."""
        with translated_faults():
            query = self._client.table(TABLE).update(columns).eq("id", str(stored.id))
            response = query.eq("updated_at", stored.updated_at.isoformat()).execute()
        rows = expect_rows(response.data)
        return Persona.model_validate(rows[0]) if rows else None

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


def _followed(stored: Persona, change: PersonaUpdate) -> Columns:
    new = stored.persona if change.persona is None else change.persona
    raw_text = change.raw_text or stored.raw_text
    evidence = evidence_from_json(stored.evidence)
    return {"evidence": evidence_to_json(follow_edits(stored.persona, new, evidence, raw_text))}


def _one(data: object) -> Persona:
    rows = expect_rows(data)
    if not rows:
        raise NotFoundError
    return Persona.model_validate(rows[0])
