"""Erase a persona from the trash for good, confirmed by typing."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.notices import tell
from pages.ui.trash.state import TrashState
from pages.ui.wording import is_seen, named
from services import cached
from services.errors import DashboardError
from services.personas.trash import TrashedPersona

_WORD = "erase"


@st.dialog("Erase this persona for good?")
def confirm_erasure(trashed: TrashedPersona, beginning: str, state: TrashState) -> None:
    """Erase once its name, or the word, is typed; `beginning` tells it apart without a name."""
    name = (trashed.name or "").strip() if is_seen(trashed.name) else ""
    st.write(
        f"**{plain(named(name), 120)}**: the persona, its source text, every version, "
        "request and draft. Only a note stays that something was erased, when and by whom."
    )
    if beginning:
        st.caption(plain(beginning, 200))
    st.write("This cannot be undone.")
    what = f"the name or the word {_WORD}" if name else f"the word {_WORD}"
    typed = st.text_input(
        f"Type {what}", key=f"erase-word-{trashed.id}", autocomplete="off"
    ).strip()
    confirmed = typed.casefold() == _WORD or bool(name and typed == name)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="cancel-erase"):
            st.rerun()
        agreed = st.button(
            "Erase for good",
            type="primary",
            icon=":material/delete_forever:",
            key="confirm-erase",  # red, by style.css
        )
    if agreed:
        if not confirmed:
            st.warning(f"Nothing was erased: type {what} first.", icon=":material/warning:")
            return
        try:
            cached.purge_persona(str(trashed.id), current_author())
        except DashboardError as error:
            show_fault(error)
            return
        state.fault = None
        tell("Erased for good.")
        st.rerun()
