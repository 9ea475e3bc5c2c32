"""What was just done, told once at the bottom of the window, with a way to undo it.

tell("Ada is in the trash.", undo=…)    in a callback, or before the page is drawn
show_notice("page")                      drawn last, by the page and by what runs alone
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.ui.components.notice_bar import notice_bar
from services.errors import DashboardError

_KEY = "notice"
Undo = Callable[[], str]  # undoes it and says in words what was undone; raises DashboardError


@dataclass(frozen=True)
class Notice:
    """One notice. `number` grows, so that the browser shows each once."""

    text: str
    number: int
    warning: bool = False
    undo: Undo | None = None


def tell(text: str, *, undo: Undo | None = None, warning: bool = False) -> None:
    """Say this at the next run; it takes the place of what was said before."""
    before = notice()
    number = max(time.time_ns() // 1_000_000, before.number + 1 if before else 0)
    st.session_state[_KEY] = Notice(text, number, warning, undo)


def notice() -> Notice | None:
    """What this session was told last."""
    found: Notice | None = st.session_state.get(_KEY)
    return found


def show_notice(part: str) -> None:
    """Draw the last notice. `part` names what draws it: the page, or a fragment of it."""
    last = notice() or Notice("", 0)
    on_undo = _undo if last.undo else None
    notice_bar(last.text, last.number, warning=last.warning, on_undo=on_undo, key=f"notice-{part}")


def _undo(number: int) -> None:
    last = notice()
    if last is None or last.undo is None or last.number != number:
        return  # a second click, or something else was done meanwhile
    try:
        tell(last.undo())
    except DashboardError as error:
        tell(f"Not undone: {error.problem} {error.advice}", warning=True)
