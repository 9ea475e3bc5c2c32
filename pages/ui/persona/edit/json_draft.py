"""The draft of the editor: kept with the version it is an edit of, offered in any session.

It is the text of the JSON, and behind it the words that were picked as evidence, if there are any.
If others have saved newer versions since, the draft continues on its own version; saving it merges.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from pages.ui.components.draft_buffer import Buffer, draft, replace_draft
from pages.ui.field_values import as_json
from pages.ui.persona.edit.saving import KIND, editor_key
from pages.ui.persona.state import Opened, PersonaState
from pages.ui.persona.views import EDIT_VIEW, show_view
from pages.ui.typed_drafts import MOST_SHOWN, forget, keep, kept_for, show_draft
from services import cached
from services.errors import DashboardError, InvalidPersonaError
from services.evidence.picked_words import (
    PickedWords,
    follow_picked,
    picked_from_json,
    picked_to_json,
)
from services.evidence.schema import in_field_order
from services.personas import Persona
from services.personas.typed_drafts import TypedDraft
from services.personas.validation import parse_persona

_SEPARATOR = "\n\x1e"  # RFC 7464: another JSON text follows


def buffer_of(persona_id: UUID, opened: Opened, state: PersonaState) -> Buffer:
    """The document that the editors show: `opened`, and what was typed over it."""
    stored = as_json(in_field_order(opened.persona))
    keep_typed = partial(_keep, persona_id, opened, stored, state)
    return Buffer(editor_key(persona_id), str(opened.version), stored, keep_typed)


def picked_changed(buffer: Buffer, state: PersonaState, picked: tuple[PickedWords, ...]) -> None:
    """Other words are picked now: keep them with what is typed."""
    state.picked = picked
    buffer.on_draft(draft(buffer.key, buffer.version), False)


def follow_draft(state: PersonaState, persona: dict[str, Any]) -> None:
    """What was picked goes along to where its values stand now."""
    if state.picked and state.drafted is not None:
        state.picked = follow_picked(state.picked, state.drafted, persona)
    state.drafted = persona


def _keep(
    persona_id: UUID,
    opened: Opened,
    stored: str,
    state: PersonaState,
    text: str | None,
    resumed: bool,
) -> None:
    """Keep what was typed as an edit of `opened`; None says that it is the stored text.

    `resumed`: it was typed before this session began.
    """
    if resumed:
        _resume_picked(persona_id, state)
    with suppress(InvalidPersonaError):
        follow_draft(state, parse_persona(stored if text is None else text))
    if text is None and not state.picked:
        forget(KIND, str(persona_id))
        return
    body = _joined(stored if text is None else text, state.picked)
    keep(KIND, str(persona_id), body, opened.version, resumed=resumed)


def _resume_picked(persona_id: UUID, state: PersonaState) -> None:
    """The words that were picked before this session began, where its draft goes on."""
    kept = kept_for(KIND, str(persona_id))
    if len(kept) == 1 and not state.picked:
        text, state.picked = _parted(kept[0].body)
        with suppress(InvalidPersonaError):
            state.drafted = parse_persona(text)


def _joined(text: str, picked: tuple[PickedWords, ...]) -> str:
    if not picked:
        return text
    return text + _SEPARATOR + json.dumps(picked_to_json(picked), ensure_ascii=False)


def _parted(body: str) -> tuple[str, tuple[PickedWords, ...]]:
    text, separator, picked = body.rpartition(_SEPARATOR)
    try:
        return (text, picked_from_json(json.loads(picked))) if separator else (body, ())
    except ValueError:  # somebody typed the separator
        return body, ()


def unsaved_json(persona_id: UUID, state: PersonaState) -> str | None:
    """What this session has typed into the editor and not saved."""
    return draft(editor_key(persona_id), str(state.opened.version)) if state.opened else None


def is_unsaved(persona_id: UUID, state: PersonaState) -> bool:
    """Whether this session has typed or picked something that is not saved."""
    return bool(state.picked) or unsaved_json(persona_id, state) is not None


def offer_json_draft(stored: Persona, state: PersonaState) -> None:
    """Draw what was kept above the view, if this session has nothing unsaved of its own."""
    if is_unsaved(stored.id, state):
        return
    for kept in kept_for(KIND, str(stored.id))[:MOST_SHOWN]:
        what = "Unsaved edit"
        if kept.base_version and kept.base_version < stored.version:
            what = f"Unsaved edit of version {kept.base_version}"
        show_draft(kept, partial(_continue, stored, state, kept), what=what)


def _continue(stored: Persona, state: PersonaState, kept: TypedDraft) -> None:
    opened = Opened(stored.version, stored.persona)
    if kept.base_version and kept.base_version < stored.version:
        try:
            base = cached.version(str(stored.id), kept.base_version)
            opened = Opened(base.version, base.persona)
        except DashboardError as error:
            state.fault = error
            return
    text, picked = _parted(kept.body)
    state.opened, state.conflict, state.drafted, state.picked = opened, None, None, picked
    replace_draft(editor_key(stored.id), str(opened.version), text)
    show_view(EDIT_VIEW)
