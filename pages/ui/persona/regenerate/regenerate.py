"""Drafting a persona anew, over all its texts: nothing changes until somebody takes it over."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import uuid5

import streamlit as st

from pages.ui.account import allowed
from pages.ui.drafting.engine_choice import choose_engine, show_estimate
from pages.ui.drafting.generation_follow import follow_request, is_under_way
from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.notices import tell
from pages.ui.persona.contradiction_list import contradiction_list, decisions_on
from pages.ui.persona.person_texts import has_unadded_text, person_texts
from pages.ui.persona.regenerate.difference_list import chosen_keys, difference_list
from pages.ui.persona.state import PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.wording import counted, label
from services import cached
from services.access.roles import Role
from services.errors import DashboardError, InvalidInputError
from services.evidence.claims import Rejected
from services.evidence.contradictions import Contradiction
from services.evidence.redraft import differences
from services.evidence.review import Review
from services.generation.regenerating import contradictions_after, draft_of, version_of
from services.generation.requests import GenerationRequest
from services.personas import Persona

_LATER = "Decide later"


def show_regenerate(stored: Persona, state: PersonaState) -> None:
    """Draw the texts of the person, then the new draft: asked for, under way, or to choose from."""
    person_texts(stored, state)
    if state.fault:  # between the two buttons that cause it, so that neither seems to do nothing
        show_fault(state.fault)
    st.header("New draft", anchor=False)
    request = cached.regeneration(str(stored.id))
    under_way = request is not None and is_under_way(request)
    if request and request.proposal and not under_way:
        if request.raw_text != stored.raw_text:
            st.warning(
                "This draft was made before the texts changed. It says nothing of what is new."
            )
            _ask(stored, None, state)
        _compare(stored, request, state)
        return
    if not under_way:
        _ask(stored, request, state)
    if request:
        follow_request(request, under_way=under_way)  # drawn last: it may end this run


def _ask(stored: Persona, request: GenerationRequest | None, state: PersonaState) -> None:
    st.caption(
        "An engine reads all texts again. What people set, accepted or took away stays as it is "
        "unless you choose the new value."
    )
    engine = choose_engine()
    show_estimate(stored.raw_text, engine)
    st.button(
        "Run again" if request else "Regenerate",
        type="primary",
        icon=":material/auto_awesome:",
        on_click=_start,
        args=(stored, engine, state),
        key="regenerate",
        **allowed(Role.ANALYST),
    )


def _start(stored: Persona, engine: str, state: PersonaState) -> None:
    if has_unadded_text(stored):
        state.fault = InvalidInputError(
            "The new text is not added yet, so it would not be read.",
            "Press “Add text” first, or empty its box.",
        )
        return
    # The same click twice, or by two analysts, is one request.
    request_id = uuid5(stored.id, f"regenerate:{stored.version}:{engine}")
    try:
        cached.regenerate_persona(str(stored.id), request_id, engine, current_author())
        state.fault = None
    except DashboardError as error:
        state.fault = error


def _compare(stored: Persona, request: GenerationRequest, state: PersonaState) -> None:
    draft = draft_of(request)
    found = differences(version_of(stored), draft)
    taken = chosen_keys(found, str(request.id))
    disagreements = contradictions_after(stored, draft, taken)
    _headline(request, len(found), len(disagreements))
    contradiction_list(stored, disagreements, partial(_decide, request))
    decided = _decided(request, disagreements)
    difference_list(found, str(request.id))
    with st.container(horizontal=True):
        st.button(
            _take_label(len(taken), len(found), len(decided)),
            type="primary",
            icon=":material/done_all:",
            on_click=_take,
            args=(stored, request, taken, decided, state),
            key="take-over",
            **allowed(Role.ANALYST, help="Stores one new version. Undo it in History."),
        )
        st.button(
            "Dismiss this draft",
            on_click=_dismiss,
            args=(request, state),
            key="dismiss-draft",
            **allowed(Role.ANALYST),
        )


def _headline(request: GenerationRequest, count: int, disagreements: int) -> None:
    engine = "the offline engine" if request.engine == "offline" else "the model"
    parts = [counted(count, "difference")] * bool(count)
    parts += [counted(disagreements, "contradiction") + " of the texts"] * bool(disagreements)
    if parts:
        st.markdown(f"Drafted by {engine}: **{' and '.join(parts)}**.")
    else:
        st.markdown(f"Drafted by {engine}: it says the same as the persona.")


def _decide(request: GenerationRequest, contradiction: Contradiction, _: str) -> None:
    """A choice that is stored with what is taken over."""
    options = [*decisions_on(contradiction), _LATER]
    st.radio(
        f"{label(contradiction.field)}: which value?",
        options,
        index=options.index(_LATER),
        horizontal=True,
        key=_decision_key(request, contradiction),
        label_visibility="collapsed",
        persist_state="session",
    )


def _decided(
    request: GenerationRequest, found: Sequence[Contradiction]
) -> list[tuple[cached.ProposalChange, Rejected]]:
    chosen = []
    for one in found:
        words = str(st.session_state.get(_decision_key(request, one)))
        if change := decisions_on(one).get(words):
            chosen.append((change, one.proposal))
    return chosen


def _decision_key(request: GenerationRequest, contradiction: Contradiction) -> str:
    return f"decide-{request.id}-{contradiction.field}-{contradiction.other.value}"


def _take_label(taken: int, count: int, decided: int) -> str:
    parts = [f"{taken} of {counted(count, 'change')}"] * bool(taken)
    parts += [counted(decided, "decision")] * bool(decided)
    return f"Apply {' and '.join(parts)}" if parts else "Keep every value"


def _take(
    stored: Persona,
    request: GenerationRequest,
    taken: frozenset[str],
    decided: Sequence[tuple[cached.ProposalChange, Rejected]],
    state: PersonaState,
) -> None:
    def decisions(review: Review) -> Review:
        for change, proposal in decided:
            review = change(review, proposal)
        return review

    try:
        written = cached.take_over(str(stored.id), request, taken, current_author(), decisions)
        state.fault = None
        tell(f"Saved as version {written.version}.", undo=undo_of(written))
    except DashboardError as error:
        state.fault = error


def _dismiss(request: GenerationRequest, state: PersonaState) -> None:
    try:
        cached.dismiss_regeneration(request)
        state.fault = None
    except DashboardError as error:
        state.fault = error
