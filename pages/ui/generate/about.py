"""Whom the persona is to be about, for texts that speak of several people."""

from __future__ import annotations

import streamlit as st

from services.generation.requests import ABOUT_LONGEST

_KEY = "about"


def about_input(engine: str) -> None:
    """Draw the box; the offline engine takes names alone."""
    whom = "A name" if engine == "offline" else "A name or a role"
    st.text_input(
        "Who is it about?",
        max_chars=ABOUT_LONGEST,
        placeholder=f"{whom}. Optional: only if the text speaks of several people",
        key=_KEY,
        persist_state="session",
    )


def about() -> str:
    """What stands in the box, as one line."""
    return " ".join(str(st.session_state.get(_KEY) or "").split())


def set_about(words: str) -> None:
    """Put it into the box, before that is drawn."""
    st.session_state[_KEY] = words
