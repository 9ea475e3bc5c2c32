"""What stands in the place of a persona that is in the trash."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.navigation import TRASH
from pages.ui.notices import tell
from pages.ui.persona.state import PersonaState
from pages.ui.return_address import link_to_list
from services import cached
from services.errors import DashboardError


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
        cached.restore_from_trash(persona_id, current_author())
        state.fault = None
        tell("Restored from the trash.")
    except DashboardError as error:
        state.fault = error
