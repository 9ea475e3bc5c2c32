"""The list of personas: newest first, page by page."""

from __future__ import annotations

import math

import streamlit as st

from pages.ui.export_dialog import export_dialog
from pages.ui.navigation import GENERATE, PERSONA, open_persona
from pages.ui.persona_table import persona_table
from pages.ui.unfinished import unfinished_notice
from services import cached

PAGE_SIZES = (10, 25, 50, 100)
DEFAULT_SIZE = 25


def header(total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Personas", anchor=False)
        st.space("stretch")
        if total and st.button("Export CSV", icon=":material/download:", key="export"):
            export_dialog(total)
        if total:
            st.page_link(GENERATE, label="Generate persona", icon=":material/add:")


def empty_state() -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.subheader("No personas yet", anchor=False)
        st.write("Paste what you know about a person, and get a persona to review.")
        if st.button("Generate your first persona", type="primary", key="first"):
            st.switch_page(GENERATE)


def choose_page(total: int) -> tuple[int, int]:
    """Page size and offset, from the widgets under the list; the address carries both."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.space("stretch")
        size = st.selectbox(
            "Personas a page",
            PAGE_SIZES,
            index=PAGE_SIZES.index(DEFAULT_SIZE),
            key="size",
            bind="query-params",
            width=150,
        )
        number = st.pagination(max(1, math.ceil(total / size)), key="page", bind="query-params")
    return size, (number - 1) * size


def show_page(size: int, offset: int) -> None:
    page = cached.persona_page(size, offset)
    opened = persona_table(page.items, link=PERSONA.url_path, key=f"table-{size}-{offset}")
    st.caption(f"{offset + 1:,} to {offset + len(page.items):,} of {page.total:,}, newest first")
    if opened:
        open_persona(opened)


total = cached.persona_count()
header(total)
unfinished_notice()
if total:
    table_area = st.container()
    size, offset = choose_page(total)
    with table_area:
        show_page(size, offset)
else:
    empty_state()
