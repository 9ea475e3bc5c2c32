"""Saving an edit of the version that was opened; when somebody was faster, both are merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pages.ui.components.draft_buffer import Buffer, discard_draft
from pages.ui.identity import current_author
from pages.ui.notices import Undo, tell
from pages.ui.persona.state import Conflict, Opened, PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.typed_drafts import forget
from services import cached
from services.errors import ConflictError, DashboardError
from services.evidence.picked_words import PickedWords, follow_picked
from services.evidence.summary import edited
from services.personas import PersonaUpdate
from services.personas.differences.three_way_merge import Side, merge, same
from services.personas.validation import parse_persona

KIND = "persona_json"  # of the drafts kept of the editor
Json = dict[str, Any]
Picked = tuple[PickedWords, ...]


def editor_key(persona_id: UUID) -> str:
    """The key of a persona's JSON editor and of its drafts."""
    return f"editor-{persona_id}"


def save_edit(persona_id: UUID, opened: Opened, buffer: Buffer, state: PersonaState) -> None:
    """Store what stands in the buffer, an edit of `opened`, with the words picked for its values.

    If somebody was faster, both edits are merged and stored; if they collide, nothing is stored
    and `state.conflict` says where. What is not stored stays in the editor.
    """
    buffer.heard()  # what was typed just before the click
    try:
        edited = parse_persona(buffer.text)
        if state.picked or not same(edited, opened.persona):  # else a second click
            _save(persona_id, opened, edited, state, state.picked)
    except DashboardError as error:
        state.fault = error


def save_resolved(persona_id: UUID, choices: Mapping[str, Side], state: PersonaState) -> None:
    """Store the merge that `state.conflict` waits for, with the chosen side of each collision."""
    conflict = state.conflict
    if conflict is None:  # a second click
        return
    mine = merge(conflict.base.persona, conflict.theirs.persona, conflict.mine).resolved(choices)
    picked = follow_picked(state.picked, conflict.mine, mine)
    state.conflict = None
    try:
        _save(persona_id, conflict.theirs, mine, state, picked, merged_with=conflict.author)
    except DashboardError as error:
        state.conflict, state.fault = conflict, error


def _save(
    persona_id: UUID,
    base: Opened,
    mine: Json,
    state: PersonaState,
    picked: Picked,
    merged_with: str = "",
) -> None:
    origin = {"kind": "merged", "with": base.version} if merged_with else None
    change = PersonaUpdate(persona=edited(base.persona, mine))
    try:
        saved = cached.save_persona(
            str(persona_id), change, base.version, current_author(), origin, picked
        )
    except ConflictError as error:
        _merge(persona_id, base, error, mine, state, picked)
    else:
        _finish(persona_id, state, merged_with, undo_of(saved))


def _merge(
    persona_id: UUID,
    base: Opened,
    error: ConflictError,
    mine: Json,
    state: PersonaState,
    picked: Picked,
) -> None:
    theirs = Opened(error.theirs.version, error.theirs.persona)
    author = error.theirs.updated_by or "somebody"
    found = merge(base.persona, theirs.persona, mine)
    if found.collisions:
        state.fault, state.conflict = None, Conflict(base, theirs, author, mine)
    elif same(found.persona, theirs.persona) and not picked:  # somebody did the same
        _finish(persona_id, state, author, None)
    else:
        picked = follow_picked(picked, mine, found.persona)
        _save(persona_id, theirs, found.persona, state, picked, author)


def _finish(persona_id: UUID, state: PersonaState, merged_with: str, undo: Undo | None) -> None:
    if state.opened:
        discard_draft(editor_key(persona_id), str(state.opened.version))
    forget(KIND, str(persona_id))
    state.opened = state.fault = None
    state.picked = ()
    told = f"Saved, merged with the changes of {merged_with[:60]}." if merged_with else "Saved."
    tell(told, undo=undo)
