"""Personas in Supabase: create, save, delete; reading.py reads them.

Every write names the version it is based on, and the database decides in one statement whether
that is still the newest. `author` is who writes and `origin` how the version came about; the
database keeps both with the version (migration 005). Deleting moves to the trash (trash.py).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from services.database.faults import expect_rows, translated_faults
from services.errors import ConflictError, DatabaseError
from services.evidence.claims import evidence_to_json
from services.evidence.edits import follow_edits
from services.evidence.picked_words import PickedWords
from services.evidence.value_origins import all_of
from services.personas.derived import Columns, derived, followed
from services.personas.differences.three_way_merge import merge
from services.personas.models import (
    UNREADABLE_TIME,
    Persona,
    PersonaCreate,
    PersonaUpdate,
)
from services.personas.reading import TABLE, WRITTEN, PersonaReader, checked_id
from services.personas.shapes import check_columns

_ATTEMPTS = 8  # to write a persona that others change at the same time
_UNIQUE = "23505"


class PersonaRepository(PersonaReader):
    """Personas over the Supabase client. Every method raises the faults of services.errors."""

    def create(
        self,
        new: PersonaCreate,
        author: str | None = None,
        origin: Columns | None = None,
        persona_id: UUID | None = None,
    ) -> Persona:
        """Store a persona and return it with its id and times.

        Values whose words stand in the text get them as evidence. With `persona_id` it gets that
        id; if there is one of it already, that one is returned.
        """
        evidence = follow_edits({}, new.persona, [], new.raw_text)
        row = {**new.model_dump(), "evidence": evidence_to_json(evidence)}
        row |= {"created_by": author, "origin": origin}
        row |= {"origins": all_of(new.persona, "human")}
        if persona_id is not None:
            row["id"] = str(persona_id)
        check_columns(row)
        try:
            with translated_faults():
                response = self._client.table(TABLE).insert(row).select(WRITTEN).execute()
        except DatabaseError as error:
            if persona_id is not None and error.code == _UNIQUE:
                return self.read(persona_id)
            raise
        return Persona.model_validate({**expect_rows(response.data)[0], "raw_text": new.raw_text})

    def update(
        self, persona_id: str | UUID, change: PersonaUpdate, author: str | None = None
    ) -> Persona:
        """Change what is given and return the persona as stored; its evidence follows the edit.

        What others change in the meantime is merged; where both changed a field, this one stays.
        Who knows which version was opened uses `save`. Raises NotFoundError, InvalidPersonaError
        if nothing is given.
        """
        change.changes()  # refuses nothing at all, before anything is read
        opened: list[Persona] = []

        def columns(stored: Persona) -> Columns:
            opened.append(stored)
            merged = _merged(opened[0], stored, change)
            return {**merged.changes(), **followed(stored, merged)}

        return self.revise(persona_id, columns, author)

    def save(
        self,
        persona_id: str | UUID,
        change: PersonaUpdate,
        expected_version: int,
        author: str | None = None,
        origin: Columns | None = None,
        picked: Iterable[PickedWords] = (),
    ) -> Persona:
        """Change version `expected_version`, and nothing if it is not the newest any more.

        `picked` become evidence of its values. Raises ConflictError with the persona as it is now,
        NotFoundError, InvalidPersonaError.
        """
        columns = change.changes()
        stored = self.read(persona_id)
        if stored.version == expected_version:
            written = self._write(
                stored, _signed({**columns, **followed(stored, change, picked)}, author, origin)
            )
            if written:
                return written
        raise ConflictError(self.read(persona_id))

    def repair(
        self, persona_id: str | UUID, expected_version: int, author: str | None = None
    ) -> Persona:
        """Store what can be read of version `expected_version`, without its `flaws`.

        A version of its own: the history keeps the other as it is. Raises ConflictError,
        NotFoundError.
        """
        stored = self.read(persona_id)
        if stored.version == expected_version:
            columns = stored.readable_parts()
            if stored.created_at == UNREADABLE_TIME:
                columns["created_at"] = datetime.now(UTC).isoformat()
            if written := self._write(stored, _signed(columns, author, {"kind": "repaired"})):
                return written
        raise ConflictError(self.read(persona_id))

    def revise(
        self,
        persona_id: str | UUID,
        columns: Callable[[Persona], Columns],
        author: str | None = None,
        origin: Columns | None = None,
        expected_version: int | None = None,
    ) -> Persona:
        """Write what `columns` makes of the stored persona, in one statement.

        If somebody changes the persona in between, `columns` is asked again with theirs; with an
        `expected_version` it raises ConflictError then. Where it makes nothing of it, nothing is
        written. Raises NotFoundError, DatabaseError if others are faster too often in a row.
        """
        for attempt in range(_ATTEMPTS):
            stored = self.read(persona_id)
            if expected_version not in (None, stored.version):
                raise ConflictError(stored)
            made = columns(stored)
            if not made:
                return stored
            if written := self._write(stored, _signed(made, author, origin)):
                return written
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - only to spread out
        raise DatabaseError("Others keep changing this persona.", "Try again in a moment.")

    def _write(self, stored: Persona, columns: Columns) -> Persona | None:
        """The persona as written, None if it is not as `stored` any more."""
        columns = {**columns, **derived(stored, columns)}
        check_columns(columns)
        with translated_faults():
            query = self._client.table(TABLE).update(columns).eq("id", str(stored.id))
            query = query.eq("version", stored.version).is_("deleted_at", "null")
            response = query.select(WRITTEN).execute()
        raw_text = columns.get("raw_text", stored.raw_text)
        written = [{**row, "raw_text": raw_text} for row in expect_rows(response.data)]
        return Persona.model_validate(written[0]) if written else None

    def delete(
        self, persona_id: str | UUID, expected_version: int | None = None, author: str | None = None
    ) -> None:
        """Move the persona to the trash, if it is still at `expected_version` where that is given.

        Raises NotFoundError if there is none, ConflictError with the persona as it is now.
        """
        columns = {"deleted_at": datetime.now(UTC).isoformat()}
        with translated_faults():
            query = self._client.table(TABLE).update(_signed(columns, author, {"kind": "trashed"}))
            query = query.eq("id", checked_id(persona_id)).is_("deleted_at", "null")
            if expected_version is not None:
                query = query.eq("version", expected_version)
            response = query.select("id").execute()
        if not expect_rows(response.data):
            raise ConflictError(self.read(persona_id))


@lru_cache(maxsize=1)
def get_persona_repository() -> PersonaRepository:
    """The repository over this process's Supabase client."""
    return PersonaRepository()


def _signed(columns: Columns, author: str | None, origin: Columns | None) -> Columns:
    """The columns with who writes and how, unless they tell already."""
    signs = {"updated_by": author, "origin": origin or {"kind": "edited"}}
    return {**{name: sign for name, sign in signs.items() if sign}, **columns}


def _merged(opened: Persona, stored: Persona, change: PersonaUpdate) -> PersonaUpdate:
    """The change as it applies to what is stored now, if that is not what was opened."""
    if change.persona is None or stored.version == opened.version:
        return change
    found = merge(opened.persona, stored.persona, change.persona)
    mine = found.resolved({collision.path: "mine" for collision in found.collisions})
    return change.model_copy(update={"persona": mine})
