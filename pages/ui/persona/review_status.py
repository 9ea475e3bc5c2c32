"""Where a persona stands in review: its status with who and when, and the moves from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from pages.ui.account import allowed, lacks
from pages.ui.clock import when
from pages.ui.faults import show_fault
from pages.ui.identity import current_author, shown_author
from pages.ui.inert import plain
from pages.ui.notices import tell
from pages.ui.persona.review.review_words import (
    STATUS_COLOURS,
    STATUS_ICONS,
    STATUS_LABELS,
    move_label,
)
from pages.ui.persona.state import PersonaState
from pages.ui.typed_drafts import forget, kept_for, kept_text_area
from pages.ui.wording import counted, name_of
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.evidence.checking import coverage
from services.evidence.review import Review
from services.personas import Persona
from services.personas.reviewing.workflow import MAX_NOTE, MOVES, Status

NOTE = "review_note"  # kind of the drafts kept of the note
OnMoved = Callable[[Status], None]


def review_status(
    stored: Persona,
    state: PersonaState,
    *,
    shortcuts: Mapping[Status, str] | None = None,
    on_moved: OnMoved = lambda _: None,
) -> None:
    """Draw the status and a button for each move into the row that is open; `on_moved` hears of a
    move that was stored.

    `shortcuts` are keys for some of the moves.
    """
    state.seen = stored.version
    status = Status(stored.status)
    st.badge(STATUS_LABELS[status], icon=STATUS_ICONS[status], color=STATUS_COLOURS[status])
    unsourced = _without_source(stored)
    if unsourced and Status.APPROVED in moves_from(status):
        st.caption(f":orange[{counted(unsourced, 'claim')} without source]", width="content")
    st.space("stretch")
    if not lacks(Role.ANALYST):  # else there is no move that could take it along
        _note(stored)
    for new in moves_from(status):
        st.button(
            move_label(status, new),
            type="primary" if new is Status.APPROVED else "secondary",
            on_click=_move,
            args=(stored, new, state, on_moved),
            shortcut=(shortcuts or {}).get(new),
            key=f"move-{new}-{stored.id}",
            **allowed(needed_for(new)),
        )


def review_remarks(stored: Persona, state: PersonaState) -> None:
    """Draw who reviewed it and when, with which note, and why the last move failed."""
    if stored.reviewed_at is not None:
        note = f" · “{plain(stored.review_note)}”" if stored.review_note else ""
        st.caption(_who_and_when(stored) + note)
    if state.status_fault:
        show_fault(state.status_fault)


def moves_from(status: Status) -> tuple[Status, ...]:
    """The moves that are offered: a draft may be approved in one step, as two moves."""
    if status is Status.DRAFT:
        return (Status.APPROVED, *MOVES[status])
    return MOVES[status]


def needed_for(new: Status) -> Role:
    """The role that a move to this status takes."""
    return Role.REVIEWER if new in (Status.APPROVED, Status.REJECTED) else Role.ANALYST


def _without_source(stored: Persona) -> int:
    review = Review.of(stored.raw_text, stored.persona, stored.evidence, stored.generation)
    found = coverage(review.raw_text, review.evidence, review.persona)
    return found.claims_total - found.claims_with_source


def _who_and_when(stored: Persona) -> str:
    by = plain(shown_author(stored.reviewed_by), 60)
    at = when(stored.reviewed_at) if stored.reviewed_at else ""
    words = f"{STATUS_LABELS[Status(stored.status)]} by {by}, {at}"
    return f"{words} · :orange[changed since]" if stored.changed_since_review else words


def _note(stored: Persona) -> None:
    """The optional note, folded away; what is typed is kept as a draft."""
    written = str(st.session_state.get(_note_key(stored), "")).strip()
    subject = str(stored.id)
    kept = not written and kept_for(NOTE, subject)
    label = "Note written" if written else "Note (draft kept)" if kept else "Note"
    with st.popover(label, icon=":material/add_notes:"):
        kept_text_area(
            "Note for the next move (optional)",
            key=_note_key(stored),
            kind=NOTE,
            subject=subject,
            max_chars=MAX_NOTE,
        )


def _note_key(stored: Persona) -> str:
    return f"review-note-{stored.id}"


def _move(stored: Persona, new: Status, state: PersonaState, on_moved: OnMoved) -> None:
    note, old = str(st.session_state.get(_note_key(stored), "")), Status(stored.status)
    try:
        version = state.seen  # on the screen: accepting a claim makes one without drawing this anew
        if new not in MOVES[old]:
            step = cached.set_status(str(stored.id), Status.IN_REVIEW, version, current_author())
            version = step.version or version
        moved = cached.set_status(str(stored.id), new, version, current_author(), note)
    except DashboardError as error:
        state.status_fault = error
        return
    st.session_state[_note_key(stored)] = ""
    forget(NOTE, str(stored.id))
    state.status_fault = None
    undo = partial(_move_back, stored, old, moved.version or version + 1)
    told = f"{plain_name(stored)}: {STATUS_LABELS[new].lower()}."
    unsourced = _without_source(stored) if new is Status.APPROVED else 0
    if unsourced:
        told += f" {counted(unsourced, 'claim')} without source."
    tell(told, undo=None if lacks(needed_for(old)) else undo)
    on_moved(new)


def _move_back(stored: Persona, old: Status, version: int) -> str:
    """Undo a move: over the review, where there is no way straight back."""
    author, one = current_author(), str(stored.id)
    now = Status(cached.persona(one).status)
    if old not in MOVES[now]:
        version = cached.set_status(one, Status.IN_REVIEW, version, author).version or version
    cached.set_status(one, old, version, author)
    return f"{plain_name(stored)}: {STATUS_LABELS[old].lower()} again."


def plain_name(stored: Persona) -> str:
    """The name for a notice, which shows texts as they are."""
    return name_of(stored.persona)[:60]
