"""Hears what is being typed into a text area, shortly after the last keystroke.

`st.text_area` tells the server only when the focus leaves it. This component draws nothing: it
listens to the text area with a given label and sends its text once the typing pauses, and at once
when the page is hidden or closed. Draw it within a fragment, so that only the fragment runs again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

PAUSE_MS = 600
_render = st.components.v2.component(
    "typing_watch",
    html="<span></span>",
    js=(Path(__file__).parent / "frontend.js").read_text("utf-8"),
)


def typing_watch(label: str, *, key: str, on_text: Callable[[str], None]) -> None:
    """Call `on_text` with what stands in the text area labelled `label` as it is being typed."""

    def heard() -> None:
        sent = (st.session_state.get(key) or {}).get("typed")
        if sent is not None:
            on_text(sent["text"])

    _render(
        key=key,
        data={"label": label, "pause": PAUSE_MS},
        on_typed_change=heard,
        height="content",
    )
