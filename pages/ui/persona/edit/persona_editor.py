"""Edit a persona's JSON: checked while typing, compared with what is stored, then saved."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from pages.ui.account import allowed
from pages.ui.components.json_editor import editor_script_url, has_draft, json_editor
from pages.ui.faults import show_fault
from pages.ui.field_values import as_json, show_value
from pages.ui.identity import shown_author
from pages.ui.inert import inert_text, plain
from pages.ui.persona.edit.conflict import resolve_conflict
from pages.ui.persona.edit.hints import type_hints
from pages.ui.persona.edit.json_draft import keep_json
from pages.ui.persona.edit.saving import KIND, editor_key, save_edit
from pages.ui.persona.state import Opened, PersonaState
from pages.ui.persona.version_words import field_in_words
from pages.ui.typed_drafts import kept_note
from pages.ui.wording import counted
from services.access.roles import Role
from services.errors import InvalidPersonaError
from services.evidence.schema import in_field_order
from services.personas import Persona
from services.personas.changes import Change, changes
from services.personas.three_way_merge import ABSENT
from services.personas.validation import parse_persona

_SHOWN_CHANGES = 50


def edit_beside_text(stored: Persona, state: PersonaState) -> None:
    """Draw the editor, and the source text beside it."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        edit_persona(stored, state)
    with right:
        st.header("Source text", anchor=False)
        inert_text(stored.raw_text)


def edit_persona(stored: Persona, state: PersonaState) -> None:
    """Draw the editor, what is wrong or what changed, and Save.

    While something is unsaved, the editor stays at the version that it was opened with.
    """
    if state.conflict:
        resolve_conflict(stored.id, state.conflict, state)
        return
    opened = _opened(stored, state)
    text = json_editor(
        as_json(in_field_order(opened.persona)),
        version=str(opened.version),
        key=editor_key(stored.id),
        script_url=editor_script_url(),
        on_draft=partial(keep_json, stored.id, opened.version),
    )
    kept_note(KIND, str(stored.id))
    try:
        edited = parse_persona(text)
    except InvalidPersonaError as error:
        st.error(
            f"**Not saved: {plain(error.problem)}** {plain(error.advice)}", icon=":material/error:"
        )
        _save_button(stored, None, state)
        return
    if hints := type_hints(edited):
        st.caption("\n\n".join(f":orange[:material/help:] {plain(hint)}" for hint in hints))
    found = changes(opened.persona, edited)
    _save_button(stored, edited if found else None, state)
    _show_changes(found)


def _save_button(stored: Persona, edited: dict[str, Any] | None, state: PersonaState) -> None:
    st.button(
        "Save changes",
        type="primary",
        icon=":material/save:",
        on_click=save_edit,
        args=(stored.id, state.opened, edited, state),
        key="save",
        **allowed(Role.ANALYST, disabled=edited is None),
    )
    if state.fault:
        show_fault(state.fault)


def _opened(stored: Persona, state: PersonaState) -> Opened:
    """The version in the editor: the newest, or the one that unsaved text is based on."""
    opened = state.opened
    if opened is None or not has_draft(editor_key(stored.id), str(opened.version)):
        opened = state.opened = Opened(stored.version, stored.persona)
    elif opened.version < stored.version:
        st.caption(
            f":material/history: You are editing version {opened.version}; "
            f"{plain(shown_author(stored.updated_by), 60)} saved version {stored.version}. "
            "Saving brings both together."
        )
    return opened


def _show_changes(found: list[Change]) -> None:
    if not found:
        st.caption("No changes against the stored version.")
        return
    st.markdown(f"**{counted(len(found), 'unsaved change')}**")
    for change in found[:_SHOWN_CHANGES]:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{field_in_words(change.path)}**")
            for column, heading, value in zip(
                st.columns(2), ("Stored", "New"), (change.before, change.after), strict=True
            ):
                with column:
                    show_value(ABSENT if value is None else value, heading)
    if len(found) > _SHOWN_CHANGES:
        st.caption(f"and {len(found) - _SHOWN_CHANGES} more")
