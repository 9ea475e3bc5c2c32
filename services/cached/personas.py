"""Writes of personas. Each forgets what it changed, also after a time-out, when nobody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.access.needs import needs
from services.access.roles import Role
from services.cached.reads import (
    forget_all,
    forget_persona,
    forgetting,
    unfinished_requests,
    version,
)
from services.cached.reviewing import require_verdict
from services.evidence.picked_words import PickedWords
from services.personas import Persona, PersonaUpdate, get_persona_repository
from services.personas.bulk import (
    OnProgress,
    Outcome,
    Selection,
    move_all,
    restore_trashed,
    trash_all,
)
from services.personas.history import get_history
from services.personas.reviewing.claims import ReviewChange, review_claims
from services.personas.reviewing.workflow import Status
from services.personas.trash import get_trash


@needs(Role.ANALYST)
def save_persona(
    persona_id: str,
    change: PersonaUpdate,
    expected_version: int,
    author: str | None,
    origin: dict[str, Any] | None = None,
    picked: Sequence[PickedWords] = (),
) -> Persona:
    """Change the version that was opened; `picked` become evidence of its values.

    Raises ConflictError if somebody was faster.
    """
    repository = get_persona_repository()
    with forgetting(forget_persona, persona_id):
        return repository.save(persona_id, change, expected_version, author, origin, picked)


@needs(Role.ANALYST)
def repair_persona(persona_id: str, expected_version: int, author: str | None) -> Persona:
    """Store a persona without what of it cannot be read. Raises ConflictError."""
    with forgetting(forget_persona, persona_id):
        return get_persona_repository().repair(persona_id, expected_version, author)


@needs(Role.ANALYST)
def review_persona(
    persona_id: str,
    change: ReviewChange,
    author: str | None = None,
    did: str = "reviewed",
    field: str = "",
) -> Persona:
    """Store what a reviewer did to a claim. Raises InvalidInputError if the claim is gone."""
    with forgetting(forget_persona, persona_id):
        return review_claims(persona_id, change, author, did, field)


@needs(Role.ANALYST)
def restore_version(persona_id: str, number: int, author: str) -> Persona:
    """Make a version the newest again."""
    with forgetting(forget_persona, persona_id):
        return get_history().restore(persona_id, number, author)


@needs(Role.ANALYST)
def undo_version(persona_id: str, made: int, author: str) -> Persona:
    """Take version `made` back, if it is the newest still. Raises InvalidInputError."""
    with forgetting(forget_persona, persona_id):
        return get_history().undo(persona_id, made, author)


@needs(Role.ANALYST)
def restore_field(persona_id: str, number: int, path: str, author: str) -> Persona:
    """Give one field the value it had in a version."""
    with forgetting(forget_persona, persona_id):
        return get_history().restore_field(persona_id, number, path, author)


@needs(Role.ANALYST)
def delete_persona(
    persona_id: str, expected_version: int | None = None, author: str | None = None
) -> None:
    """Move a persona to the trash. Raises ConflictError if `expected_version` is not the newest."""
    with forgetting(forget_persona, persona_id):
        get_persona_repository().delete(persona_id, expected_version, author)


@needs(Role.ANALYST)
def restore_from_trash(persona_id: str, author: str) -> int:
    """Take a persona out of the trash; the number of the version that this made."""
    with forgetting(forget_persona, persona_id):
        return get_trash().restore(persona_id, author)


@needs(Role.ANALYST)
def restore_many(trashed: Mapping[UUID, int], author: str) -> int:
    """Take out of the trash what the author moved there as these versions; how many they were."""
    with forgetting(forget_all):
        return restore_trashed(trashed, author)


@needs(Role.ANALYST)
def restore_all_from_trash(name: str, author: str, on_progress: OnProgress) -> int:
    """Take all with such a name out of the trash; "" for all. How many they were."""
    with forgetting(forget_all):
        return get_trash().restore_all(name, author, on_progress)


@needs(Role.ADMIN)
def purge_persona(persona_id: str, author: str) -> None:
    """Erase a persona with everything that was kept of it."""
    try:
        get_trash().purge(persona_id, author)
    finally:
        forget_persona(persona_id)
        version.clear()
        unfinished_requests.clear()


@needs(Role.ANALYST)
def trash_many(
    selection: Selection, author: str, on_progress: OnProgress, until: datetime
) -> Outcome:
    """Move some, or all that match a query and were there `until` then, to the trash."""
    with forgetting(forget_all):
        return trash_all(selection, author, on_progress, until)


@needs(Role.ANALYST)
def move_many(
    selection: Selection, status: Status, author: str, on_progress: OnProgress, until: datetime
) -> Outcome:
    """Move some, or all that match a query and were there `until` then, to a status."""
    require_verdict(status)
    with forgetting(forget_all):
        return move_all(selection, status, author, on_progress, until)
