"""A text that was drafted before in the same way: that draft is taken over, unless a new one is
wished."""

from __future__ import annotations

import streamlit as st

from pages.ui.inert import plain
from pages.ui.navigation import PERSONA
from pages.ui.wording import name_of
from services import cached

_ANEW = "ask-anew"


def earlier_notice(text: str, engine: str, about: str) -> None:
    """Draw what was made of it, and the choice; nothing for a text that is new."""
    earlier = cached.earlier_persona(text, engine, about) if text.strip() else None
    if earlier is None:
        return
    st.info(
        f"This text was drafted before in the same way: **{plain(name_of(earlier.persona))}**. "
        "That draft is taken over, at no cost.",
        icon=":material/content_copy:",
    )
    st.page_link(PERSONA, label="See that persona", query_params={"id": str(earlier.persona_id)})
    st.checkbox("Draft it anew instead", key=_ANEW)


def takes_over() -> bool:
    """Whether an earlier draft is to be taken over. In a callback."""
    return not st.session_state.get(_ANEW)
