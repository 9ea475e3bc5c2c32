"""The box for the text about a person: typed, pasted or from a file."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.state import GenerateState
from services.errors import InvalidTextError
from services.generation.sources import decode_text

BOX = "source-text"
_UPLOAD = "source-file"


def source_text() -> str:
    """What stands in the box now."""
    return st.session_state.get(BOX, "")


def replace_text(state: GenerateState, text: str) -> None:
    """Put `text` into the box before it is drawn; what stood there can be brought back."""
    before = source_text()
    if before.strip() and before != text:
        state.set_aside = before
    st.session_state[BOX] = text


def clear_text() -> None:
    """Empty the box. Only in a callback."""
    st.session_state[BOX] = ""


def source_text_input(state: GenerateState) -> None:
    """Draw the box with its length and the file drop."""
    text = st.text_area(
        "Text about the person",
        key=BOX,
        height=300,
        placeholder="Paste interview notes, a CV, a profile, a ticket …",
        help="Plain text about one person, in any language.",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{len(text or ''):,} characters · {len((text or '').split()):,} words")
        st.space("stretch")
        if state.set_aside:
            st.button("Bring back the previous text", on_click=_swap, args=(state,), key="swap")
    st.file_uploader(
        "Or drop a text file",
        type=["txt", "md"],
        key=_UPLOAD,
        on_change=_take_file,
        args=(state,),
        help="Plain text (.txt) or Markdown (.md), up to 10 MB. Its text goes into the box.",
    )


def _swap(state: GenerateState) -> None:
    state.set_aside, st.session_state[BOX] = source_text(), state.set_aside


def _take_file(state: GenerateState) -> None:
    file = st.session_state.get(_UPLOAD)
    if file is None:
        return
    try:
        replace_text(state, decode_text(file.getvalue()))
        state.fault = None
    except InvalidTextError as error:
        state.fault = error


def show_state_fault(state: GenerateState) -> None:
    """Draw the fault of the last action, if there was one."""
    if state.fault:
        show_fault(state.fault)
