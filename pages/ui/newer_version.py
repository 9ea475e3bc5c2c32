"""Tells when somebody else has saved a newer version than the one on the screen."""

from __future__ import annotations

import streamlit as st

from services import cached
from services.errors import DashboardError
from services.personas import Persona

_EVERY_SECONDS = 5


@st.fragment(run_every=_EVERY_SECONDS)
def newer_version_note(shown: Persona) -> None:
    """Look every few seconds; nothing is drawn while `shown` is the newest."""
    try:
        newest = cached.newest_version(str(shown.id))
    except DashboardError:
        return  # the next read of the page says what is wrong, in full
    if newest <= shown.version:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f":material/history: Version {newest} was saved meanwhile; this is {shown.version}.",
            width="content",
        )
        if st.button("Show it", key=f"show-newest-{shown.id}", type="tertiary"):
            cached.persona.clear(str(shown.id))
            st.rerun(scope="app")
