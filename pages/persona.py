"""One persona: read it beside its source, edit its JSON, download or delete it."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.generation_note import how_it_came_about
from pages.ui.inert import inert_text, plain
from pages.ui.navigation import PERSONAS
from pages.ui.persona_editor import as_json, edit_persona
from pages.ui.persona_review import review_persona
from pages.ui.state import PersonaState, persona_state
from services import cached
from services.errors import DashboardError
from services.generation.schema import in_field_order
from services.personas import Persona


def header(stored: Persona) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title(plain(str(stored.persona.get("name") or "No name")), anchor=False)
        st.space("stretch")
        st.download_button(
            "Download JSON",
            as_json(in_field_order(stored.persona)),
            file_name=f"persona-{stored.id}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            key="download-json",
        )
        if st.button("Delete", icon=":material/delete:", key="delete"):
            confirm_delete(stored)
    created, updated = (f"{at:%Y-%m-%d %H:%M}" for at in (stored.created_at, stored.updated_at))
    st.caption(f"Created {created} · updated {updated} UTC")


@st.dialog("Delete this persona?")
def confirm_delete(stored: Persona) -> None:
    st.write(f"**{plain(str(stored.persona.get('name') or 'No name'))}** and its source text.")
    st.write("This cannot be undone.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep", key="keep"):
            st.rerun()
        if st.button("Delete persona", type="primary", key="confirm-delete"):
            try:
                cached.delete_persona(str(stored.id))
            except DashboardError as error:
                show_fault(error)
                return
            st.switch_page(PERSONAS)


def show(stored: Persona) -> None:
    state = persona_state(str(stored.id))
    st.page_link(PERSONAS, label="All personas", icon=":material/arrow_back:")
    header(stored)
    if state.note:
        st.toast(state.note, icon=":material/check:")
        state.note = ""
    view = st.segmented_control(
        "View",
        ["Review", "Edit JSON"],
        default="Review",
        required=True,
        key=f"view-{stored.id}",
        label_visibility="collapsed",
    )
    if view == "Edit JSON":
        edit_beside_text(stored, state)
    else:
        review_persona(str(stored.id), state)
    how_it_came_about(stored)


def edit_beside_text(stored: Persona, state: PersonaState) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        edit_persona(stored, state)
    with right:
        st.subheader("Source text", anchor=False)
        inert_text(stored.raw_text)


persona_id = st.query_params.get("id")
if persona_id:
    show(cached.persona(persona_id))
else:
    st.title("No persona chosen", anchor=False)
    st.page_link(PERSONAS, label="Choose one from the list")
