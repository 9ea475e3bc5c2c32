"""A fictional text for those who want to see the dashboard work first."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.generate.source_text import replace_text, source_text
from pages.ui.generate.state import GenerateState

_SAMPLE = Path(__file__).parents[2] / "samples" / "interview.txt"


def offer_sample(state: GenerateState) -> None:
    """Draw the offer while the box is empty."""
    if not source_text().strip():
        st.button("Use the sample text", on_click=_fill, args=(state,), key="sample")


def _fill(state: GenerateState) -> None:
    replace_text(state, _SAMPLE.read_text("utf-8").strip())
