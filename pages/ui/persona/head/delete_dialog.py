"""Delete a persona: it goes to the trash, from where it can be restored."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.navigation import PERSONAS
from pages.ui.notices import tell
from pages.ui.return_address import list_parameters
from pages.ui.wording import name_of
from services import cached
from services.errors import DashboardError
from services.personas import Persona


@st.dialog("Delete this persona?")
def confirm_delete(stored: Persona) -> None:
    """Ask first. A persona that somebody changed since it was drawn is not deleted."""
    st.write(f"**{plain(name_of(stored.persona))}** and its source text.")
    st.write("It goes to the trash, from where it can be restored.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="keep"):
            st.rerun()
        if st.button("Delete persona", type="primary", key="confirm-delete"):
            try:
                cached.delete_persona(str(stored.id), stored.version, current_author())
            except DashboardError as error:
                show_fault(error)
                return
            tell(f"{_name(stored)} is in the trash.", undo=partial(_restore, stored))
            st.switch_page(PERSONAS, query_params=list_parameters())


def _restore(stored: Persona) -> str:
    cached.restore_from_trash(str(stored.id), current_author())
    return f"{_name(stored)} is restored."


def _name(stored: Persona) -> str:
    return name_of(stored.persona)[:60]
