"""Review of a persona: its claims beside the words they rest on, and what was kept out."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui.account import allowed, lacks
from pages.ui.clock import when
from pages.ui.components.claim_list import ClaimAction, ClaimMessage, claim_list, claim_list_done
from pages.ui.components.evidence_view import evidence_view
from pages.ui.faults import page_guard, show_fault
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.notices import show_notice, tell
from pages.ui.persona.review.claim_review import claim_rows, text_spans
from pages.ui.persona.review.comment_list import comment_list
from pages.ui.persona.review.proposals import proposal_list
from pages.ui.persona.review.words_dialog import words_dialog
from pages.ui.persona.state import PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.wording import as_text, counted, label
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.evidence.checking import coverage
from services.evidence.pointers import tokens
from services.evidence.review import Review, accept, take_out
from services.personas import Persona
from services.personas.source_spans import SourceSpan, spans_of

_HEIGHT = 560
_READING_KEYS = "Keys: ↓ ↑ next and previous"
_KEYS = f"{_READING_KEYS} · a accept · r take out · z undo"


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
    list_key, text_key = f"claims-{stored.id}", f"evidence-{stored.id}"
    with st.container():  # what comes and goes must not move what stands below it
        _coverage(stored, review)
        if state.fault:
            show_fault(state.fault)
    with st.container(key="review-row"):
        left, right = st.columns([2, 3], gap="medium")
    with left:
        _claims(stored, review, state, take_focus, list_key, text_key)
    with right:
        words = evidence_view(
            review.raw_text,
            text_spans(review, texts_of(stored)),
            key=text_key,
            height=_HEIGHT,
            markable="" if lacks(Role.ANALYST) else "words",
        )
    if summary := review.persona.get("summary"):
        st.markdown(f"**Summary:** {plain(str(summary))}")
    with st.container():
        proposal_list(stored, review, state)
    comment_list(stored, state)
    if words:
        words_dialog(stored, review, state, words)
    with st.container():  # what comes later must not draw the notice anew
        if state.message:
            claim_list_done(list_key, state.message)
    show_notice(f"review-{stored.id}")


def review_of(stored: Persona) -> Review:
    """The review of a stored persona."""
    return Review.of(stored.raw_text, stored.persona, stored.evidence, stored.generation)


def texts_of(stored: Persona) -> tuple[SourceSpan, ...]:
    """The texts that the source text is made of."""
    return spans_of(stored.raw_text, stored.sources)


def _coverage(stored: Persona, review: Review) -> None:
    found = coverage(review.raw_text, review.evidence, review.persona)
    accepted = len({item.path for item in review.evidence if item.accepted})
    st.caption(
        f"**{found.claims_with_source} of {found.claims_total}** claims with source · "
        f"**{found.share_used:.0%}** of the text used · **{accepted}** accepted · "
        f"version {stored.version}, changed {when(stored.updated_at)}"
    )


def _claims(
    stored: Persona,
    review: Review,
    state: PersonaState,
    take_focus: bool,
    list_key: str,
    text_key: str,
) -> None:
    refusal = lacks(Role.ANALYST) or ""
    rows = claim_rows(review, texts_of(stored), stored.origins)
    if not rows:
        add = "" if refusal else " Select words in the text to add one."
        st.info(f"This persona has no claims yet.{add}")
        return
    claim_list(
        rows,
        text=text_key,
        active=state.active or st.query_params.get("claim"),
        on_message=partial(_follow, str(stored.id), state),
        key=list_key,
        height=_HEIGHT,
        take_focus=take_focus,
        refusal=refusal,
    )
    with st.container(horizontal=True, vertical_alignment="center", key="claims-foot"):
        st.caption(_READING_KEYS if refusal else _KEYS)
        st.space("stretch")
        _accept_stated(stored, review, state)


def _follow(persona_id: str, state: PersonaState, message: ClaimMessage) -> None:
    """On a message of the list: store what was done; a fault is shown at the run that follows."""
    new = [action for action in message.actions if action.number > state.message]
    state.active, state.message = message.active, message.number
    if new:
        state.fault = None
    for action in new:
        try:
            _store(persona_id, action)
        except DashboardError as error:
            state.fault = error


def _accept_stated(stored: Persona, review: Review, state: PersonaState) -> None:
    paths = [
        item.path for item in review.evidence if item.support == "stated" and not item.accepted
    ]
    number = len(set(paths))
    if number > 1:
        st.button(
            f"Accept all {number} stated",
            icon=":material/done_all:",
            key=f"accept-stated-{stored.id}",
            on_click=_accept_all,
            args=(stored, frozenset(paths), state),
            **allowed(Role.ANALYST),
        )


def _accept_all(stored: Persona, paths: frozenset[str], state: PersonaState) -> None:
    def accepted(review: Review) -> Review:
        for path in paths & {item.path for item in review.evidence}:
            review = accept(review, path)
        return review

    try:
        now = cached.review_persona(
            str(stored.id), accepted, current_author(), "accepted, all stated"
        )
    except DashboardError as error:
        state.fault = error
        return
    state.fault = None
    tell(f"{counted(len(paths), 'claim')} accepted.", undo=undo_of(now))


def _store(persona_id: str, action: ClaimAction) -> None:
    change, did = (accept, "accepted") if action.kind == "accept" else (take_out, "taken out")

    def decided(review: Review) -> Review:
        path = review.where(action.path, lambda value: as_text(value) == action.value)
        return change(review, path)

    field = tokens(action.path)[0]
    stored = cached.review_persona(persona_id, decided, current_author(), did, field)
    tell(f"{label(field)} {did}: {action.value[:80]}", undo=undo_of(stored))
