"""Where a persona stands in review: its status with who and when, and the moves from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.ui.account import allowed
from pages.ui.clock import age, when
from pages.ui.faults import show_fault
from pages.ui.identity import current_author, shown_author
from pages.ui.inert import plain
from pages.ui.persona.review.review_words import (
    STATUS_COLOURS,
    STATUS_ICONS,
    STATUS_LABELS,
    move_label,
)
from pages.ui.persona.state import PersonaState
from pages.ui.typed_drafts import forget, kept_for, kept_text_area
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.personas import Persona
from services.personas.reviewing import MAX_NOTE, MOVES, Status

NOTE = "review_note"  # kind of the drafts kept of the note
OnMoved = Callable[[Status], None]


def review_status(
    stored: Persona,
    state: PersonaState,
    *,
    shortcuts: Mapping[Status, str] | None = None,
    on_moved: OnMoved = lambda _: None,
) -> None:
    """Draw the status and a button for each move; `on_moved` hears of a move that was stored.

    `shortcuts` are keys for some of the moves.
    """
    state.seen = stored.version
    status = Status(stored.status)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(STATUS_LABELS[status], icon=STATUS_ICONS[status], color=STATUS_COLOURS[status])
        st.caption(_who_and_when(stored), width="content")
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _note(stored)
            for new in MOVES[status]:
                st.button(
                    move_label(status, new),
                    type="primary" if new is MOVES[status][0] else "secondary",
                    on_click=_move,
                    args=(stored, new, state, on_moved),
                    shortcut=(shortcuts or {}).get(new),
                    key=f"move-{new}-{stored.id}",
                    **allowed(needed_for(new)),
                )
    if stored.review_note:
        st.markdown(f":material/sticky_note_2: {plain(stored.review_note)}")
    if state.status_fault:
        show_fault(state.status_fault)


def needed_for(new: Status) -> Role:
    """The role that a move to this status takes."""
    return Role.REVIEWER if new in (Status.APPROVED, Status.REJECTED) else Role.ANALYST


def _who_and_when(stored: Persona) -> str:
    if stored.reviewed_at is None:
        return "Not reviewed yet"
    words = (
        f"{age(stored.reviewed_at)} by {plain(shown_author(stored.reviewed_by), 60)} "
        f"({when(stored.reviewed_at)})"
    )
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
    note = str(st.session_state.get(_note_key(stored), ""))
    try:
        # The version on the screen: accepting a claim makes one without drawing this anew.
        cached.set_status(str(stored.id), new, state.seen, current_author(), note)
    except DashboardError as error:
        state.status_fault = error
        return
    st.session_state[_note_key(stored)] = ""
    forget(NOTE, str(stored.id))
    state.status_fault, state.note = None, f"Now: {STATUS_LABELS[new]}."
    on_moved(new)
