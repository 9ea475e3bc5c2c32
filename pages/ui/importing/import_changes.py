"""Import as update: what a file holds otherwise than it is stored, value by value."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import streamlit as st

from pages.ui.account import allowed
from pages.ui.field_values import show_value
from pages.ui.identity import current_author, shown_author
from pages.ui.inert import plain
from pages.ui.navigation import PERSONA
from pages.ui.persona.version_words import field_in_words, path_in_words
from pages.ui.wording import counted, name_of
from services import cached
from services.access.roles import Role
from services.importing.update.applying import Found
from services.importing.update.comparing import TEXT_CELL, Cell, RowChange

_SHOWN = 50  # rows drawn with a box for each cell; of the others, all that is no conflict is taken
_POLL_SECONDS = 0.7


def show_changes(job_id: UUID) -> None:
    """Draw what differs, or how far it is applied; nothing if nothing differs."""
    found = cached.import_updates(job_id)
    if not (found.changes or found.wanted):
        return
    st.header("Stored with other values", anchor=False)
    if found.is_running:
        _running(job_id)
    elif found.wanted:
        _applied(found)
    else:
        _choose(job_id, found)


def has_changes(job_id: UUID) -> bool:
    """Whether the file holds something otherwise than it is stored."""
    found = cached.import_updates(job_id)
    return bool(found.changes or found.wanted)


def _choose(job_id: UUID, found: Found) -> None:
    conflicts = sum(cell.conflict for change in found.changes for cell in change.cells)
    cells = sum(len(change.cells) for change in found.changes)
    st.caption(
        f"{counted(len(found.changes), 'persona')} of the file, {counted(cells, 'value')}. "
        "What you tick is stored as a new version."
        + (" What somebody changed since the export is not ticked." if conflicts else "")
    )
    if lists := sum(cell.loses_list for change in found.changes for cell in change.cells):
        st.warning(
            f"{counted(lists, 'value')} would become one text where a list is stored. To keep a "
            'list, write it in the file as ["one", "two"].',
            icon=":material/format_list_bulleted:",
        )
    for change in found.changes[:_SHOWN]:
        _row(job_id, change)
    rest = len(found.changes) - _SHOWN
    if rest > 0:
        st.caption(
            f"and {counted(rest, 'persona')} more: every value that is no conflict is taken."
        )
    if found.more:
        st.caption("There are still more: give the file again afterwards.")
    chosen = {change.number: _taken(job_id, change) for change in found.changes}
    values = sum(map(len, chosen.values()))
    rows = sum(map(bool, chosen.values()))
    st.button(
        f"Apply {counted(values, 'value')} to {counted(rows, 'persona')}",
        type="primary",
        icon=":material/done_all:",
        on_click=cached.apply_updates,
        args=(job_id, chosen, current_author()),
        key="apply-updates",
        **allowed(Role.ANALYST, disabled=not values),
    )


def _row(job_id: UUID, change: RowChange) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                PERSONA,
                label=f"**{plain(name_of(change.persona.persona), 120)}**",
                query_params={"id": str(change.persona.id)},
            )
            st.caption(f"row {change.number:,}", width="content")
        for cell in change.cells:
            _cell(job_id, change, cell)


def _cell(job_id: UUID, change: RowChange, cell: Cell) -> None:
    take, stored, given = st.columns([2, 3, 3], gap="medium")
    about = f"Row {change.number}, {path_in_words(cell.path)}"
    with take:
        st.checkbox(
            _field(cell),
            value=not cell.conflict,
            key=_box(job_id, change, cell),
            persist_state="session",
        )
        if cell.conflict:
            by = plain(shown_author(change.persona.updated_by), 60)
            st.caption(f":orange[Changed by {by} since the export]")
        if cell.loses_list:
            st.caption(":orange[A list is stored, the file holds one text]")
    with stored:
        show_value(cell.stored, "Stored", about)
    with given:
        show_value(cell.given, "In the file", about)


def _field(cell: Cell) -> str:
    return "Source text" if cell.path == TEXT_CELL else field_in_words(cell.path)


def _taken(job_id: UUID, change: RowChange) -> frozenset[str]:
    return frozenset(
        cell.path
        for cell in change.cells
        if st.session_state.get(_box(job_id, change, cell), not cell.conflict)
    )


def _box(job_id: UUID, change: RowChange, cell: Cell) -> str:
    return f"take-{job_id}-{change.number}-{cell.path}"


@st.fragment(run_every=_POLL_SECONDS)
def _running(job_id: UUID) -> None:
    found = cached.import_updates(job_id)
    if not found.is_running:
        st.rerun()
    st.progress(found.done / found.wanted, text=f"{found.done:,} of {found.wanted:,} personas")
    st.caption("You can close this page: the work goes on.")


def _applied(found: Found) -> None:
    told = f"{counted(found.written, 'persona')} updated, each as a new version."
    st.success(told, icon=":material/check_circle:")
    if found.left:
        st.warning(
            f"{counted(found.left, 'value')} not applied: somebody changed them since the check. "
            "Give the file again to see them.",
            icon=":material/call_merge:",
        )
    _faults(found.faults)


def _faults(faults: Iterable[str]) -> None:
    for fault in faults:
        st.error(plain(fault), icon=":material/error:")
