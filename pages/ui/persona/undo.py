"""Undoing what made the newest version of a persona: the one before it is restored."""

from __future__ import annotations

from pages.ui.identity import current_author
from pages.ui.notices import Undo
from services import cached
from services.personas import Persona


def undo_of(stored: Persona) -> Undo | None:
    """What takes this version back; it refuses once there is a newer one. None for the first."""
    if stored.version < 2:
        return None

    def undo() -> str:
        cached.undo_version(str(stored.id), stored.version, current_author())
        return "Undone."

    return undo
