"""One persona: its claims beside its text, its JSON, a new draft, its history."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from pages.ui.clock import when
from pages.ui.persona.absent import show_gone, show_in_trash
from pages.ui.persona.contradiction_list import stored_contradictions
from pages.ui.persona.edit.json_draft import is_unsaved, offer_json_draft
from pages.ui.persona.edit.persona_editor import edit_beside_text
from pages.ui.persona.edit.saving import KIND
from pages.ui.persona.flaws import show_flaws
from pages.ui.persona.generation_note import how_it_came_about
from pages.ui.persona.head.header import header
from pages.ui.persona.head.neighbours import neighbours
from pages.ui.persona.history.history import show_history
from pages.ui.persona.newer_version import newer_version
from pages.ui.persona.not_drafted import offer_draft
from pages.ui.persona.regenerate.regenerate import show_regenerate
from pages.ui.persona.review.persona_review import review_persona
from pages.ui.persona.state import persona_state
from pages.ui.persona.views import (
    EDIT_VIEW,
    HISTORY_VIEW,
    REGENERATE_VIEW,
    REVIEW_VIEW,
    choose_view,
)
from pages.ui.return_address import link_to_list
from pages.ui.typed_drafts import kept_for
from pages.ui.wording import name_of
from services import cached
from services.errors import NotFoundError, TrashedError
from services.personas import Persona


def show(stored: Persona) -> None:
    state = persona_state(str(stored.id))
    st.set_page_config(f"{name_of(stored.persona)[:80]} · Persona dashboard")
    header(stored, state)
    show_flaws(stored, state)
    offer_json_draft(stored, state)
    with st.container(horizontal=True, vertical_alignment="center"):
        view = choose_view(stored.id)
        if view != EDIT_VIEW and is_unsaved(stored.id, state):
            st.caption(f":orange[:material/edit_note:] Unsaved changes in {EDIT_VIEW}")
        if view != REVIEW_VIEW:  # there it follows every decision
            st.caption(f"version {stored.version}, changed {when(stored.updated_at)}")
        st.space("stretch")
        neighbours(stored)
    notice = st.container(key="newer-version")  # filled last: it must not hold the claims up
    if view == EDIT_VIEW:
        edit_beside_text(stored, state)
    elif view == REGENERATE_VIEW:
        show_regenerate(stored, state)
    elif view == HISTORY_VIEW:
        show_history(stored, state)
    else:
        offer_draft(stored)
        stored_contradictions(stored, state)
        review_persona(str(stored.id), state, take_focus=True)
    how_it_came_about(stored)
    with notice:
        newer_version(stored, state)


persona_id = st.query_params.get("id")
if persona_id:
    try:
        stored = cached.persona(persona_id)
        kept_for(KIND, str(stored.id))  # all requests first: what is drawn then comes in one piece
    except TrashedError:
        show_in_trash(persona_id, persona_state(persona_id))
    except NotFoundError as error:
        show_gone(UUID(persona_id), error)
    else:
        show(stored)
else:
    st.title("No persona chosen", anchor=False)
    link_to_list("Choose one from the list")
