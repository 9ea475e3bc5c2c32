"""One batch: how far it is, what it costs, what failed and why, and what came of it."""

from __future__ import annotations

import streamlit as st

from pages.ui.batch.actions import show_actions, show_pause, show_question
from pages.ui.batch.failures import show_failures
from pages.ui.batch.files import show_files
from pages.ui.batch.progress import show_progress
from pages.ui.batch.results import show_downloads, show_results
from pages.ui.batch.storing import is_being_stored, show_rest, show_storing
from pages.ui.batch.words import STATE_COLOURS, STATES, is_open, name_of_batch
from pages.ui.clock import when
from pages.ui.drafting.engine_choice import engine_label
from pages.ui.faults import show_fault
from pages.ui.identity import shown_author
from pages.ui.inert import plain
from pages.ui.navigation import BATCHES
from pages.ui.notices import show_notice
from services import cached
from services.errors import DashboardError
from services.generation.batches import Batch

_POLL_SECONDS = 1.0


def header(batch: Batch) -> None:
    st.set_page_config(f"{batch.name[:80] or 'Batch'} · Persona dashboard")
    with st.container(key="batch-back"):
        st.page_link(BATCHES, label="All batches", icon=":material/arrow_back:")
    st.title(name_of_batch(batch), anchor=False)


def live(batch_id: str, drawn: tuple[str, bool]) -> None:
    """What changes by itself. `drawn`: the state, and whether it was open, as the page shows it."""
    try:
        batch = cached.batch(batch_id)
    except DashboardError as error:
        show_fault(error)
        return
    if _drawn(batch) != drawn:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(STATES[batch.state], color=STATE_COLOURS[batch.state])  # type: ignore[arg-type]
        by = f" by {plain(shown_author(batch.created_by), 60)}" if batch.created_by else ""
        engine = plain(batch.model or engine_label(batch.engine), 60)
        st.caption(f"Started {when(batch.created_at)}{by} · {engine}", width="content")
        st.space("stretch")
        show_actions(batch)
    show_progress(batch)
    show_files(batch)
    show_storing(batch)
    show_pause(batch)
    show_results(batch)
    show_failures(batch)
    show_notice("batch")


def _drawn(batch: Batch) -> tuple[str, bool]:
    return batch.state, is_open(batch) or is_being_stored(batch)


def batch_page(batch_id: str) -> None:
    batch = cached.batch(batch_id)
    header(batch)
    drawn = _drawn(batch)
    st.fragment(live, run_every=_POLL_SECONDS if drawn[1] else None)(batch_id, drawn)
    show_rest(batch)
    show_downloads(batch)
    show_question(batch)


if batch_id := st.query_params.get("id"):
    batch_page(batch_id)
else:
    st.switch_page(BATCHES)
