"""The search box of the list: the address follows what is typed, and the list the address.

A search is one entry in the browser's history, however many letters it has: Back leads to what
was shown before it. The server only reads the address, so nothing that is typed meanwhile is lost.

Keys: / goes to the box, Enter (or the arrow down) into the list, Escape empties the box.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from services.personas.finding.query import MAX_TEXT

PAUSE_MS = 300
_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "search_box",
    html=(
        '<div class="search"><input type="search" aria-label="Search" autocomplete="off" '
        f'spellcheck="false" maxlength="{MAX_TEXT}" aria-keyshortcuts="/" '
        'placeholder="Words, names, -not this, location:Madrid">'
        '<button type="button" aria-label="Clear the search" hidden>✕</button></div>'
    ),
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
)


def search_box(*, key: str) -> None:
    """Draw the box over the parameter `q` of the address; another search begins at page one."""
    text = st.query_params.get("q", "")
    _render(key=key, data={"text": text, "pause": PAUSE_MS}, height="content")
