"""Whether the API works, and with which key it is asked."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.access.roles import Role
from services.api.given import Asking
from services.api.handling.operation import Operation, open_to_all, reads
from services.api.models.work import Health, KeyOut
from services.database import get_supabase_client
from services.errors import DashboardError

router = APIRouter(route_class=Operation, tags=["The API itself"])


@router.get(
    "/health",
    summary="Whether the API can work now",
    **open_to_all({503: {"model": Health, "description": "The database is away"}}),
)
def health(response: Response) -> Health:
    """Needs no key. 503 while the database cannot be reached."""
    try:
        get_supabase_client().check()
    except DashboardError:
        response.status_code = 503
        return Health(status="database away")
    return Health(status="ok")


@router.get("/key", summary="What this key may do", **reads(Role.VIEWER))
def key(caller: Asking) -> KeyOut:
    """The key that the request is sent with: its role, its scope, and until when it holds. For a
    person's own access token, `name` and `expires_at` are null."""
    return KeyOut(
        name=caller.key.name if caller.key else None,
        role=caller.actor.role or Role.VIEWER,
        scope=caller.scope,
        author=caller.actor.name,
        expires_at=caller.key.expires_at if caller.key else None,
    )
