"""Edit a persona in a form of fields, beside the text whose words become evidence."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from pages.ui.components.draft_buffer import Buffer
from pages.ui.components.evidence_view import evidence_view
from pages.ui.components.persona_form import FormRow, persona_form, sent_edits
from pages.ui.field_values import as_json
from pages.ui.persona.edit.form_values import NUMBERS, FormField, edited, form_fields
from pages.ui.persona.edit.hints import type_hints
from pages.ui.persona.edit.json_draft import follow_draft
from pages.ui.persona.edit.picking import evidence_of_edit, leave_out, pick, words_of
from pages.ui.persona.review.claim_review import text_spans
from pages.ui.persona.state import Opened, PersonaState
from pages.ui.persona.views import JSON, show_as
from pages.ui.wording import label
from services.errors import InvalidPersonaError
from services.evidence.review import Review
from services.personas import Persona
from services.personas.source_spans import spans_of
from services.personas.validation import parse_persona

_HEIGHT = 560


def form_buffer(buffer: Buffer) -> Buffer:
    """The same document, for the form."""
    return replace(buffer, read=partial(_as_json, buffer), editor=f"{buffer.key}-form")


def edit_in_form(
    stored: Persona,
    opened: Opened,
    buffer: Buffer,
    state: PersonaState,
    left: DeltaGenerator,
    right: DeltaGenerator,
    *,
    read_only: bool,
) -> str:
    """Draw the form of a `form_buffer` on the left, the text of the person on the right; what the
    JSON is now."""
    persona = parse_persona(buffer.text)
    follow_draft(state, persona)
    evidence = evidence_of_edit(stored, opened, persona, state.picked)
    text_key = f"edit-text-{stored.id}"
    with left:
        text = persona_form(
            buffer,
            [_row(field) for field in form_fields(persona)],
            words_of(evidence, state.picked),
            type_hints(persona),
            text=text_key,
            height=_HEIGHT,
            on_json=partial(show_as, JSON),
            on_leave_out=partial(leave_out, buffer, state),
            read_only=read_only,
        )
    with right:
        review = Review(stored.raw_text, persona, tuple(evidence), ())
        evidence_view(
            stored.raw_text,
            text_spans(review, spans_of(stored.raw_text, stored.sources)),
            key=text_key,
            height=_HEIGHT,
            markable="" if read_only else "claim",
            on_words=partial(pick, buffer, stored.raw_text, state),
        )
    return text


def _row(field: FormField) -> FormRow:
    numeric = field.name in NUMBERS
    return FormRow(field.name, label(field.name), field.kind, field.value, field.is_known, numeric)


def _as_json(buffer: Buffer, sent: str) -> str:
    """The JSON with what the form sent typed into it."""
    base, edits = sent_edits(sent)
    if not edits:
        return buffer.text
    try:
        return as_json(edited(parse_persona(buffer.stored if base is None else base), edits))
    except InvalidPersonaError:  # the form of a text that cannot be read is not drawn
        return buffer.text
