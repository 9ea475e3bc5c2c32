"""The whole way of a persona, tried on marked rows that are removed again: `check --write`.

Every step does what the dashboard does, by its own repositories. A step that fails does not stop
the others, but those that need what it should have made fail with it.
"""

from __future__ import annotations

from dataclasses import replace

from services.database.check.result import Check, guarded
from services.database.check.traces import notes_of_erasure, remove_as_owner, remove_by_api
from services.database.client import get_supabase_client
from services.database.snapshot import database_url
from services.round_trip.steps import Trip
from services.settings import Settings

GROUP = "Round trip"


def round_trip(settings: Settings) -> list[Check]:
    """Every step, tried now. Its rows are removed, also when it is stopped in the middle."""
    found = [_remove(settings, "Earlier traces")]
    try:
        found += Trip(settings).checks()
    finally:
        found.append(_remove(settings, "Traces"))
    return [replace(check, group=GROUP) for check in found]


def not_tried() -> Check:
    """What stands in its place where nothing can be written."""
    return Check("Write", "skipped", "Not tried: see Connection above", group=GROUP)


def _remove(settings: Settings, name: str) -> Check:
    return guarded(name, lambda: _removed(settings, name))


def _removed(settings: Settings, name: str) -> Check:
    if db_url := database_url(settings):
        return Check(name, "ok", _told(remove_as_owner(db_url)))
    client = get_supabase_client().client
    detail = _told(remove_by_api(client))
    if notes := notes_of_erasure(client):
        detail += f". {notes} notes of what was erased stay in persona_erasures (no text)"
        return Check(name, "ok", detail, "Set SUPABASE_DB_URL to have them removed as well.")
    return Check(name, "ok", detail)


def _told(personas: int) -> str:
    return f"Marked personas removed: {personas}" if personas else "No marked rows are left"
