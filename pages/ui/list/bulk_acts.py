"""Carrying out what was asked of several personas, and telling what came of it, with reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.notices import Undo, tell
from pages.ui.numbers import amount
from pages.ui.wording import counted, label
from services import cached
from services.errors import DashboardError
from services.personas.bulk import AT_ONCE, Outcome
from services.personas.finding.finder import Total
from services.personas.finding.query import PersonaQuery
from services.personas.reviewing.workflow import MOVES, Status

TRASH = "trash"
VERBS = {
    Status.IN_REVIEW: "Send to review",
    Status.APPROVED: "Approve",
    Status.REJECTED: "Reject",
    Status.DRAFT: "Back to draft",
    TRASH: "Move to trash",
}
_ASKED = "bulk-asked"
_DONE = {
    Status.IN_REVIEW: "sent to review",
    Status.APPROVED: "approved",
    Status.REJECTED: "rejected",
    Status.DRAFT: "set back to draft",
    TRASH: "moved to the trash",
}


@dataclass(frozen=True)
class Selected:
    """What an action is for: the ids that were ticked with their statuses, or all of a query.

    `at` is when that was on the screen; `unsourced` counts those with claims without source.
    """

    selection: PersonaQuery | tuple[UUID, ...]
    statuses: Mapping[UUID, str]
    number: Total
    at: datetime
    unsourced: int = 0


def act(selected: Selected, todo: str) -> None:
    """On click: do it at once; it can be undone."""
    try:
        _carry_out(selected, todo, lambda _: None)
    except DashboardError as error:
        tell(f"Nothing was changed: {error.problem} {error.advice}", warning=True)


def ask(selected: Selected, todo: str) -> None:
    """On click: many are asked for first."""
    st.session_state[_ASKED] = (selected, todo)


def show_question() -> None:
    """Draw the question that waits for an answer, if there is one."""
    if asked := st.session_state.get(_ASKED):
        _confirm(*asked)


def _forget_question() -> None:
    st.session_state.pop(_ASKED, None)


@st.dialog("Change all that match?", on_dismiss=_forget_question)
def _confirm(selected: Selected, todo: str) -> None:
    number = selected.number
    noun = "persona" if number.number == 1 else "personas"
    st.write(f"**{VERBS[todo]}**: {amount(number)} {noun}.")
    st.caption(
        "They can be restored from the trash."
        if todo == TRASH
        else "Personas for which this move is not allowed stay as they are."
    )
    if number.number > AT_ONCE:
        st.caption("Keep this page open until it is done; what is done by then stays done.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="bulk-leave"):
            _forget_question()
            st.rerun()
        agreed = st.button(VERBS[todo], type="primary", key="bulk-agree")
    if agreed:
        _work(selected, todo)


def _work(selected: Selected, todo: str) -> None:
    bar = st.progress(0.0, text="Working …")
    expected = max(selected.number.number, 1)

    def progress(seen: int) -> None:
        bar.progress(min(seen / expected, 1.0), text=f"{seen:,} done")

    _forget_question()
    try:
        _carry_out(selected, todo, progress)
    except DashboardError as error:
        bar.empty()
        show_fault(error)
        return
    st.rerun()


def _carry_out(selected: Selected, todo: str, progress: Callable[[int], None]) -> None:
    author = current_author()
    if todo == TRASH:
        outcome = cached.trash_many(selected.selection, author, progress, selected.at)
        undo: Undo | None = partial(_restore, outcome.trashed, author)
    else:
        new = Status(todo)
        outcome = cached.move_many(selected.selection, new, author, progress, selected.at)
        undo = _way_back(selected, new, outcome)
    told = _told(outcome, todo)
    if todo == Status.APPROVED and outcome.changed and selected.unsourced:
        told += " Some of their claims have no source."
    tell(told, undo=undo if outcome.changed else None, warning=not outcome.changed)


def _restore(trashed: Mapping[UUID, int], author: str) -> str:
    restored = cached.restore_many(trashed, author)
    return f"{counted(restored, 'persona')} restored from the trash."


def _way_back(selected: Selected, new: Status, outcome: Outcome) -> Undo | None:
    """What undoes the moves, if each of them has a move back."""
    before: dict[Status, list[UUID]] = {}
    for one in outcome.done:
        old = Status(selected.statuses[one]) if one in selected.statuses else None
        if old not in MOVES[new]:
            return None
        before.setdefault(old, []).append(one)
    return partial(_move_back, before, selected.at)


def _move_back(before: Mapping[Status, list[UUID]], at: datetime) -> str:
    moved = sum(
        cached.move_many(ids, old, current_author(), lambda _: None, at).changed
        for old, ids in before.items()
    )
    return f"Undone: {counted(moved, 'persona')} as before."


def _told(outcome: Outcome, todo: str) -> str:
    told = f"{counted(outcome.changed, 'persona')} {_DONE[todo]}." if outcome.changed else ""
    if not outcome.kept:
        return told or "Nothing to change."
    reasons = [_reason(why, count, todo) for why, count in outcome.why.items()]
    stayed = f"{counted(outcome.kept, 'persona')} stayed as before"
    return f"{told} {stayed}: {', '.join(reasons)}." if reasons else f"{told} {stayed}."


def _reason(why: str, count: int, todo: str) -> str:
    if why == "same":
        return f"{count:,} had that status already"
    if why == "missing":
        return f"{count:,} are not there any more"
    before = [label(str(old)).lower() for old, moves in MOVES.items() if Status(todo) in moves]
    return f"{count:,} cannot be {_DONE[todo]}, only what is {' or '.join(before)}"
