"""The draft of the JSON editor: kept with the version it is an edit of, offered in any session.

If others have saved newer versions since, the draft continues on its own version; saving it merges.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from pages.ui.components.json_editor import draft, replace_draft
from pages.ui.persona.edit.saving import KIND, editor_key
from pages.ui.persona.state import Opened, PersonaState
from pages.ui.persona.views import EDIT_VIEW, show_view
from pages.ui.typed_drafts import MOST_SHOWN, forget, keep, kept_for, show_draft
from services import cached
from services.errors import DashboardError
from services.personas import Persona
from services.personas.typed_drafts import TypedDraft


def keep_json(persona_id: UUID, version: int, text: str | None, resumed: bool) -> None:
    """Keep what was typed as an edit of `version`; None says that nothing is unsaved.

    `resumed`: it was typed before this session began.
    """
    if text is None:
        forget(KIND, str(persona_id))
    else:
        keep(KIND, str(persona_id), text, version, resumed=resumed)


def unsaved_json(persona_id: UUID, state: PersonaState) -> str | None:
    """What this session has typed into the editor and not saved."""
    return draft(editor_key(persona_id), str(state.opened.version)) if state.opened else None


def offer_json_draft(stored: Persona, state: PersonaState) -> None:
    """Draw what was kept above the view, if this session has nothing unsaved of its own."""
    if unsaved_json(stored.id, state) is not None:
        return
    for kept in kept_for(KIND, str(stored.id))[:MOST_SHOWN]:
        what = "Unsaved edit"
        if kept.base_version and kept.base_version < stored.version:
            what = f"Unsaved edit of version {kept.base_version}"
        show_draft(kept, partial(_continue, stored, state, kept), what=what)


def _continue(stored: Persona, state: PersonaState, kept: TypedDraft) -> None:
    opened = Opened(stored.version, stored.persona)
    if kept.base_version and kept.base_version < stored.version:
        try:
            base = cached.version(str(stored.id), kept.base_version)
            opened = Opened(base.version, base.persona)
        except DashboardError as error:
            state.fault = error
            return
    state.opened, state.conflict = opened, None
    replace_draft(editor_key(stored.id), str(opened.version), kept.body)
    show_view(EDIT_VIEW)
