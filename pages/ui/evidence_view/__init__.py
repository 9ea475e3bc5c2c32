"""The source text with every passage marked that a claim rests on.

The text only ever enters the page as text nodes. Python cuts it into pieces (passages.py), so
offsets are code points as everywhere else. The component is drawn twice: once with the text, which
stays the same while claims are chosen and is therefore not sent again, and once with the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.evidence_view.passages import Span, legend, marked_blocks, raw_offset

__all__ = ["Span", "TextAction", "evidence_view"]

LABEL = "Source text with the words that claims rest on"
_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "evidence_view",
    html='<div class="evidence"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class TextAction:
    """What the analyst did in the text: picked the passage of these claims, or marked words.

    `words` are code points of the raw text, end exclusive.
    """

    picked: tuple[str, ...] = ()
    words: tuple[int, int] | None = None


def evidence_view(
    raw_text: str,
    spans: Sequence[Span],
    *,
    active: str | None,
    key: str,
    height: int = 520,
    markable: bool = False,
) -> TextAction:
    """Draw the text; what was just done in it.

    The words of the claim `active` are highlighted and scrolled into view. A passage is picked by
    a click, or by Enter or Space on it; the arrow keys go from passage to passage. Where several
    claims rest on the same words, all of them are returned, in the order of `spans`. With
    `markable`, selected words can be sent by the button above the text.
    """
    text = {
        "view": key,
        "revision": f"{hash((raw_text, tuple(spans))):x}",
        "blocks": marked_blocks(raw_text, spans),
        "legend": legend(spans),
        "label": LABEL,
        "height": height,
        "markable": markable,
    }
    with st.container(gap=None):
        result = _render(
            key=key,
            data=text,
            on_picked_change=lambda: None,
            on_marked_change=lambda: None,
            height="content",
        )
        _render(key=f"{key}_choice", data={"view": key, "active": active}, height="content")
    words = _words(raw_text, result.marked) if result.marked else None
    return TextAction(tuple(result.picked or ()), words)


def _words(raw_text: str, marked: dict[str, Any]) -> tuple[int, int] | None:
    start = raw_offset(raw_text, *marked["from"])
    end = raw_offset(raw_text, *marked["to"])
    return (start, end) if start < end else None
