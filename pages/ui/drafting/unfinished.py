"""Generation requests that did not end in a persona: seen, opened, run again or discarded."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.clock import when
from pages.ui.inert import plain
from pages.ui.navigation import GENERATE, open_request
from services import cached
from services.access.roles import Role
from services.generation.requests import GenerationRequest

LABELS = {
    "queued": "Waiting",
    "running": "Running",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


def state_label(request: GenerationRequest) -> str:
    """The request's state in a word."""
    return "Interrupted" if request.is_interrupted else LABELS.get(request.status, "Saved")


def unfinished_notice() -> None:
    """On the list: one line if something waits for the analyst."""
    waiting = [r for r in cached.unfinished_requests() if not r.is_open]
    if not waiting:
        return
    many = "generation has" if len(waiting) == 1 else "generations have"
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f":material/history: **{len(waiting)}** {many} no persona yet; the text is kept."
        )
        st.page_link(GENERATE, label="See them on Generate")


def unfinished_list(current: str | None) -> None:
    """On the generate page: each request with its state and what can be done."""
    requests = [r for r in cached.unfinished_requests() if str(r.id) != current]
    if not requests:
        return
    st.header("Without a persona yet", anchor=False)
    for request in requests:
        _line(request)


def _line(request: GenerationRequest) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        with st.container(gap=None):
            st.markdown(
                f"**{state_label(request)}** · {request.engine} engine · {when(request.created_at)}"
            )
            st.caption(plain(request.preview, 90))
        st.space("stretch")
        if st.button(
            "Open",
            key=f"open-{request.id}",
            **allowed(Role.ANALYST, help="See its text and run it again"),
        ):
            open_request(str(request.id))
        if not request.is_open and st.button(
            "Discard",
            key=f"discard-{request.id}",
            **allowed(Role.ANALYST, help="Delete this request and its text"),
        ):
            cached.forget_generation(request.id)
            st.rerun()
