"""What to call whoever uses this browser, while nobody signs in: asked once, kept in a cookie."""

from __future__ import annotations

from urllib.parse import unquote

import streamlit as st

from pages.ui.components.name_box import name_box
from pages.ui.notices import tell
from services import cached

COOKIE = "persona_name"
MOST = 40  # characters
_KEY = "display-name"


def display_name() -> str:
    """The name given in this browser; "" if none was."""
    return _given() or ""


def ask_for_name() -> None:
    """Draw the question, unless it was answered or somebody is signed in."""
    if cached.actor_of_run() is not None or _given() is not None:
        return
    with st.container(key="name-ask"):
        answer = name_box(cookie=COOKIE, most=MOST, key="name-box")
    if answer is not None:
        st.session_state[_KEY] = _clean(answer)
        if answer:
            tell(f"What you change is signed {_clean(answer)}.")
        st.rerun()


def _given() -> str | None:
    """None: not asked yet."""
    if _KEY in st.session_state:
        return str(st.session_state[_KEY])
    cookie = st.context.cookies.get(COOKIE)
    return None if cookie is None else _clean(unquote(cookie))


def _clean(name: str) -> str:
    kept = "".join(char for char in name if char.isprintable()).strip()[:MOST]
    return "" if kept == "-" else kept
