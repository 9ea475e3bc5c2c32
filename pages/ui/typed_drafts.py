"""What is being typed is kept on the server, and offered again: by any box of any page.

    watch_typing(...)   beside a text area: keeps its text while it is typed, and says so
    keep, forget        for boxes that tell by themselves (the JSON editor), and once it is saved
    kept_drafts, show_draft  what was kept and is not in the box: "Draft from 3 min ago"

A box is named by its kind and its subject. What one session types never takes the place of what
another one, or an earlier one, has kept of the same box, unless it was taken up. Whose drafts they
are, `draft_owner` knows; a browser without an id of its own gets none, because they would be
everybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

import streamlit as st

from pages.ui.clock import time_of_day, when
from pages.ui.components.typing_watch import typing_watch
from pages.ui.identity import UNKNOWN, browser, draft_owner
from pages.ui.inert import plain
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.personas.typed_drafts import TypedDraft, another_subject, box_subject

MOST_SHOWN = 3  # of one box at a time
_STATE = "kept-drafts"
_ADOPTED = "adopted-drafts"
_PREVIEW = 90
_Box = tuple[str, str]


@dataclass(frozen=True)
class _Kept:
    """What this session last did with a box: the text, when it was kept, or why it was not.

    `subject` is what it is kept under, None until that is known.
    """

    text: str
    subject: str | None
    at: datetime | None = None
    fault: str = ""


def keep(
    kind: str,
    subject: str,
    text: str,
    base_version: int | None = None,
    *,
    resumed: bool = False,
) -> None:
    """Keep what stands in the box; an emptied box has no draft. Never raises: typing goes on.

    `resumed` says that it was typed before this session began, as after a restart of the server:
    then it goes on with the draft that there is.
    """
    owner, box = draft_owner(), (kind, subject)
    states = _states()  # once: where Streamlit is asked for it, a new run may end this one
    known = states.get(box)
    if owner == UNKNOWN or (known and known.text == text and not known.fault):
        return
    under = known.subject if known else None
    try:
        under = under or _subject_for(owner, kind, subject, resumed)
        if text.strip():
            draft = cached.keep_draft(owner, kind, under, text, base_version)
            states[box] = _Kept(text, under, draft.updated_at)
        else:
            _dismiss(owner, kind, under, known.at if known else None)
            states[box] = _Kept(text, under)
    except DashboardError as error:
        states[box] = _Kept(text, under, fault=error.problem)


def _subject_for(owner: str, kind: str, subject: str, resumed: bool) -> str:
    """Under which a text is kept that this session has not kept before."""
    kept = cached.drafts_of(owner, kind, subject) if resumed else []
    return kept[0].subject if len(kept) == 1 else another_subject(subject)


def forget(kind: str, subject: str) -> None:
    """The text was saved: no draft of it any more. Never raises.

    What another tab has kept of the same box stays.
    """
    owner = draft_owner()
    known = _states().pop((kind, subject), None)
    if owner == UNKNOWN or not known:
        return
    try:
        _dismiss(owner, kind, known.subject, known.at)
    except DashboardError as error:
        _states()[kind, subject] = _Kept("", known.subject, known.at, error.problem)


def _dismiss(owner: str, kind: str, subject: str | None, until: datetime | None) -> None:
    if subject and until:
        cached.dismiss_draft(owner, kind, subject, until)


def kept_drafts(kind: str) -> list[TypedDraft]:
    """This owner's drafts of one kind, the latest first; none if they cannot be read now."""
    owner = draft_owner()
    if owner == UNKNOWN:
        return []
    try:
        return cached.drafts(owner, kind)
    except DashboardError:
        return []  # the page itself will tell what is wrong with the database


def kept_for(kind: str, subject: str) -> list[TypedDraft]:
    """This owner's drafts of one box, the latest first; none if they cannot be read now."""
    owner = draft_owner()
    if owner == UNKNOWN:
        return []
    try:
        return cached.drafts_of(owner, kind, subject)
    except DashboardError:
        return []


def adopt_earlier_drafts() -> None:
    """What was typed in this browser before somebody signed in is theirs, and offered to them."""
    actor, here = cached.actor_of_run(), browser()
    if actor is None or here is None or not actor.may(Role.ANALYST):
        return
    if _ADOPTED in st.session_state:
        return
    with suppress(DashboardError):  # the next run tries again
        cached.adopt_drafts(here, actor.user_id)
        st.session_state[_ADOPTED] = True


def show_draft(draft: TypedDraft, on_continue: Callable[[], None], *, what: str = "Draft") -> None:
    """Draw a kept draft: its age, its beginning, Continue and Dismiss."""
    key = f"{draft.kind}-{draft.subject}"
    with st.container(
        horizontal=True, vertical_alignment="center", border=True, key=f"draft-{key}"
    ):
        with st.container(gap=None):
            st.markdown(f":material/edit_note: **{what} from {when(draft.updated_at)}**")
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
            on_click=_refuse,
            args=(draft,),
            help="Delete this draft",
        )


def _take_up(draft: TypedDraft, on_continue: Callable[[], None]) -> None:
    """On click: the draft is this session's own from now on."""
    kept = _Kept(draft.body, draft.subject, draft.updated_at)
    _states()[draft.kind, box_subject(draft.subject)] = kept
    on_continue()


def _refuse(draft: TypedDraft) -> None:
    """On click: nobody wants this draft; what was kept later under its subject stays."""
    box = (draft.kind, box_subject(draft.subject))
    known = _states().get(box)
    if known and known.subject == draft.subject:
        _states().pop(box)
    with suppress(DashboardError):  # then it is offered again
        _dismiss(draft_owner(), draft.kind, draft.subject, draft.updated_at)


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
        _states().pop((kind, subject), None)  # what is typed now is another text
    if not str(st.session_state.get(key, "")).strip():
        for draft in kept_for(kind, subject)[:MOST_SHOWN]:
            show_draft(draft, partial(_put, key, draft.body))
    resumed = seen not in st.session_state  # what stands there at first was typed before
    text = st.text_area(label, key=key, **options) or ""
    if text != st.session_state.get(seen, ""):  # else the watch may know a newer one
        keep(kind, subject, text, resumed=resumed)
    st.session_state[seen] = text
    watch_typing(label, kind, subject, key)
    return text


def _put(key: str, text: str) -> None:
    st.session_state[key] = text


def _states() -> dict[_Box, _Kept]:
    return cast(dict[_Box, _Kept], st.session_state.setdefault(_STATE, {}))
