"""The versions of a persona: listed, read, compared, made the newest again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.access.roles import Role
from services.api.answers import persona_out
from services.api.given import ONCE, Author, Expected, PersonaId
from services.api.handling.operation import Operation, needs, reads
from services.api.models.personas import (
    ChangeOut,
    PersonaOut,
    RestoreIn,
    VersionItem,
    VersionOut,
    VersionPage,
)
from services.errors import NotFoundError
from services.personas.differences.changes import changes
from services.personas.history import get_history

router = APIRouter(
    route_class=Operation, tags=["Versions"], prefix="/personas/{persona_id}/versions"
)
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of a version")]


@router.get("", summary="List versions", **reads(Role.VIEWER, 404))
def list_versions(
    persona_id: PersonaId,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> VersionPage:
    """Newest first, without what they held. A persona in the trash keeps its versions."""
    found = get_history().versions(persona_id, limit + 1, before)
    if not found and before is None:
        raise NotFoundError
    items = [VersionItem.model_validate(one) for one in found[:limit]]
    return VersionPage(items=items, next=items[-1].version if len(found) > limit else None)


@router.get("/{number}", summary="Read a version", **reads(Role.VIEWER, 404))
def read_version(persona_id: PersonaId, number: Number) -> VersionOut:
    """A version with all that the persona held then."""
    return VersionOut.model_validate(get_history().version(persona_id, number))


@router.get("/{number}/changes", summary="Compare two versions", **reads(Role.VIEWER, 404))
def compare_versions(
    persona_id: PersonaId,
    number: Number,
    since: Annotated[
        int | None,
        Query(ge=1, le=2**31 - 1, description="The older version; the one before if left out"),
    ] = None,
) -> list[ChangeOut]:
    """What differs in the persona between an older version and this one, leaf by leaf."""
    history = get_history()
    new = history.version(persona_id, number)
    older = since or number - 1
    old = history.version(persona_id, older).persona if older else {}
    return [ChangeOut.model_validate(one) for one in changes(old, new.persona)]


@router.post(
    "/{number}/restore",
    summary="Restore a version",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 412, 413, 428),
)
def restore_version(
    persona_id: PersonaId,
    number: Number,
    what: RestoreIn,
    expected: Expected,
    author: Author,
    response: Response,
) -> PersonaOut:
    """Make a version the newest again, or give one field the value it had then.

    It is a version of its own: nothing is taken out of the history.
    """
    history = get_history()
    if what.path:
        saved = history.restore_field(persona_id, number, what.path, author, expected)
    else:
        saved = history.restore(persona_id, number, author, expected)
    return persona_out(saved, response)
