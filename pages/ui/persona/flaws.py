"""What is missing in a persona: passages nobody read, and what is stored and cannot be read."""

from __future__ import annotations

import streamlit as st

from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.notices import tell
from pages.ui.persona.generation_note import passages_not_read
from pages.ui.persona.state import PersonaState
from services import cached
from services.errors import DashboardError
from services.personas import Persona


def show_flaws(stored: Persona, state: PersonaState) -> None:
    """Name the parts that are left out, and offer to store the persona without them."""
    passages_not_read(stored.generation, stored.raw_text)
    if not stored.flaws:
        return
    with st.container(border=True):
        st.warning(
            "**Parts of what is stored cannot be read.** Another program wrote them. They are left "
            "out here; everything else works.",
            icon=":material/broken_image:",
        )
        st.markdown("\n".join(f"- {plain(flaw)}" for flaw in stored.flaws))
        st.button(
            "Repair",
            icon=":material/build:",
            on_click=_repair,
            args=(stored, state),
            key="repair",
            help="As a new version without them; the history keeps the old one.",
        )
        if state.fault:
            st.error(plain(str(state.fault)))


def _repair(stored: Persona, state: PersonaState) -> None:
    try:
        cached.repair_persona(str(stored.id), stored.version, current_author())
    except DashboardError as error:
        state.fault = error
        return
    state.fault = None
    tell("Repaired.")
