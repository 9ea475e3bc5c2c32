"""JSON Merge Patch (RFC 7396) of a stored persona."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.errors import InvalidPersonaError
from services.evidence.summary import edited
from services.personas.derived import Columns, followed
from services.personas.models import Persona, PersonaUpdate, check_raw_text
from services.personas.repository import get_persona_repository
from services.personas.validation import check_persona


def merged(target: Any, patch: Any) -> Any:
    """What the patch makes of the target, which stays as it is: null takes a name out."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patch_persona(
    persona_id: str | UUID,
    expected_version: int,
    author: str | None,
    *,
    persona: dict[str, Any] | None = None,
    raw_text: str | None = None,
) -> Persona:
    """Merge `persona` into version `expected_version`, and replace its text where one is given.

    A summary that nobody wrote follows, as in every edit.
    Raises ConflictError if that is not the newest, NotFoundError, InvalidPersonaError (also if
    nothing is given), InvalidTextError.
    """
    if persona is None and raw_text is None:
        raise InvalidPersonaError("Nothing to change was given.", "Give persona or raw_text.")

    def columns(stored: Persona) -> Columns:
        made: Columns = {}
        if persona is not None:
            made["persona"] = check_persona(edited(stored.persona, merged(stored.persona, persona)))
        if raw_text is not None:
            made["raw_text"] = check_raw_text(raw_text)
        return {**made, **followed(stored, PersonaUpdate.model_construct(**made))}

    return get_persona_repository().revise(
        persona_id, columns, author, expected_version=expected_version
    )
