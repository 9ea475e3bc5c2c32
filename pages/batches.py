"""The batches: many texts given at once, the newest first."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.batch.progress import bar, spent
from pages.ui.batch.words import STATE_COLOURS, STATES, is_open, name_of_batch
from pages.ui.clock import when
from pages.ui.empty import empty_page
from pages.ui.identity import shown_author
from pages.ui.inert import plain
from pages.ui.navigation import BATCH, GENERATE
from services import cached
from services.access.roles import Role
from services.generation.batches import Batch

_POLL_SECONDS = 5.0
_SHOWN, _MOST = 25, 500
_KEY = "batches-shown"


def row(batch: Batch) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                BATCH, label=f"**{name_of_batch(batch)}**", query_params={"id": str(batch.id)}
            )
            st.badge(STATES[batch.state], color=STATE_COLOURS[batch.state])  # type: ignore[arg-type]
            st.space("stretch")
            by = f" by {plain(shown_author(batch.created_by), 60)}" if batch.created_by else ""
            st.caption(f"{when(batch.created_at)}{by}", width="content")
        st.html(bar(batch))
        if told := spent(batch):
            st.caption(" · ".join(told))


def rows(shown: int) -> None:
    found = cached.recent_batches(shown)
    for batch in found:
        row(batch)


def empty_state() -> None:
    text = "Draft many texts at once: from files, a ZIP of files, or a table with one text a row."
    with empty_page("No batches yet", text):
        if st.button("Draft many texts", type="primary", key="first", **allowed(Role.ANALYST)):
            st.switch_page(GENERATE, query_params={"many": "1"})


def show_more() -> None:
    st.session_state[_KEY] = min(_MOST, st.session_state.get(_KEY, _SHOWN) * 2)


shown = st.session_state.get(_KEY, _SHOWN)
found = cached.recent_batches(shown)
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Batches", anchor=False)
    st.space("stretch")
    if found and st.button(
        "Draft many texts", icon=":material/add:", type="primary", **allowed(Role.ANALYST)
    ):
        st.switch_page(GENERATE, query_params={"many": "1"})
if not found:
    empty_state()
else:
    st.fragment(rows, run_every=_POLL_SECONDS if any(map(is_open, found)) else None)(shown)
    if len(found) == shown < _MOST:
        st.button("Show more", icon=":material/expand_more:", on_click=show_more)
