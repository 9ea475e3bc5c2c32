"""What to call whoever uses this browser, while nobody signs in: asked once, kept in a cookie."""

from __future__ import annotations

import streamlit as st

from pages.ui.components.name_box import name_box
from pages.ui.identity import LONGEST_NAME, NAME_COOKIE, given_name, keep_name
from pages.ui.notices import tell
from services import cached


def ask_for_name() -> None:
    """Draw the question, unless it was answered or somebody is signed in."""
    if cached.actor_of_run() is not None or given_name() is not None:
        return
    with st.container(key="name-ask"):
        answer = name_box(cookie=NAME_COOKIE, most=LONGEST_NAME, key="name-box")
    if answer is not None:
        name = keep_name(answer)
        if answer:
            tell(f"What you change is signed {name}.")
        st.rerun()
