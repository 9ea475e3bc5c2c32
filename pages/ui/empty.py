"""How a page looks that has nothing to show: what is missing, and the next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def empty_page(title: str, text: str) -> Iterator[None]:
    """Draw it; what leads on is drawn inside the block."""
    with st.container(border=True, horizontal_alignment="center"):
        st.header(title, anchor=False)
        st.write(text)
        yield
