"""Restore everything in the trash, or all that a name was looked for, after a question."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.notices import tell
from pages.ui.trash.state import TrashState
from pages.ui.wording import counted
from services import cached
from services.errors import DashboardError


@st.dialog("Restore several personas?")
def confirm_restoring(name: str, number: int, state: TrashState) -> None:
    """Restore once it is confirmed, with progress."""
    which = f" whose names hold “{plain(name, 60)}”" if name else ""
    st.write(f"**{counted(number, 'persona')}**{which} go back to the list as they were.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="cancel-restore-all"):
            st.rerun()
        agreed = st.button("Restore them", type="primary", key="confirm-restore-all")
    if not agreed:
        return
    bar = st.progress(0.0, text="Working …")

    def progress(done: int) -> None:
        bar.progress(min(done / number, 1.0), text=f"{done:,} restored")

    try:
        restored = cached.restore_all_from_trash(name, current_author(), progress)
    except DashboardError as error:
        bar.empty()
        show_fault(error)
        return
    state.fault = None
    tell(f"{counted(restored, 'persona')} restored.")
    st.rerun()
