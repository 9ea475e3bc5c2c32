"""Edit a persona as a form or as JSON: one draft, checked, compared with what is stored, saved."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui.account import allowed, lacks
from pages.ui.components.draft_buffer import Buffer
from pages.ui.components.json_editor import editor_script_url, json_editor
from pages.ui.faults import show_fault
from pages.ui.field_values import show_value
from pages.ui.identity import shown_author
from pages.ui.inert import inert_text, plain
from pages.ui.persona.edit.conflict import resolve_conflict
from pages.ui.persona.edit.form import edit_in_form, form_buffer
from pages.ui.persona.edit.hints import type_hints
from pages.ui.persona.edit.json_draft import buffer_of, is_unsaved
from pages.ui.persona.edit.saving import KIND, save_edit
from pages.ui.persona.state import Opened, PersonaState
from pages.ui.persona.version_words import field_in_words, path_in_words
from pages.ui.persona.views import FORM, JSON, choose_form_or_json
from pages.ui.typed_drafts import kept_note
from pages.ui.wording import counted
from services.access.roles import Role
from services.errors import InvalidPersonaError
from services.personas import Persona
from services.personas.differences.changes import Change, changes
from services.personas.differences.three_way_merge import ABSENT
from services.personas.validation import parse_persona

_SHOWN_CHANGES = 50
_SHOWN_HINTS = 5
_LONG_QUOTE = 200


def edit_beside_text(stored: Persona, state: PersonaState) -> None:
    """Draw the editor beside the text; below it what is wrong or what changed, and Save.

    While something is unsaved, the editor stays at the version that it was opened with.
    """
    if state.conflict:
        resolve_conflict(stored.id, state.conflict, state)
        return
    opened = _opened(stored, state)
    buffer = buffer_of(stored.id, opened, state)
    bar = st.container(horizontal=True, vertical_alignment="center", key="edit-bar")
    with bar:
        refusal = lacks(Role.ANALYST)
        how = choose_form_or_json(stored.id, form_possible=_read(buffer.text) is not None)
    with st.container(key="edit-row"):
        left, right = st.columns([3, 2], gap="medium")
    if how == FORM:
        buffer = form_buffer(buffer)
        text = edit_in_form(
            stored, opened, buffer, state, left, right, read_only=refusal is not None
        )
    else:
        with left:
            text = json_editor(
                buffer, read_only=refusal is not None, script_url=editor_script_url()
            )
        with right:
            inert_text(stored.raw_text)
    unsaved = _outcome(opened, text, state, hints=how == JSON)
    with bar:
        if refusal:
            st.caption(f":material/lock: {refusal}", width="content")
        kept_note(KIND, str(stored.id))
        st.space("stretch")
        _save_button(stored, opened, buffer, state, possible=unsaved)


def _read(text: str) -> dict[str, Any] | None:
    try:
        return parse_persona(text)
    except InvalidPersonaError:
        return None


def _outcome(opened: Opened, text: str, state: PersonaState, *, hints: bool) -> bool:
    """Draw what is wrong, or what changed; whether there is something that can be saved."""
    if state.fault:
        show_fault(state.fault)
    try:
        edited = parse_persona(text)
    except InvalidPersonaError as error:
        st.error(
            f"**Not saved: {plain(error.problem)}** {plain(error.advice)}", icon=":material/error:"
        )
        return False
    if told := list(type_hints(edited).values())[: _SHOWN_HINTS * hints]:
        st.caption("\n\n".join(f":orange[:material/help:] {plain(hint)}" for hint in told))
    found = changes(opened.persona, edited)
    _show_changes(found, state)
    return bool(found or state.picked)


def _save_button(
    stored: Persona, opened: Opened, buffer: Buffer, state: PersonaState, *, possible: bool
) -> None:
    st.button(
        "Save changes",
        type="primary",
        icon=":material/save:",
        on_click=save_edit,
        args=(stored.id, opened, buffer, state),
        key="save",
        **allowed(Role.ANALYST, disabled=not possible),
    )


def _opened(stored: Persona, state: PersonaState) -> Opened:
    """The version in the editor: the newest, or the one that unsaved text is based on."""
    opened = state.opened
    if opened is None or not is_unsaved(stored.id, state):
        opened = state.opened = Opened(stored.version, stored.persona)
    elif opened.version < stored.version:
        st.caption(
            f":material/history: You are editing version {opened.version}; "
            f"{plain(shown_author(stored.updated_by), 60)} saved version {stored.version}. "
            "Saving brings both together."
        )
    return opened


def _show_changes(found: list[Change], state: PersonaState) -> None:
    if not found and not state.picked:
        st.caption("No changes against the stored version.")
        return
    number = len(found) + len(state.picked)
    st.markdown(f"**{counted(number, 'unsaved change')}**")
    for change in found[:_SHOWN_CHANGES]:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{field_in_words(change.path)}**")
            for column, heading, value in zip(
                st.columns(2), ("Stored", "New"), (change.before, change.after), strict=True
            ):
                with column:
                    show_value(
                        ABSENT if value is None else value, heading, path_in_words(change.path)
                    )
    if len(found) > _SHOWN_CHANGES:
        st.caption(f"and {len(found) - _SHOWN_CHANGES} more")
    for words in state.picked[:_SHOWN_CHANGES]:
        field = field_in_words(words.path)
        st.markdown(f"New evidence of **{field}**: “{plain(words.quote, _LONG_QUOTE)}”")
