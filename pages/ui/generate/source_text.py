"""The box for the text about a person: typed, pasted, from a file or from a web address."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.generate.source_intake import clear_intake, done, intake_inputs, show_notes, take_in
from pages.ui.generate.state import GenerateState

BOX = "source-text"
LABEL = "Text about the person"


def source_text() -> str:
    """What stands in the box now."""
    return str(st.session_state.get(BOX, ""))


def replace_text(state: GenerateState, text: str) -> None:
    """Put `text` into the box before it is drawn; what stood there can be brought back."""
    before = source_text()
    if before.strip() and before != text:
        state.set_aside = before
        state.new_draft()
    state.source_notes = ()
    st.session_state[BOX] = text


def clear_text() -> None:
    """Empty the box and the field for a web address. Only in a callback."""
    st.session_state[BOX] = ""
    clear_intake()


def source_text_input(state: GenerateState) -> None:
    """Draw the box with its length, and the other ways to fill it."""
    if taken := take_in(state):
        replace_text(state, taken.text)
        done(state)
    text = st.text_area(
        LABEL,
        key=BOX,
        height=220,
        placeholder="Paste interview notes, a CV, a profile, a ticket …",
        help="Plain text about one person, in any language.",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if text:  # while it is typed, Streamlit has not sent it: better no number than a wrong one
            st.caption(f"{len(text):,} characters · {len(text.split()):,} words")
        st.space("stretch")
        if state.set_aside:
            st.button("Bring back the previous text", on_click=_swap, args=(state,), key="swap")
    show_notes(state)
    intake_inputs(state)


def _swap(state: GenerateState) -> None:
    state.set_aside, st.session_state[BOX] = source_text(), state.set_aside
    state.new_draft()
    state.source_notes = ()


def show_state_fault(state: GenerateState) -> None:
    """Draw the fault of the last action, if there was one."""
    if state.fault:
        show_fault(state.fault)
