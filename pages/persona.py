"""One persona: read it beside its source, edit its JSON, download or delete it."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from pages.ui.account import allowed
from pages.ui.faults import show_fault
from pages.ui.field_values import as_json
from pages.ui.inert import inert_text, plain
from pages.ui.navigation import PERSONAS
from pages.ui.persona.contradiction_list import stored_contradictions
from pages.ui.persona.delete_dialog import confirm_delete
from pages.ui.persona.edit.json_draft import EDIT_VIEW, offer_json_draft, unsaved_json, view_key
from pages.ui.persona.edit.persona_editor import edit_persona
from pages.ui.persona.flaws import show_flaws
from pages.ui.persona.generation_note import how_it_came_about
from pages.ui.persona.history.history import show_history
from pages.ui.persona.in_trash import show_in_trash
from pages.ui.persona.newer_version import version_line
from pages.ui.persona.regenerate.regenerate import show_regenerate
from pages.ui.persona.review.persona_review import review_persona
from pages.ui.persona.review_status import review_status
from pages.ui.persona.state import PersonaState, persona_state
from pages.ui.wording import name_of
from services import cached
from services.access.roles import Role
from services.errors import DashboardError, NotFoundError, TrashedError
from services.evidence.schema import in_field_order
from services.personas import Persona


def header(stored: Persona, state: PersonaState) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title(plain(name_of(stored.persona), 120), anchor=False)
        st.space("stretch")
        st.download_button(
            "Download JSON",
            lambda: as_json(in_field_order(newest(stored).persona)),
            file_name=f"persona-{stored.id}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            key="download-json",
        )
        if st.button("Delete", icon=":material/delete:", key="delete", **allowed(Role.ANALYST)):
            confirm_delete(stored)
    version_line(stored, state)
    review_status(stored, state)


def newest(stored: Persona) -> Persona:
    """The persona as it is when a button is pressed: the review does not draw this part anew."""
    try:
        return cached.persona(str(stored.id))
    except DashboardError:  # gone, or the database is away: what is on the screen
        return stored


def show(stored: Persona) -> None:
    state = persona_state(str(stored.id))
    st.page_link(PERSONAS, label="All personas", icon=":material/arrow_back:")
    header(stored, state)
    show_flaws(stored, state)
    if state.note:
        st.toast(state.note, icon=":material/check:")
        state.note = ""
    offer_json_draft(stored, state)
    view = st.segmented_control(
        "View",
        ["Review", EDIT_VIEW, "Regenerate", "History"],
        default=None if view_key(stored.id) in st.session_state else "Review",
        required=True,
        key=view_key(stored.id),
        label_visibility="collapsed",
    )
    if view != EDIT_VIEW and unsaved_json(stored.id, state) is not None:
        st.caption(f":orange[:material/edit_note:] You have unsaved changes in {EDIT_VIEW}.")
    if view == EDIT_VIEW:
        edit_beside_text(stored, state)
    elif view == "Regenerate":
        show_regenerate(stored, state)
    elif view == "History":
        show_history(stored, state)
    else:
        stored_contradictions(stored, state)
        review_persona(str(stored.id), state)
    how_it_came_about(stored)


def edit_beside_text(stored: Persona, state: PersonaState) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        edit_persona(stored, state)
    with right:
        st.subheader("Source text", anchor=False)
        inert_text(stored.raw_text)


def show_gone(persona_id: UUID, error: NotFoundError) -> None:
    """What somebody was typing when it was erased is theirs, to copy."""
    show_fault(error)
    if text := unsaved_json(persona_id, persona_state(str(persona_id))):
        st.write("What you had not saved, to copy:")
        st.code(text, language="json")
    st.page_link(PERSONAS, label="All personas", icon=":material/arrow_back:")


persona_id = st.query_params.get("id")
if persona_id:
    try:
        stored = cached.persona(persona_id)
    except TrashedError:
        show_in_trash(persona_id, persona_state(persona_id))
    except NotFoundError as error:
        show_gone(UUID(persona_id), error)
    else:
        show(stored)
else:
    st.title("No persona chosen", anchor=False)
    st.page_link(PERSONAS, label="Choose one from the list")
