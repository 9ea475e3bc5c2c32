"""The history of a persona: its versions, what they held, and the way back to them.

The database keeps every version by itself (migration 005). Going back is a version of its own, so
that nothing is ever taken out of the history.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import ConflictError, InvalidInputError, NotFoundError
from services.evidence.claims import evidence_from_json, evidence_to_json
from services.evidence.edits import follow_edits
from services.evidence.pointers import is_within, pointer, tokens
from services.personas.derived import Columns
from services.personas.differences.three_way_merge import ABSENT, put, same, value_at
from services.personas.models import Persona, StoredModel, Timestamp
from services.personas.reading import WRITTEN, checked_id
from services.personas.repository import get_persona_repository

VIEW = "persona_history"
_SUMMARY = "persona_id,version,operation,author,origin,status,at"


class VersionSummary(BaseModel):
    """A version as the timeline shows it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    persona_id: UUID
    version: int
    operation: str
    author: str
    origin: dict[str, Any]
    status: str | None = None
    at: Timestamp


class PersonaVersion(VersionSummary, StoredModel):
    """A version with all that the persona held then, as far as it can be read."""

    persona: dict[str, Any]
    evidence: list[dict[str, Any]] = Field(default_factory=list)
    generation: dict[str, Any] | None = None
    raw_text: str
    origins: dict[str, Any] | None = None
    sources: list[dict[str, Any]] | None = None


class History:
    """Versions over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def versions(
        self, persona_id: str | UUID, limit: int = 50, before: int | None = None
    ) -> list[VersionSummary]:
        """Up to `limit` (at most 1000) versions, newest first; `before` continues a list.

        Empty if the persona never was, or was erased.
        """
        with translated_faults():
            query = self._client.table(VIEW).select(_SUMMARY)
            query = query.eq("persona_id", checked_id(persona_id))
            if before is not None:
                query = query.lt("version", before)
            response = query.order("version", desc=True).limit(limit).execute()
        return [VersionSummary.model_validate(row) for row in expect_rows(response.data)]

    def version(self, persona_id: str | UUID, number: int) -> PersonaVersion:
        """One version, whole. Raises NotFoundError."""
        with translated_faults():
            query = self._client.table(VIEW).select("*").eq("persona_id", checked_id(persona_id))
            response = query.eq("version", number).limit(1).execute()
        rows = expect_rows(response.data)
        if not rows:
            raise NotFoundError("This version does not exist (any more).")
        return PersonaVersion.model_validate(rows[0])

    def restore(
        self,
        persona_id: str | UUID,
        number: int,
        author: str,
        expected_version: int | None = None,
    ) -> Persona:
        """Make version `number` the newest again; persona, evidence and text equal it exactly.

        Of a version with flaws, what can be read comes back.
        Its review status does not come back: a review is about what was reviewed. Raises
        ConflictError if somebody changes the persona at the same moment, or if `expected_version`
        is not the newest; NotFoundError.
        """
        repository = get_persona_repository()
        newest = repository.read(persona_id)
        if expected_version not in (None, newest.version):
            raise ConflictError(newest)
        old = self.version(persona_id, number)
        if old.flaws:
            origin = {"kind": "restored", "version": number}
            return repository.revise(
                persona_id, lambda _: _readable(old), author, origin, expected_version
            )
        arguments = {
            "persona_id": str(newest.id),
            "from_version": number,
            "expected_version": newest.version,
            "author": author,
        }
        with translated_faults():
            call = self._client.rpc("restore_persona_version", arguments)
            rows = expect_rows(call.select(WRITTEN).execute().data)
        if not rows:
            raise ConflictError(repository.read(persona_id))
        return Persona.model_validate({**rows[0], "raw_text": old.raw_text})

    def undo(self, persona_id: str | UUID, made: int, author: str) -> Persona:
        """Restore the version before `made`. Raises InvalidInputError if `made` is not the newest
        any more: then others would lose what they did."""
        if get_persona_repository().version(persona_id) != made:
            raise InvalidInputError(
                "Somebody changed this persona since.", "Its History has every version."
            )
        return self.restore(persona_id, made - 1, author, made)

    def restore_field(
        self,
        persona_id: str | UUID,
        number: int,
        path: str,
        author: str,
        expected_version: int | None = None,
    ) -> Persona:
        """Give the field at `path` the value it had in version `number`; the others stay.

        A list is restored whole, whatever in it `path` names. A field that version `number` did
        not have is taken out. Its evidence comes back where its words stand in the text. Raises
        InvalidInputError if it lies in what is a single value by now.
        """
        old = self.version(persona_id, number)
        origin = {"kind": "restored", "version": number, "path": path}

        def columns(stored: Persona) -> Columns:
            origin["path"] = field = _field_of(path, old.persona, stored.persona)
            return _with_field(stored, old, field)

        repository = get_persona_repository()
        return repository.revise(persona_id, columns, author, origin, expected_version)


@lru_cache(maxsize=1)
def get_history() -> History:
    """The history over this process's Supabase client."""
    return History()


def _readable(old: PersonaVersion) -> Columns:
    columns = {"persona", "evidence", "generation", "raw_text", "origins", "sources"}
    return {
        name: value for name, value in old.model_dump(include=columns).items() if value is not None
    }


def _field_of(path: str, old: dict[str, Any], stored: dict[str, Any]) -> str:
    """The field to restore: `path`, or the outermost list that it goes into in one of them."""
    steps = tokens(path)
    for place in range(1, len(steps)):
        outer = pointer(*steps[:place])
        was, is_now = value_at(old, outer), value_at(stored, outer)
        if isinstance(was, list) or isinstance(is_now, list):
            return outer
        if not isinstance(is_now, dict) and is_now is not ABSENT:
            raise InvalidInputError(
                "The field that this lies in holds a single value by now.",
                f"Restore {outer} instead.",
            )
    return path


def _with_field(stored: Persona, old: PersonaVersion, path: str) -> Columns:
    persona = stored.model_copy(deep=True).persona
    put(persona, path, value_at(old.persona, path))
    known = evidence_from_json(stored.evidence)
    evidence = evidence_to_json(follow_edits(stored.persona, persona, known, stored.raw_text))
    if not same(stored.persona, persona):
        evidence = [item for item in evidence if not _is_under(item, path)]
        restored = evidence_from_json([e for e in old.evidence if _is_under(e, path)])
        held = follow_edits(persona, persona, restored, stored.raw_text)
        evidence += [item for item in evidence_to_json(held) if _is_under(item, path)]
    return {"persona": persona, "evidence": evidence}


def _is_under(item: dict[str, Any], path: str) -> bool:
    return is_within(str(item["path"]), path)
