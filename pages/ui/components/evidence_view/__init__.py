"""The source text with every passage marked that a claim rests on.

The text only ever enters the page as text nodes. Python cuts it into pieces (passages.py), so
offsets are code points as everywhere else. Which claim is chosen is between this and the claim
list, in the browser: the text is not sent again for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from pages.ui.components.evidence_view.passages import (
    Span,
    legend,
    marked_blocks,
    raw_end,
    raw_offset,
)

__all__ = ["Span", "evidence_view"]

LABEL = "Source text with the words that claims rest on"
_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "evidence_view",
    html='<div class="evidence"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
)


def evidence_view(
    raw_text: str,
    spans: Sequence[Span],
    *,
    key: str,
    height: int = 520,
    markable: Literal["", "words", "claim"] = "",
    on_words: Callable[[str, int, int], None] | None = None,
) -> tuple[int, int] | None:
    """Draw the text; the words just marked in it as code points (start, end), or None.

    The words of the claim chosen in the list are highlighted and scrolled into view. A click on a
    passage chooses its claim, or Enter or Space on it; the arrow keys go from passage to passage.
    Where several claims rest on the same words, choosing them again goes on through all of them,
    in the order of `spans`. With `markable`, selected words can be sent by the button above the
    text; with "claim" only while a claim is chosen. `on_words` hears of which claim, and where the
    words begin and end.
    """

    def heard() -> None:
        marked = (st.session_state.get(key) or {}).get("marked")
        if on_words and marked and (words := _words(raw_text, marked)):
            on_words(str(marked["claim"]), *words)

    text = {
        "view": key,
        "revision": f"{hash((raw_text, tuple(spans))):x}",
        "blocks": marked_blocks(raw_text, spans),
        "legend": legend(spans),
        "label": LABEL,
        "height": height,
        "markable": markable,
    }
    result = _render(key=key, data=text, on_marked_change=heard, height="content")
    return _words(raw_text, result.marked) if result.marked else None


def _words(raw_text: str, marked: dict[str, Any]) -> tuple[int, int] | None:
    start = raw_offset(raw_text, *marked["from"])
    end = raw_end(raw_text, *marked["to"])
    return (start, end) if start < end else None
