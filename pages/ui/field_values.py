"""The value of one field in several versions, side by side, as inert text."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from pages.ui.inert import inert_text
from pages.ui.wording import as_text
from services.personas.differences.three_way_merge import ABSENT

NOTHING = "not there"
_TALL = 220  # pixels a value may take before it scrolls


def show_value(value: Any, heading: str, of: str = "") -> None:
    """Draw a value under its heading; lists one item a line, deeper JSON as JSON.

    `of` says aloud what it is a value of, where the heading alone comes several times.
    """
    with st.container(gap=None):
        st.caption(heading)
        inert_text(value_in_words(value), height=_TALL, label=f"{of}: {heading}" if of else heading)


def value_in_words(value: Any) -> str:
    """The value as people read it, not yet made inert."""
    if value is ABSENT:
        return NOTHING
    if isinstance(value, list) and value and not any(_is_deep(item) for item in value):
        return "\n".join(f"• {as_text(item)}" for item in value)
    if _is_deep(value):
        return as_json(value)
    return as_text(value)


def as_json(value: Any) -> str:
    """JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _is_deep(value: Any) -> bool:
    return isinstance(value, dict | list)
