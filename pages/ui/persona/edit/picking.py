"""Which words the values of an edit rest on, and words picked for them, before it is saved."""

from __future__ import annotations

from typing import Any

from pages.ui.components.draft_buffer import Buffer, replace_draft
from pages.ui.components.persona_form import Words
from pages.ui.field_values import as_json
from pages.ui.persona.edit.form_values import form_fields
from pages.ui.persona.edit.json_draft import picked_changed
from pages.ui.persona.review.claim_review import LABELS, support_of
from pages.ui.persona.state import Opened, PersonaState
from services.errors import InvalidPersonaError
from services.evidence.claims import Evidence, evidence_from_json
from services.evidence.edits import follow_edits
from services.evidence.picked_words import PickedWords, picked_at, with_picked
from services.evidence.pointers import claims_of_persona, pointer, tokens
from services.evidence.schema import SUMMARY, in_field_order
from services.personas import Persona
from services.personas.validation import parse_persona

_LONG = 400  # characters of a quote worth sending


def evidence_of_edit(
    stored: Persona, opened: Opened, edited: dict[str, Any], picked: tuple[PickedWords, ...]
) -> list[Evidence]:
    """The evidence that `edited` will have once it is saved."""
    evidence = evidence_from_json(stored.evidence, stored.raw_text)
    if edited != opened.persona or opened.version != stored.version:
        evidence = follow_edits(stored.persona, edited, evidence, stored.raw_text)
    return with_picked(evidence, picked, edited, stored.raw_text)


def words_of(evidence: list[Evidence], picked: tuple[PickedWords, ...]) -> list[Words]:
    """The same for the form."""
    numbers = {(one.path, one.quote): number for number, one in enumerate(picked)}
    return [
        Words(
            item.path,
            item.quote[:_LONG],
            support := support_of([item]),
            LABELS[support],
            numbers.get((item.path, item.quote)),
        )
        for item in evidence
    ]


def pick(
    buffer: Buffer, raw_text: str, state: PersonaState, path: str, start: int, end: int
) -> None:
    """Make raw_text[start:end] evidence of the value at `path`; an empty one takes the words.

    Not of the summary, which has no words of its own.
    """
    buffer.heard()
    try:
        persona = parse_persona(buffer.text)
    except InvalidPersonaError:  # meanwhile it cannot be read, which the page says
        return
    words = picked_at(raw_text, path, start, end)
    if words is None or path == pointer(SUMMARY) or words in state.picked:
        return
    if path not in dict(claims_of_persona(persona)):
        filled = _filled(persona, path, words.quote.strip())
        if filled is None:
            return
        state.drafted = filled
        replace_draft(buffer.key, buffer.version, as_json(in_field_order(filled)))
    picked_changed(buffer, state, (*state.picked, words))


def leave_out(buffer: Buffer, state: PersonaState, number: int) -> None:
    """Words that were picked are not evidence after all."""
    left = tuple(words for place, words in enumerate(state.picked) if place != number)
    picked_changed(buffer, state, left)


def _filled(persona: dict[str, Any], path: str, value: str) -> dict[str, Any] | None:
    """The persona with a value in the empty field, or at the end of the list, that `path` names."""
    name, *item = tokens(path)
    kinds = {field.name: field.kind for field in form_fields(persona)}
    kind = kinds.get(name, "list" if item else "one")
    if kind == "json" or len(item) != (kind == "list"):
        return None
    return {**persona, name: [*(persona.get(name) or []), value] if item else value}
