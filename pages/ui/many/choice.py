"""One text or many, beside the title of Generate."""

from __future__ import annotations

import streamlit as st

from pages.ui.many.state import choose_many, is_many

_KEY = "one-or-many"
_ONE, _MANY = "One text", "Many texts"


def choose_one_or_many() -> None:
    """Draw the choice; the address follows it."""
    now = _MANY if is_many() else _ONE
    if st.session_state.get(_KEY) != now:
        st.session_state[_KEY] = now
    st.segmented_control(
        "How many texts",
        [_ONE, _MANY],
        key=_KEY,
        required=True,
        on_change=_chosen,
        label_visibility="collapsed",
    )


def _chosen() -> None:
    choose_many(st.session_state[_KEY] == _MANY)
