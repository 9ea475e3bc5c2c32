"""Texts of a batch that came to no persona, by the reason, to be run again."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui.account import allowed
from pages.ui.batch.actions import act
from pages.ui.inert import plain
from pages.ui.wording import counted
from services import cached
from services.access.roles import Role
from services.generation.batches import Batch


def show_failures(batch: Batch) -> None:
    """Draw each reason with how many it met, and how many were cancelled."""
    without = batch.failed + batch.cancelled
    if not without:
        return
    st.header(f"{counted(without, 'text')} without a persona", anchor=False)
    found = cached.batch_failures(str(batch.id), batch.failed) if batch.failed else []
    for number, failure in enumerate(found):
        reason = plain(failure.example or "No reason was noted.", 300)
        kind = failure.error_kind
        _row(batch, failure.requests, reason, f"again-{number}-{kind}", bool(kind), kinds=[kind])
    if batch.cancelled:
        _row(batch, batch.cancelled, "Cancelled before they were drafted.", "again-cancelled")
        if batch.failed:
            st.caption(f"Cancelled texts run again with those that failed: {without:,} in all.")


def _row(
    batch: Batch, number: int, reason: str, key: str, possible: bool = True, **which: Any
) -> None:
    """A reason; the button runs `which` texts again, or all."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{number:,}** · {reason}")
        st.space("stretch")
        st.button(
            "Run these again" if which or not batch.failed else "Run all again",
            icon=":material/refresh:",
            key=key,
            on_click=act,
            args=(batch.id, "run_again"),
            kwargs=which,
            **allowed(Role.ANALYST, disabled=not possible),
        )
