"""Edit a persona's JSON: checked while typing, compared with what is stored, then saved."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.json_editor import editor_script_url, json_editor
from pages.ui.state import PersonaState
from services import cached
from services.errors import DashboardError, InvalidPersonaError
from services.generation.schema import in_field_order
from services.personas import Persona, PersonaUpdate
from services.personas.changes import Change, changes
from services.personas.validation import parse_persona

_SHOWN_CHANGES = 50
_LONG = 300  # characters of a value worth showing in a comparison


def as_json(value: Any) -> str:
    """JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def edit_persona(stored: Persona, state: PersonaState) -> None:
    """Draw the editor, what is wrong or what changed, and Save."""
    version = stored.updated_at.isoformat()
    text = json_editor(
        as_json(in_field_order(stored.persona)),
        version=version,
        key=f"editor-{stored.id}",
        script_url=editor_script_url(),
    )
    try:
        edited = parse_persona(text)
    except InvalidPersonaError as error:
        st.error(
            f"**Not saved: {plain(error.problem)}** {plain(error.advice)}", icon=":material/error:"
        )
        _save_button(stored, None, state)
        return
    found = changes(stored.persona, edited)
    _save_button(stored, edited if found else None, state)
    _show_changes(found)


def _save_button(stored: Persona, edited: dict[str, Any] | None, state: PersonaState) -> None:
    st.button(
        "Save changes",
        type="primary",
        icon=":material/save:",
        disabled=edited is None,
        on_click=_save,
        args=(stored, edited, state),
        key="save",
    )
    if state.fault:
        show_fault(state.fault)


def _save(stored: Persona, edited: dict[str, Any], state: PersonaState) -> None:
    try:
        cached.update_persona(str(stored.id), PersonaUpdate(persona=edited))
        state.fault, state.note = None, "Saved."
    except DashboardError as error:
        state.fault = error


def _show_changes(found: list[Change]) -> None:
    if not found:
        st.caption("No changes against the stored version.")
        return
    st.markdown(f"**{len(found)} unsaved {'change' if len(found) == 1 else 'changes'}**")
    rows = [
        {"Path": change.path, "Stored": _side(change.before), "New": _side(change.after)}
        for change in found[:_SHOWN_CHANGES]
    ]
    st.dataframe(rows, hide_index=True, width="stretch")
    if len(found) > _SHOWN_CHANGES:
        st.caption(f"and {len(found) - _SHOWN_CHANGES} more")


def _side(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else as_json(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]} …"
