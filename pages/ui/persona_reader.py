"""A persona as one reads it: any JSON object, inert."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pages.ui.inert import plain


def read_persona(persona: dict[str, Any]) -> None:
    """Draw every field of the persona; short values first come first served, nothing left out."""
    if not persona:
        st.info("This persona has no fields yet. Add them under Edit JSON.")
        return
    for key, value in persona.items():
        _field(key, value)


def _field(key: str, value: Any) -> None:
    with st.container(gap=None):
        st.caption(plain(label(key)))
        if isinstance(value, list) and all(not isinstance(item, dict | list) for item in value):
            st.markdown("\n".join(f"- {plain(as_text(item))}" for item in value) or "–")
        elif isinstance(value, dict | list):
            st.json(value)
        else:
            st.markdown(plain(as_text(value)))


def label(key: str) -> str:
    """`pain_points` as people write it."""
    return key.replace("_", " ").strip().capitalize() or key


def as_text(value: Any) -> str:
    """A JSON scalar as people write it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
