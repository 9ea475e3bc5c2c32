"""How a fault looks: what is wrong, what to do, and never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.ui.inert import plain
from services.errors import DashboardError, DatabaseError, LocalStackError
from services.fault_log import log_fault

log = logging.getLogger(__name__)


def show_fault(error: DashboardError) -> None:
    """Draw the fault with its advice, and a way to try again where that may help."""
    st.error(f"**{plain(error.problem)}**\n\n{plain(error.advice)}", icon=":material/error:")


@contextmanager
def page_guard() -> Iterator[None]:
    """Around a whole page: whatever goes wrong inside is drawn in its place."""
    try:
        yield
    except DashboardError as error:
        show_fault(error)
        _offer_retry(error)
    except Exception as error:
        log_fault(log, "A page failed", error)
        st.error(
            "**This page met a fault of its own.**\n\nWhat is stored is not affected. Reload the "
            "page; if it stays, the log of the dashboard names the place.",
            icon=":material/error:",
        )


def _offer_retry(error: DashboardError) -> None:
    if isinstance(error, DatabaseError | LocalStackError):
        st.button("Try again", icon=":material/refresh:", key="retry-page")
