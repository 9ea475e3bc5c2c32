"""What can be done to several personas of the list at once: named buttons that can work, or say
why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import streamlit as st

from pages.ui.account import allowed
from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.list.bulk_acts import TRASH, VERBS, Selected, act, ask
from pages.ui.list.export_dialog import export_dialog
from pages.ui.many.state import open_given
from pages.ui.numbers import amount
from pages.ui.persona.review_status import needed_for
from pages.ui.wording import label
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.personas.finding.finder import FoundPersona, Total
from services.personas.finding.query import PersonaQuery
from services.personas.reviewing.workflow import MOVES, Status

_ICONS = {
    Status.IN_REVIEW: ":material/rate_review:",
    Status.APPROVED: ":material/check_circle:",
    Status.REJECTED: ":material/cancel:",
    Status.DRAFT: ":material/edit_note:",
}


def bulk_bar(
    ids: Sequence[str], rows: Sequence[FoundPersona], query: PersonaQuery, total: Total
) -> None:
    """What to do with the ticked rows, in a bar over the end of the window: nothing moves."""
    if not ids:
        return
    chosen = [row for row in rows if str(row.id) in ids]
    with st.container(key="bulk-bar", horizontal=True, vertical_alignment="center"):
        whole = False
        if len(ids) == len(rows) and total.number > len(rows):
            whole = st.checkbox(f"All {amount(total)} that match", key=f"bulk-all-{query!r}")
        st.markdown(f"**{amount(total) if whole else f'{len(ids):,}'} chosen**", width="content")
        selected = Selected(
            query if whole else tuple(row.id for row in chosen),
            {} if whole else {row.id: row.status for row in chosen},
            total if whole else Total(len(ids), True),
            datetime.now(UTC),
            sum(row.coverage != 100 for row in chosen),
        )
        for status in (Status.IN_REVIEW, Status.APPROVED, Status.REJECTED, Status.DRAFT):
            _move_button(status, chosen, selected, whole=whole)
        st.button(
            "Move to trash",
            icon=":material/delete:",
            key="bulk-trash",
            on_click=ask if whole else act,
            args=(selected, TRASH),
            **allowed(Role.ANALYST),
        )
        _draft_button(selected)
        if st.button("Export", icon=":material/download:", key="bulk-export"):
            export_dialog(amount(selected.number), query, () if whole else tuple(ids))


def _draft_button(selected: Selected) -> None:
    if st.button(
        "Draft anew",
        icon=":material/auto_awesome:",
        key="bulk-draft-anew",
        **allowed(
            Role.ANALYST,
            help="As a batch. What comes of it waits beside each persona until it is taken over",
        ),
    ):
        intake_id = uuid4()
        try:
            cached.read_stored_texts(intake_id, "Drafted anew", selected.selection)
        except DashboardError as error:
            show_fault(error)
            return
        open_given(intake_id)


def _move_button(
    new: Status, chosen: Sequence[FoundPersona], selected: Selected, *, whole: bool
) -> None:
    before = [old for old, moves in MOVES.items() if new in moves]
    able = sum(row.status in before for row in chosen)
    number = f" {able}" if able and not whole and able < len(chosen) else ""
    st.button(
        f"{VERBS[new]}{number}",
        icon=_ICONS[new],
        key=f"bulk-{new}",
        on_click=ask if whole else act,
        args=(selected, new),
        **allowed(needed_for(new), disabled=not (able or whole), help=_why(before, chosen)),
    )


def _why(before: Sequence[Status], chosen: Sequence[FoundPersona]) -> str:
    """What the move is for, and which of the chosen it is not for."""
    wanted = " or ".join(label(str(old)).lower() for old in before)
    others = Counter(row.status for row in chosen if row.status not in before)
    if not others:
        return f"For personas that are {wanted}"
    told = ", ".join(f"{count} {plain(label(status)).lower()}" for status, count in others.items())
    return f"Only for personas that are {wanted}; chosen are {told}"
