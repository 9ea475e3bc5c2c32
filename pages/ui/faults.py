"""How a fault looks: what is wrong, what to do, and never a stack trace.

A page that cannot be drawn because the database is away draws itself again once it is back, with
what was typed into it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages.ui.inert import plain
from services import cached
from services.errors import (
    DashboardError,
    DatabaseError,
    DatabaseTimeoutError,
    DatabaseUnreachableError,
    LocalStackError,
    SearchTimeoutError,
)
from services.fault_log import log_fault

log = logging.getLogger(__name__)

_LOOK_SECONDS = 3  # between two looks whether the database is back


def show_fault(error: DashboardError) -> None:
    """Draw the fault with its advice."""
    error = cached.explained(error)
    st.error(f"**{plain(error.problem)}**\n\n{plain(error.advice)}", icon=":material/error:")


@contextmanager
def page_guard() -> Iterator[None]:
    """Around a whole page: whatever goes wrong inside is drawn in its place."""
    try:
        yield
    except DashboardError as error:
        _keep_what_was_typed()
        show_fault(error)
        _offer_retry(error)
    except Exception as error:
        _keep_what_was_typed()
        log_fault(log, "A page failed", error)
        st.error(
            "**Something went wrong on this page.**\n\nWhat is stored is not affected. Reload the "
            "page; if it stays, the log of the dashboard names the place.",
            icon=":material/error:",
        )


def _offer_retry(error: DashboardError) -> None:
    if isinstance(error, DatabaseError | LocalStackError):
        st.button("Try again", icon=":material/refresh:", key="retry-page")
    if _passes_by_itself(error):
        _look_again(time.monotonic())


def _passes_by_itself(error: DashboardError) -> bool:
    if isinstance(error, SearchTimeoutError):  # the same again takes as long
        return False
    away = isinstance(error, DatabaseUnreachableError | DatabaseTimeoutError)
    return away or (error.remedy == "wait" and isinstance(error, DatabaseError))


@st.fragment(run_every=_LOOK_SECONDS)
def _look_again(since: float) -> None:
    """Draw the page again once the database answers. `since`: when this was drawn first."""
    st.caption(
        f":material/sync: Looking every {_LOOK_SECONDS} seconds whether it is back; the page then "
        "goes on by itself. What you typed stays."
    )
    if time.monotonic() - since > _LOOK_SECONDS / 2 and cached.database_answers():
        st.rerun()


def _keep_what_was_typed() -> None:
    """Streamlit forgets the boxes that a run does not draw: what is set by hand stays."""
    for key, value in list(st.session_state.items()):
        if isinstance(value, str):
            with suppress(StreamlitAPIException):  # drawn before the fault: that one stays anyway
                st.session_state[key] = value
