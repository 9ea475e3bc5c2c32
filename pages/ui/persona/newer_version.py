"""Says when somebody has saved a newer version than the one on the screen."""

from __future__ import annotations

import streamlit as st

from pages.ui.persona.state import PersonaState
from services import cached
from services.errors import DashboardError
from services.personas import Persona

_EVERY_SECONDS = 5


@st.fragment(run_every=_EVERY_SECONDS)
def newer_version(drawn: Persona, state: PersonaState) -> None:
    """Look every few seconds: what the review stored since the page was drawn is on the screen."""
    shown = max(drawn.version, state.seen)
    try:
        newest = cached.newest_version(str(drawn.id))
    except DashboardError:
        return  # the next read of the page says what is wrong, in full
    if newest <= shown:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f":material/history: Version {newest} was saved meanwhile; this is {shown}.",
            width="content",
        )
        if st.button("Show it", key=f"show-newest-{drawn.id}", type="tertiary"):
            cached.persona.clear(str(drawn.id))
            st.rerun(scope="app")
