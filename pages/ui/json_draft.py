"""The draft of the JSON editor: kept with the version it is an edit of, offered in any session.

If others have saved newer versions since, the draft continues on its own version; saving it merges.
"""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from pages.ui.json_editor import has_draft, replace_draft
from pages.ui.kept_drafts import forget, keep, offer_of, show_offer
from pages.ui.saving import KIND, editor_key
from pages.ui.state import Opened, PersonaState
from services import cached
from services.errors import DashboardError
from services.personas import Persona
from services.personas.drafts import Draft

EDIT_VIEW = "Edit JSON"


def view_key(persona_id: UUID) -> str:
    """The key of the persona page's choice of a view."""
    return f"view-{persona_id}"


def keep_json(persona_id: UUID, version: int, text: str | None) -> None:
    """Keep what was typed as an edit of `version`; None says that nothing is unsaved."""
    if text is None:
        forget(KIND, str(persona_id))
    else:
        keep(KIND, str(persona_id), text, version)


def offer_json_draft(stored: Persona, state: PersonaState) -> None:
    """Draw the offer if this session has nothing unsaved of its own. Draw it above the view."""
    if state.opened and has_draft(editor_key(stored.id), str(state.opened.version)):
        return
    draft = offer_of(KIND, str(stored.id))
    if draft:
        what = "Unsaved edit"
        if draft.base_version and draft.base_version < stored.version:
            what = f"Unsaved edit of version {draft.base_version}"
        show_offer(draft, lambda: _continue(stored, state, draft), what=what)


def _continue(stored: Persona, state: PersonaState, draft: Draft) -> None:
    opened = Opened(stored.version, stored.persona)
    if draft.base_version and draft.base_version < stored.version:
        try:
            base = cached.version(str(stored.id), draft.base_version)
            opened = Opened(base.version, base.persona)
        except DashboardError as error:
            state.fault = error
            return
    state.opened, state.conflict = opened, None
    replace_draft(editor_key(stored.id), str(opened.version), draft.body)
    st.session_state[view_key(stored.id)] = EDIT_VIEW
