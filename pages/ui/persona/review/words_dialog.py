"""Words the analyst marked in the text: evidence of a claim, or a claim of their own."""

from __future__ import annotations

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.inert import inert_text
from pages.ui.notices import tell
from pages.ui.persona.review.claim_review import claim_rows
from pages.ui.persona.state import PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.wording import label
from services import cached
from services.errors import DashboardError
from services.evidence.review import Review, add_claim, add_words
from services.evidence.schema import FIELDS
from services.personas import Persona

_NEW, _EXISTING = "A new claim", "Evidence of a claim that is there"
Words = tuple[int, int]


@st.dialog("Use these words", width="medium")
def words_dialog(stored: Persona, review: Review, state: PersonaState, words: Words) -> None:
    """Ask what the words [start, end) are for, and store it."""
    quote = review.raw_text[slice(*words)]
    inert_text(quote, height=120, label="The words you marked")
    purposes = [_NEW, _EXISTING] if claim_rows(review) else [_NEW]
    of_a_claim = st.radio("They are", purposes, key="words-purpose") == _EXISTING
    change = _for_claim(review, state, words) if of_a_claim else _for_new_claim(quote, words)
    add = st.button("Add", type="primary", key="words-add", disabled=change is None)
    if add and change is not None:
        _store(stored, state, change)


def _for_claim(review: Review, state: PersonaState, words: Words) -> cached.ReviewChange:
    rows = {row.path: row for row in claim_rows(review)}
    paths = list(rows)
    path = st.selectbox(
        "Claim",
        paths,
        index=paths.index(state.active) if state.active in rows else 0,
        format_func=lambda path: f"{rows[path].field}: {rows[path].value}",
        key="words-claim",
    )
    value = review.value(path)
    return lambda now: add_words(now, now.where(path, lambda found: found == value), *words)


def _for_new_claim(quote: str, words: Words) -> cached.ReviewChange | None:
    field = st.selectbox(
        "Field",
        [spec.name for spec in FIELDS],
        index=None,
        format_func=label,
        placeholder="What do they say of the person?",
        key="words-field",
    )
    value = st.text_input("Claim", quote.strip(), key="words-value")
    if field is None:
        return None
    return lambda review: add_claim(review, field, value, *words)


def _store(stored: Persona, state: PersonaState, change: cached.ReviewChange) -> None:
    try:
        now = cached.review_persona(str(stored.id), change, current_author(), did="words marked")
    except DashboardError as error:
        show_fault(error)
        return
    state.fault = None
    tell("The words are evidence now.", undo=undo_of(now))
    st.rerun()
