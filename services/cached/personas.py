"""Writes of personas. Each forgets what it changed, also after a time-out, when nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.cached.reads import (
    forget_all,
    forget_list,
    forget_persona,
    unfinished_requests,
    version,
)
from services.evidence.claims import Rejected
from services.evidence.review import Review
from services.personas import Persona, PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.bulk import OnProgress, Outcome, Selection, move_all, trash_all
from services.personas.history import get_history
from services.personas.reviewing import Status
from services.personas.trash import get_trash

ReviewChange = Callable[[Review], Review]
ProposalChange = Callable[[Review, Rejected], Review]


def create_persona(new: PersonaCreate) -> Persona:
    """Store a persona."""
    created = get_persona_repository().create(new)
    forget_list()
    return created


def update_persona(persona_id: str, change: PersonaUpdate, author: str | None = None) -> Persona:
    """Change a persona."""
    try:
        return get_persona_repository().update(persona_id, change, author)
    finally:  # after a time-out nobody knows whether it was stored
        forget_persona(persona_id)


def save_persona(
    persona_id: str,
    change: PersonaUpdate,
    expected_version: int,
    author: str | None,
    origin: dict[str, Any] | None = None,
) -> Persona:
    """Change the version that was opened. Raises ConflictError if somebody was faster."""
    repository = get_persona_repository()
    try:
        return repository.save(persona_id, change, expected_version, author, origin)
    finally:
        forget_persona(persona_id)


def repair_persona(persona_id: str, expected_version: int, author: str | None) -> Persona:
    """Store a persona without what of it cannot be read. Raises ConflictError."""
    try:
        return get_persona_repository().repair(persona_id, expected_version, author)
    finally:
        forget_persona(persona_id)


def review_persona(
    persona_id: str,
    change: ReviewChange,
    author: str | None = None,
    did: str = "reviewed",
    field: str = "",
) -> Persona:
    """Store what a reviewer did to a claim. Raises InvalidInputError if the claim is gone.

    `did` (a verb in the past) and `field` tell it in the history. What changes nothing, such as
    accepting twice, makes no version.
    """
    origin = {"kind": "reviewed", "did": did, "field": field}

    def columns(stored: Persona) -> dict[str, Any]:
        review = Review.of(stored.raw_text, stored.persona, stored.evidence, stored.generation)
        changed = change(review)
        return {} if changed == review else changed.columns()

    try:
        return get_persona_repository().revise(persona_id, columns, author, origin)
    finally:
        forget_persona(persona_id)


def restore_version(persona_id: str, number: int, author: str) -> Persona:
    """Make a version the newest again."""
    try:
        return get_history().restore(persona_id, number, author)
    finally:
        forget_persona(persona_id)


def restore_field(persona_id: str, number: int, path: str, author: str) -> Persona:
    """Give one field the value it had in a version."""
    try:
        return get_history().restore_field(persona_id, number, path, author)
    finally:
        forget_persona(persona_id)


def delete_persona(
    persona_id: str, expected_version: int | None = None, author: str | None = None
) -> None:
    """Move a persona to the trash. Raises ConflictError if `expected_version` is not the newest."""
    try:
        get_persona_repository().delete(persona_id, expected_version, author)
    finally:
        forget_persona(persona_id)


def restore_from_trash(persona_id: str, author: str) -> None:
    """Take a persona out of the trash."""
    try:
        get_trash().restore(persona_id, author)
    finally:
        forget_persona(persona_id)


def restore_all_from_trash(name: str, author: str, on_progress: OnProgress) -> int:
    """Take all with such a name out of the trash; "" for all. How many they were."""
    try:
        return get_trash().restore_all(name, author, on_progress)
    finally:
        forget_all()


def purge_persona(persona_id: str, author: str) -> None:
    """Erase a persona with everything that was kept of it."""
    try:
        get_trash().purge(persona_id, author)
    finally:
        forget_persona(persona_id)
        version.clear()
        unfinished_requests.clear()


def trash_many(
    selection: Selection, author: str, on_progress: OnProgress, until: datetime
) -> Outcome:
    """Move some, or all that match a query and were there `until` then, to the trash."""
    try:
        return trash_all(selection, author, on_progress, until)
    finally:
        forget_all()


def move_many(
    selection: Selection, status: Status, author: str, on_progress: OnProgress, until: datetime
) -> Outcome:
    """Move some, or all that match a query and were there `until` then, to a status."""
    try:
        return move_all(selection, status, author, on_progress, until)
    finally:
        forget_all()
