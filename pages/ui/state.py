"""What pages remember between runs: one typed object a page, under one key."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

State = TypeVar("State")


def remembered(key: str, kind: type[State]) -> State:
    """The object under this key in this session: a new one of `kind` at first."""
    state: State = st.session_state.setdefault(key, kind())
    return state
