"""Drafting a persona anew, over all its texts: nothing changes until somebody takes it over."""

from __future__ import annotations

from uuid import uuid5

import streamlit as st

from pages.ui.account import allowed
from pages.ui.engine_choice import choose_engine, show_estimate
from pages.ui.faults import show_fault
from pages.ui.generation_follow import follow_request, is_under_way
from pages.ui.identity import current_author
from pages.ui.notices import tell
from pages.ui.persona.contradiction_list import contradiction_list
from pages.ui.persona.person_texts import has_unadded_text, person_texts
from pages.ui.persona.regenerate.difference_list import chosen_keys, difference_list
from pages.ui.persona.state import PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.wording import counted
from services import cached
from services.access.roles import Role
from services.errors import DashboardError, InvalidInputError
from services.evidence.redraft import differences
from services.generation.regenerating import contradictions_in, draft_of, version_of
from services.generation.requests import GenerationRequest
from services.personas import Persona


def show_regenerate(stored: Persona, state: PersonaState) -> None:
    """Draw the texts of the person, then the new draft: asked for, under way, or to choose from."""
    person_texts(stored, state)
    if state.fault:  # between the two buttons that cause it, so that neither seems to do nothing
        show_fault(state.fault)
    st.header("New draft", anchor=False)
    request = cached.regeneration(str(stored.id))
    under_way = request is not None and is_under_way(request)
    if request and request.proposal and not under_way:
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
    disagreements = contradictions_in(stored, draft)
    _headline(request, len(found), len(disagreements))
    if disagreements:
        contradiction_list(stored, disagreements)
        st.caption(
            "Keep this draft by the button below, then choose between them in the view Review."
        )
    difference_list(found, str(request.id))
    taken = chosen_keys(found, str(request.id))
    with st.container(horizontal=True):
        st.button(
            _take_label(len(taken), len(found)),
            type="primary",
            icon=":material/done_all:",
            on_click=_take,
            args=(stored, request, taken, state),
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


def _take_label(taken: int, count: int) -> str:
    if not taken:
        return "Keep every value"
    return f"Apply {taken} of {counted(count, 'change')}"


def _take(
    stored: Persona, request: GenerationRequest, taken: frozenset[str], state: PersonaState
) -> None:
    try:
        written = cached.take_over(str(stored.id), request, taken, current_author())
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
