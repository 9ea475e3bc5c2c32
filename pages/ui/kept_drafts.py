"""What is being typed is kept on the server, and offered again: by any box of any page.

    watch_typing(...)   beside a text area: keeps its text while it is typed, and says so
    keep, forget        for boxes that tell by themselves (the JSON editor), and once it is saved
    offers, show_offer  what was kept and is not in the box: "Draft from 3 minutes ago"

A box is named by its kind and its subject. Whose drafts they are, `draft_owner` knows; a browser
without an id of its own gets none, because they would be everybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import streamlit as st

from pages.ui.clock import age, time_of_day
from pages.ui.identity import UNKNOWN, draft_owner
from pages.ui.inert import plain
from pages.ui.typing_watch import typing_watch
from services import cached
from services.errors import DashboardError
from services.personas.drafts import Draft

_STATE = "kept-drafts"
_PREVIEW = 90
_Box = tuple[str, str]


@dataclass(frozen=True)
class _Kept:
    """What this session last did with a box: the text, when it was kept, or why it was not."""

    text: str
    at: datetime | None = None
    fault: str = ""


def keep(kind: str, subject: str, text: str, base_version: int | None = None) -> None:
    """Keep what stands in the box; an emptied box has no draft. Never raises: typing goes on."""
    owner = draft_owner()
    known = _states().get((kind, subject))
    if owner == UNKNOWN or (known and known.text == text and not known.fault):
        return
    try:
        if text.strip():
            draft = cached.keep_draft(owner, kind, subject, text, base_version)
            _states()[kind, subject] = _Kept(text, draft.updated_at)
        else:
            _dismiss(owner, kind, subject, known.at if known else None)
            _states()[kind, subject] = _Kept(text)
    except DashboardError as error:
        _states()[kind, subject] = _Kept(text, fault=error.problem)


def forget(kind: str, subject: str, until: datetime | None = None) -> None:
    """The text was saved, or is not wanted: no draft of it any more. Never raises.

    What another tab has kept of the same box since this one (or since `until`) stays.
    """
    owner = draft_owner()
    known = _states().pop((kind, subject), None)
    if owner == UNKNOWN:
        return
    try:
        _dismiss(owner, kind, subject, until or (known.at if known else None))
    except DashboardError as error:
        _states()[kind, subject] = _Kept("", fault=error.problem)


def _dismiss(owner: str, kind: str, subject: str, until: datetime | None) -> None:
    if until:
        cached.dismiss_draft(owner, kind, subject, until)


def offers(kind: str) -> list[Draft]:
    """This owner's drafts of one kind, the latest first; none if they cannot be read now."""
    owner = draft_owner()
    if owner == UNKNOWN:
        return []
    try:
        return cached.drafts(owner, kind)
    except DashboardError:
        return []  # the page itself will tell what is wrong with the database


def offer_of(kind: str, subject: str) -> Draft | None:
    """This owner's draft of one box, None if there is none or it cannot be read now."""
    owner = draft_owner()
    if owner == UNKNOWN:
        return None
    try:
        return cached.draft(owner, kind, subject)
    except DashboardError:
        return None


def show_offer(draft: Draft, on_continue: Callable[[], None], *, what: str = "Draft") -> None:
    """Draw the offer of a draft: its age, its beginning, Continue and Dismiss."""
    key = f"{draft.kind}-{draft.subject}"
    with st.container(
        horizontal=True, vertical_alignment="center", border=True, key=f"draft-{key}"
    ):
        with st.container(gap=None):
            st.markdown(f":material/edit_note: **{what} from {age(draft.updated_at)}**")
            st.caption(plain(draft.body[: 10 * _PREVIEW], _PREVIEW))
        st.button(
            "Continue",
            type="primary",
            key=f"continue-{key}",
            on_click=_take_up,
            args=(draft, on_continue),
        )
        st.button(
            "Dismiss",
            key=f"forget-{key}",
            on_click=forget,
            args=(draft.kind, draft.subject, draft.updated_at),
            help="Delete this draft",
        )


def _take_up(draft: Draft, on_continue: Callable[[], None]) -> None:
    """On click: the draft is this session's own from now on."""
    _states()[draft.kind, draft.subject] = _Kept(draft.body, draft.updated_at)
    on_continue()


@st.fragment
def watch_typing(label: str, kind: str, subject: str, box: str) -> None:
    """Keep what is typed into the text area `label`, whose key is `box`, and tell when it was."""

    def heard(text: str) -> None:
        # What the box had told already, the page has kept, or had its reason not to.
        if (kind, subject) in _states() or text != st.session_state.get(box, ""):
            keep(kind, subject, text)

    typing_watch(label, key=f"watch-{kind}-{subject}", on_text=heard)
    kept_note(kind, subject)


def kept_note(kind: str, subject: str) -> None:
    """One line: when the draft was kept, or that it was not; nothing if there is none."""
    kept = _states().get((kind, subject))
    if kept and kept.fault:
        st.caption(f":orange[:material/warning:] Draft not kept: {plain(kept.fault)}")
    elif kept and kept.at:
        st.caption(f":material/cloud_done: Unsaved draft kept {time_of_day(kept.at)}")


def kept_text_area(label: str, *, key: str, kind: str, subject: str, **options: Any) -> str:
    """A text area whose text is kept while it is typed and offered again; what stands in it.

    `options` go to `st.text_area`. Call `forget(kind, subject)` once the text is saved.
    """
    seen = f"{key}-seen"
    if key not in st.session_state:  # a page switch drops what stood in the box: nobody emptied it
        st.session_state.pop(seen, None)
    shown = st.session_state.get(key, "")
    draft = offer_of(kind, subject)
    if draft and not shown.strip():
        show_offer(draft, lambda: _put(key, draft.body))
    text = st.text_area(label, key=key, **options) or ""
    if text != st.session_state.get(seen, ""):  # else the watch may know a newer one
        st.session_state[seen] = text
        keep(kind, subject, text)
    watch_typing(label, kind, subject, key)
    return text


def _put(key: str, text: str) -> None:
    st.session_state[key] = text


def _states() -> dict[_Box, _Kept]:
    return cast(dict[_Box, _Kept], st.session_state.setdefault(_STATE, {}))
