"""What stands in the place of a persona that is in the trash, or erased."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.navigation import TRASH
from pages.ui.notices import tell
from pages.ui.persona.edit.json_draft import unsaved_json
from pages.ui.persona.state import PersonaState, persona_state
from pages.ui.return_address import link_to_list
from services import cached
from services.errors import DashboardError, NotFoundError


def show_in_trash(persona_id: str, state: PersonaState) -> None:
    """Say so, and offer to restore it."""
    link_to_list()
    st.title("In the trash", anchor=False)
    st.write("This persona was deleted. It is kept in the trash until somebody erases it there.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Restore",
            type="primary",
            icon=":material/restore_from_trash:",
            on_click=_restore,
            args=(persona_id, state),
            key="restore-from-trash",
        )
        st.page_link(TRASH, label="Open the trash", icon=":material/delete:")
    if state.fault:
        show_fault(state.fault)


def _restore(persona_id: str, state: PersonaState) -> None:
    try:
        version = cached.restore_from_trash(persona_id, current_author())
        state.fault = None
        tell("Restored from the trash.", undo=partial(_delete_again, persona_id, version))
    except DashboardError as error:
        state.fault = error


def _delete_again(persona_id: str, version: int) -> str:
    cached.delete_persona(persona_id, version, current_author())
    return "It is in the trash again."


def show_gone(persona_id: UUID, error: NotFoundError) -> None:
    """What somebody was typing when it was erased is theirs, to copy."""
    show_fault(error)
    if text := unsaved_json(persona_id, persona_state(str(persona_id))):
        st.write("What you had not saved, to copy:")
        st.code(text, language="json")
    link_to_list()
