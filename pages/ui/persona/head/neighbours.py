"""Previous and next persona of the list that this one was opened from."""

from __future__ import annotations

import streamlit as st

from pages.ui.notices import tell
from pages.ui.return_address import kept_parameters, list_parameters
from services import cached
from services.errors import DashboardError, InvalidInputError
from services.personas import Persona
from services.personas.finding.query import PersonaQuery


def neighbours(stored: Persona) -> None:
    """Draw the two buttons. Which persona is meant is asked when one is pressed."""
    with st.container(horizontal=True, width="content"):  # they wrap together
        for label, backwards, icon in (
            ("Previous", True, ":material/chevron_left:"),
            ("Next", False, ":material/chevron_right:"),
        ):
            st.button(
                label,
                icon=icon,
                type="tertiary",
                key=f"neighbour-{label.lower()}",
                shortcut=label[0],
                on_click=_go,
                args=(str(stored.id), backwards),
            )


def _go(persona_id: str, backwards: bool) -> None:
    try:
        query = PersonaQuery.from_url(list_parameters())
    except InvalidInputError:  # the address is none of ours
        query = PersonaQuery()
    try:
        found = cached.neighbour(query, persona_id, backwards=backwards)
    except DashboardError as error:
        tell(f"{error.problem} {error.advice}", warning=True)
        return
    if found is None:
        tell(f"There is no {'previous' if backwards else 'next'} persona in the list.")
        return
    st.query_params.from_dict({"id": found, **kept_parameters()})
