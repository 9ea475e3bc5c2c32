"""One line at the bottom of the window: what was just done, and a button to undo it.

It covers nothing that is clicked next, stays while the pointer or the focus is on it, and goes by
itself. The key z undoes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "notice_bar",
    html='<div class="place" role="status"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
)


def notice_bar(
    text: str, number: int, *, warning: bool, on_undo: Callable[[int], None] | None, key: str
) -> None:
    """Show `text`, once for each `number` (they only grow); nothing if it is empty.

    `on_undo` hears the number of the notice whose Undo was pressed; without it there is no button.
    """

    def pressed() -> None:
        asked = (st.session_state.get(key) or {}).get("undo")
        if asked and on_undo:
            on_undo(int(asked))

    data = {"text": text, "number": number, "warning": warning, "undo": on_undo is not None}
    _render(key=key, data=data, on_undo_change=pressed, height="content")
