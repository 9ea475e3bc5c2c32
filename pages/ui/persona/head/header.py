"""The head of a persona's page: one row that stays in sight."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui.account import allowed
from pages.ui.inert import plain
from pages.ui.persona.head.copies import copy_or_download
from pages.ui.persona.head.delete_dialog import confirm_delete
from pages.ui.persona.review_status import review_remarks, review_status
from pages.ui.persona.state import PersonaState
from pages.ui.return_address import link_to_list
from pages.ui.wording import name_of
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.personas import Persona


def header(stored: Persona, state: PersonaState) -> None:
    """Draw the way back, the name, where it stands, what can be done."""
    with st.container(key="persona-header", horizontal=True, vertical_alignment="center"):
        link_to_list()
        st.title(plain(name_of(stored.persona), 120), anchor=False, width="content")
        review_status(stored, state)
        with st.popover("More", icon=":material/more_horiz:"):
            copy_or_download(partial(_newest, stored))
            if st.button(
                "Delete",
                icon=":material/delete:",
                key="delete",
                width="stretch",
                **allowed(Role.ANALYST),
            ):
                confirm_delete(stored)
    review_remarks(stored, state)


def _newest(stored: Persona) -> Persona:
    """The persona as it is when a button is pressed: the review does not draw this part anew."""
    try:
        return cached.persona(str(stored.id))
    except DashboardError:  # gone, or the database is away: what is on the screen
        return stored
