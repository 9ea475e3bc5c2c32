"""What can be done to several personas of the list at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import streamlit as st

from pages.ui.account import lacks
from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.list.export_dialog import export_dialog
from pages.ui.list.pager import amount
from pages.ui.wording import label
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.personas.bulk import AT_ONCE, Outcome
from services.personas.finding import Total
from services.personas.query import PersonaQuery
from services.personas.reviewing import Status

TRASH, EXPORT = "trash", "export"
_ASKED = "bulk-asked"
_NEEDED: dict[str, Role] = {
    EXPORT: Role.VIEWER,
    Status.APPROVED: Role.REVIEWER,
    Status.REJECTED: Role.REVIEWER,
}

Chosen = PersonaQuery | tuple[UUID, ...]


def bulk_bar(chosen: Sequence[str], query: PersonaQuery, total: Total, on_page: int) -> None:
    """What to do with the chosen personas; drawn when there are any."""
    if not chosen:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        whole = False
        if len(chosen) == on_page and total.number > on_page:
            whole = st.checkbox(f"All {amount(total)} that match", key=f"bulk-all-{query!r}")
        st.markdown(f"**{amount(total) if whole else f'{len(chosen):,}'} chosen**", width="content")
        st.space("stretch")
        todo = st.selectbox(
            "What to do",
            [one for one in (*Status, TRASH, EXPORT) if not lacks(_NEEDED.get(one, Role.ANALYST))],
            index=None,
            key="bulk-action",
            format_func=_action,
            placeholder="Choose what to do",
            label_visibility="collapsed",
            width=230,
        )
        if st.button("Go on …", key="bulk-go", disabled=todo is None) and todo:
            selection = query if whole else tuple(map(UUID, chosen))
            number = total if whole else Total(len(chosen), True)
            if todo == EXPORT:
                ids = () if whole else tuple(chosen)
                export_dialog(amount(number), query, ids)
            else:
                st.session_state[_ASKED] = (selection, str(todo), number, datetime.now(UTC))
    if asked := st.session_state.get(_ASKED):
        _confirm(*asked)


def _forget_question() -> None:
    st.session_state.pop(_ASKED, None)


def _action(todo: str) -> str:
    if todo == EXPORT:
        return "Export"
    return "Move to trash" if todo == TRASH else f"Set to {label(str(todo)).lower()}"


@st.dialog("Change several personas?", on_dismiss=_forget_question)
def _confirm(selection: Chosen, todo: str, number: Total, asked_at: datetime) -> None:
    st.write(f"**{_action(todo)}**: {amount(number)} {_personas(number.number)}.")
    st.caption(
        "They can be restored from the trash."
        if todo == TRASH
        else "Personas for which this move is not allowed stay as they are."
    )
    if number.number > AT_ONCE:
        st.caption("Keep this page open until it is done; what is done by then stays done.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Leave them", key="bulk-leave"):
            _forget_question()
            st.rerun()
        agreed = st.button(_action(todo), type="primary", key="bulk-agree")
    if agreed:
        _carry_out(selection, todo, max(number.number, 1), asked_at)


def _carry_out(selection: Chosen, todo: str, expected: int, asked_at: datetime) -> None:
    bar = st.progress(0.0, text="Working …")

    def progress(seen: int) -> None:
        bar.progress(min(seen / expected, 1.0), text=f"{seen:,} done")

    author = current_author()
    _forget_question()
    try:
        if todo == TRASH:
            outcome = cached.trash_many(selection, author, progress, asked_at)
        else:
            outcome = cached.move_many(selection, Status(todo), author, progress, asked_at)
    except DashboardError as error:
        bar.empty()
        show_fault(error)
        return
    st.session_state["list-note"] = _told(outcome, todo)
    st.rerun()


def _told(outcome: Outcome, todo: str) -> str:
    done = "moved to the trash" if todo == TRASH else f"set to {label(todo).lower()}"
    told = f"{outcome.changed:,} {_personas(outcome.changed)} {done}."
    if outcome.kept:
        told += f" {outcome.kept:,} stayed as they were."
    return told


def _personas(number: int) -> str:
    return "persona" if number == 1 else "personas"
