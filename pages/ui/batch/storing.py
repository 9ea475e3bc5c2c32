"""A batch whose texts are not all stored with it: still under way, stopped, or waiting behind a
sample."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.ui.account import allowed
from pages.ui.batch.actions import act
from pages.ui.faults import show_fault
from pages.ui.many.start import cap_box, show_range
from pages.ui.navigation import GENERATE
from pages.ui.numbers import rounded_up
from pages.ui.wording import counted
from services import cached
from services.access.roles import Role
from services.generation.batches import Batch

_SILENT_SECONDS = 60  # since anything was stored: whoever did it is gone


def is_being_stored(batch: Batch) -> bool:
    """Whether this process stores texts with it just now."""
    storing = cached.storing_of(batch.id)
    return storing is not None and storing.running


def show_storing(batch: Batch) -> None:
    """Draw how far it is, and what leads on."""
    storing = cached.storing_of(batch.id)
    if storing and storing.fault:
        show_fault(storing.fault)
        st.button(
            "Store the rest",
            type="primary",
            on_click=cached.go_on_with_rest,
            args=(batch.id,),
            key="store-rest",
            **allowed(Role.ANALYST),
        )
    elif storing and storing.running:
        number = len(storing.numbers)
        st.progress(storing.done / max(number, 1), text=f"Storing: {storing.done:,} of {number:,}")
    elif batch.state == "preparing" and not storing and _is_silent(batch):
        _stopped(batch)


def show_rest(batch: Batch) -> None:
    """What waits behind the sample, and what it will take by it. Outside of any fragment."""
    rest = cached.rest_of_batch(batch)
    if rest is None or batch.state != "finished":
        return
    with st.container(border=True):
        st.markdown(
            f"**{counted(batch.saved + batch.failed, 'text')} as a sample.** Look at what came of "
            f"it; {counted(rest.number, 'text')} of this batch wait."
        )
        cap: float | None = None
        priced = False
        if rest.estimate:
            show_range(rest.estimate)
            priced = rest.estimate.cost is not None
            so_far = batch.spent_usd if priced else float(batch.spent_tokens)
            proposed = rounded_up(rest.estimate.cap + so_far)
            cap = cap_box(proposed, priced=priced, key=f"rest-cap-{batch.id}")
        st.button(
            f"Draft the other {rest.number:,}",
            type="primary",
            icon=":material/auto_awesome:",
            on_click=_go_on,
            args=(batch, cap, priced),
            key="draft-rest",
            **allowed(Role.ANALYST),
        )


def _go_on(batch: Batch, cap: float | None, priced: bool) -> None:
    if cap is not None:
        act(batch.id, "set", **({"cap_usd": cap} if priced else {"cap_tokens": int(cap)}))
    cached.go_on_with_rest(batch.id)


def _is_silent(batch: Batch) -> bool:
    return (datetime.now(UTC) - batch.updated_at).total_seconds() > _SILENT_SECONDS


def _stopped(batch: Batch) -> None:
    st.warning(
        f"**The dashboard stopped while it stored the texts: {counted(batch.total, 'text')} are "
        "here.** Draft these, and give the files again: what is stored by then is skipped.",
        icon=":material/warning:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Draft these {batch.total:,}",
            type="primary",
            on_click=act,
            args=(batch.id, "start"),
            key="start-stored",
            **allowed(Role.ANALYST, disabled=not batch.total),
        )
        st.page_link(GENERATE, label="Give the files again", query_params={"many": "1"})
