"""The trash: personas that were deleted, to restore or to erase for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.access.roles import Role
from services.api.given import ONCE, Author, PersonaId
from services.api.handling.operation import Operation, needs, reads
from services.api.models.personas import TrashedOut
from services.personas.trash import get_trash

router = APIRouter(route_class=Operation, tags=["Trash"], prefix="/trash")


@router.get("", summary="List the trash", **reads(Role.VIEWER))
def list_trash(
    name: Annotated[str, Query(max_length=100, description="Part of the name")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[TrashedOut]:
    """Last deleted first."""
    return [
        TrashedOut(
            id=one.id,
            name=one.name,
            role=one.role,
            deleted_by=one.updated_by,
            deleted_at=one.deleted_at,
        )
        for one in get_trash().list(limit, name)
    ]


@router.post(
    "/{persona_id}/restore",
    summary="Restore a persona",
    status_code=204,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413),
)
def restore_persona(persona_id: PersonaId, author: Author) -> None:
    """Take it out of the trash, as a new version."""
    get_trash().restore(persona_id, author)


@router.delete(
    "/{persona_id}", summary="Erase a persona", status_code=204, **needs(Role.ADMIN, 404)
)
def erase_persona(persona_id: PersonaId, author: Author) -> None:
    """With every version, request and draft of it, and every answer that is kept for an
    `Idempotency-Key`. There is no way back. It must be in the trash."""
    get_trash().purge(persona_id, author)
