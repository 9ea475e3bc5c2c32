"""Somebody was faster and changed the same fields: show base, theirs and mine, and ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.field_values import show_value
from pages.ui.identity import shown_author
from pages.ui.inert import plain
from pages.ui.persona.edit.saving import save_resolved
from pages.ui.persona.state import Conflict, PersonaState
from pages.ui.persona.version_words import field_in_words, path_in_words
from services.evidence.pointers import is_within
from services.personas.differences.changes import changes
from services.personas.differences.three_way_merge import Collision, Merge, Side, merge

_SIDES: tuple[Side, ...] = ("theirs", "mine")


def resolve_conflict(persona_id: UUID, conflict: Conflict, state: PersonaState) -> None:
    """Draw each field that both changed, with a choice; then save the merge or go on editing."""
    found = merge(conflict.base.persona, conflict.theirs.persona, conflict.mine)
    number = len(found.collisions)
    fields = "one field" if number == 1 else f"{number} fields"
    st.warning(
        f"**{plain(shown_author(conflict.author), 60)} saved version {conflict.theirs.version} "
        f"while you were editing, and you both changed {fields}.** Nothing was overwritten and "
        "your text is kept.",
        icon=":material/call_merge:",
    )
    choices = {
        collision.path: _ask(collision, f"{persona_id}-{conflict.theirs.version}", conflict)
        for collision in found.collisions
    }
    _taken_by_itself(conflict, found)
    if state.fault:
        show_fault(state.fault)
    open_choices = [path for path, side in choices.items() if side is None]
    if open_choices:
        st.caption(f"{len(open_choices)} of {number} still to choose.")
    with st.container(horizontal=True):
        st.button(
            "Save merged",
            type="primary",
            icon=":material/save:",
            disabled=bool(open_choices),
            on_click=save_resolved,
            args=(persona_id, {path: side for path, side in choices.items() if side}, state),
            key="save-merged",
        )
        st.button(
            "Back to my text",
            icon=":material/edit:",
            on_click=_go_back,
            args=(state,),
            key="back-to-text",
            help="Nothing is saved. Saving again will ask again.",
        )


def _ask(collision: Collision, key: str, conflict: Conflict) -> Side | None:
    with st.container(border=True):
        st.markdown(f"**{field_in_words(collision.path)}**")
        columns = st.columns(3)
        sides = (
            (f"Before (version {conflict.base.version})", collision.base),
            (f"Theirs (version {conflict.theirs.version})", collision.theirs),
            ("Mine (not saved)", collision.mine),
        )
        for column, (heading, value) in zip(columns, sides, strict=True):
            with column:
                show_value(value, heading, path_in_words(collision.path))
        return st.radio(
            f"Which value of {field_in_words(collision.path)}?",
            _SIDES,
            index=None,
            format_func=lambda side: f"Keep {side}",
            horizontal=True,
            key=f"choice-{key}-{collision.path}",
            label_visibility="collapsed",
        )


def _taken_by_itself(conflict: Conflict, found: Merge) -> None:
    """Which other fields of either side go into the merge without a question."""
    asked = {collision.path for collision in found.collisions}

    def changed(side: dict[str, Any]) -> list[str]:
        found = changes(conflict.base.persona, side, lists_whole=True)
        paths = [change.path for change in found]
        return [path for path in paths if not any(is_within(path, other) for other in asked)]

    theirs, mine = changed(conflict.theirs.persona), changed(conflict.mine)
    for who, paths in (
        ("Changed by both in the same way", [path for path in mine if path in theirs]),
        ("Theirs, taken without a question", [path for path in theirs if path not in mine]),
        ("Mine, taken without a question", [path for path in mine if path not in theirs]),
    ):
        if paths:
            st.caption(f"{who}: {', '.join(field_in_words(path) for path in paths)}")


def _go_back(state: PersonaState) -> None:
    state.conflict = state.fault = None
