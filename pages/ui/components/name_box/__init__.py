"""Asks once per browser what to call whoever uses it, and keeps that in a cookie."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "name_box",
    html='<form class="name"></form>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
)


def name_box(*, cookie: str, most: int, key: str) -> str | None:
    """Draw the question; the answer in the run after it was given, "" for "Not now"."""
    data = {"cookie": cookie, "most": most}
    answer: str | None = _render(
        key=key, data=data, on_named_change=lambda: None, height="content"
    ).named
    return answer
