"""A text without a persona: say that nothing drafts it by itself, and offer to draft it now."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.persona.views import REGENERATE_VIEW, show_view
from services.access.roles import Role
from services.personas import Persona


def offer_draft(stored: Persona) -> None:
    """Draw the offer where there is only a text."""
    if stored.persona:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            ":material/edit_note: **Not drafted yet.** Here is only the text. Nothing drafts it by "
            "itself."
        )
        st.space("stretch")
        st.button(
            "Draft it",
            type="primary",
            icon=":material/auto_awesome:",
            on_click=show_view,
            args=(REGENERATE_VIEW,),
            key="draft-it",
            **allowed(Role.ANALYST),
        )
