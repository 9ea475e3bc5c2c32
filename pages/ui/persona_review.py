"""Review of a persona: its claims beside the words they rest on, and what was kept out."""

from __future__ import annotations

import streamlit as st

from pages.ui.claim_list import ClaimAction, claim_list
from pages.ui.claim_review import claim_rows, text_spans
from pages.ui.comment_list import comment_list
from pages.ui.evidence_view import TextAction, evidence_view
from pages.ui.faults import page_guard, show_fault
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.proposals import proposal_list
from pages.ui.state import PersonaState
from pages.ui.words_dialog import words_dialog
from services import cached
from services.errors import DashboardError
from services.generation.evidence import coverage
from services.generation.pointers import tokens
from services.generation.review import Review, accept, take_out
from services.personas import Persona
from services.personas.source_spans import SourceSpan, spans_of

_HEIGHT = 560
_KEYS = "Keys in the list: ↓ ↑ next and previous · a accept · r take out"


@st.fragment
def review_persona(persona_id: str, state: PersonaState, *, take_focus: bool = False) -> None:
    """Draw the review; actions on claims are stored at once.

    With `take_focus` the keys of the list work on arrival, without a click into it.
    """
    with page_guard():  # a fragment runs by itself, outside the page's guard
        _review(cached.persona(persona_id), state, take_focus)


def _review(stored: Persona, state: PersonaState, take_focus: bool) -> None:
    state.seen = stored.version
    review = review_of(stored)
    _coverage(review)
    if state.fault:
        show_fault(state.fault)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        done = _claims(stored, review, state, take_focus)
    with right:
        action = evidence_view(
            review.raw_text,
            text_spans(review, texts_of(stored)),
            active=state.active,
            key=f"evidence-{stored.id}",
            height=_HEIGHT,
            markable=True,
        )
    proposal_list(stored, review, state)
    comment_list(stored, state)
    # Last, because what a run has not drawn when it begins anew loses what was typed into it.
    if done:
        _act(stored, review, state, done)
    _follow(stored, review, state, action)


def review_of(stored: Persona) -> Review:
    """The review of a stored persona."""
    return Review.of(stored.raw_text, stored.persona, stored.evidence, stored.generation)


def texts_of(stored: Persona) -> tuple[SourceSpan, ...]:
    """The texts that the source text is made of."""
    return spans_of(stored.raw_text, stored.sources)


def _coverage(review: Review) -> None:
    found = coverage(review.raw_text, review.evidence, review.persona)
    accepted = len({item.path for item in review.evidence if item.accepted})
    st.markdown(
        f"**{found.claims_with_source} of {found.claims_total}** claims with source · "
        f"**{found.share_used:.0%}** of the text used · **{accepted}** accepted"
    )
    if summary := review.persona.get("summary"):
        st.write(plain(str(summary)))


def _claims(
    stored: Persona, review: Review, state: PersonaState, take_focus: bool
) -> ClaimAction | None:
    rows = claim_rows(review, texts_of(stored), stored.origins)
    if not rows:
        st.info("This persona holds no claims. Select words in the text to add one.")
        return None
    action = claim_list(
        rows,
        active=state.active,
        key=f"claims-{stored.id}",
        height=_HEIGHT,
        take_focus=take_focus,
    )
    st.caption(_KEYS)
    return action


def _act(stored: Persona, review: Review, state: PersonaState, action: ClaimAction) -> None:
    if action.kind == "choose":
        state.active = action.path
        st.rerun(scope="fragment")
    paths = [row.path for row in claim_rows(review)]
    change = accept if action.kind == "accept" else take_out
    did = "accepted" if action.kind == "accept" else "taken out"
    _store(stored, state, lambda review: change(review, action.path), did, action.path)
    state.active = _next(paths, action.path)
    st.rerun(scope="fragment")


def _store(
    stored: Persona, state: PersonaState, change: cached.ReviewChange, did: str, path: str
) -> None:
    """Store what a reviewer did; a fault is shown at the next run."""
    try:
        cached.review_persona(str(stored.id), change, current_author(), did, tokens(path)[0])
        state.fault = None
    except DashboardError as error:
        state.fault = error


def _next(paths: list[str], path: str) -> str | None:
    place = paths.index(path) + 1
    return paths[place] if place < len(paths) else None


def _follow(stored: Persona, review: Review, state: PersonaState, action: TextAction) -> None:
    if action.words:
        words_dialog(stored, review, state, action.words)
    elif action.picked:
        state.active = _turn(list(action.picked), state.active)
        st.rerun(scope="fragment")


def _turn(picked: list[str], active: str | None) -> str:
    """Picking the same words again goes on to the next claim that rests on them."""
    place = picked.index(active) + 1 if active in picked else 0
    return picked[place % len(picked)]
