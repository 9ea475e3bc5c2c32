"""The line that says which version is on the screen, and when somebody has saved a newer one."""

from __future__ import annotations

import streamlit as st

from pages.ui.clock import when
from pages.ui.persona.state import PersonaState
from services import cached
from services.errors import DashboardError
from services.personas import Persona

_EVERY_SECONDS = 5


@st.fragment(run_every=_EVERY_SECONDS)
def version_line(drawn: Persona, state: PersonaState) -> None:
    """Look every few seconds: what the review stored since the page was drawn is on the screen."""
    shown, newest = max(drawn.version, state.seen), 0
    updated_at = drawn.updated_at
    try:
        newest = cached.newest_version(str(drawn.id))
        if shown > drawn.version:
            updated_at = cached.persona(str(drawn.id)).updated_at
    except DashboardError:
        pass  # the next read of the page says what is wrong, in full
    st.caption(f"Created {when(drawn.created_at)} · updated {when(updated_at)} · version {shown}")
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
