"""What came of a batch: its personas, how good they are, and all of it as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from pages.ui.batch.words import STATUSES, is_open
from pages.ui.csv_file import csv_file
from pages.ui.navigation import PERSONAS, REVIEW
from pages.ui.wording import counted
from services import cached
from services.generation.batches import Batch
from services.generation.batches.quality import MOST, Quality
from services.generation.requests import GenerationRequest, Status

_STEP = 50  # drafts, while they come
_HEAD = ("text", "state", "persona_id", "problem")


def show_results(batch: Batch) -> None:
    """Draw the ways to the personas, and their quality at a glance."""
    if batch.saved:
        drafted = batch.saved // _STEP if is_open(batch) else batch.saved
        quality = cached.batch_quality(str(batch.id), drafted)
        if quality.personas:
            st.header(counted(batch.saved, "persona"), anchor=False)
            _quality(quality)
        else:  # of personas that were stored before
            st.header(counted(batch.saved, "new draft"), anchor=False)
            st.caption(
                "Each waits beside its persona, in the view Regenerate, until it is taken over."
            )
        parameters = {"batch": str(batch.id)}
        with st.container(horizontal=True, key="batch-next"):
            st.page_link(
                REVIEW,
                label="Review the riskiest first",
                icon=":material/rate_review:",
                query_params=parameters,
            )
            st.page_link(
                PERSONAS,
                label="See them in the list",
                icon=":material/groups:",
                query_params=parameters,
            )


def show_downloads(batch: Batch) -> None:
    """Results and problems as CSV."""
    day = f"{datetime.now():%Y-%m-%d}"  # noqa: DTZ005 - for the name of a file
    with st.container(horizontal=True):
        _download(batch, "Results as CSV", f"batch-results-{day}.csv", ())
        if batch.failed:
            _download(batch, "Problems as CSV", f"batch-problems-{day}.csv", ("failed",))


def _quality(quality: Quality) -> None:
    with st.container(horizontal=True, gap="medium", key="batch-quality"):
        share = f"{quality.sourced / quality.claims:.0%}" if quality.claims else "–"
        st.metric("Claims with a source", share, width="content")
        mean = quality.claims / quality.personas
        st.metric("Claims per persona", f"{mean:.1f}", width="content")
        st.metric("Fewer than 3 claims", f"{quality.few:,}", width="content")
    if quality.personas == MOST:
        st.caption(f"Of the first {MOST:,} personas.")


def _download(batch: Batch, label: str, name: str, statuses: Sequence[Status]) -> None:
    st.download_button(
        label,
        lambda: csv_file(_HEAD, map(_row, cached.batch_items(batch.id, statuses))),
        file_name=name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"download-{'-'.join(statuses) or 'all'}",
    )


def _row(item: GenerationRequest) -> tuple[str, str, str, str]:
    persona = str(item.persona_id) if item.persona_id and item.status == "saved" else ""
    problem = (item.error or "") if item.status == "failed" else ""
    return (item.label or item.preview, STATUSES[item.status].lower(), persona, problem)
