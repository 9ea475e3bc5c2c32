"""One text about a person: paste it, follow its generation, open the persona."""

from __future__ import annotations

import streamlit as st

from pages.ui.drafting.engine_choice import choose_engine, engine_chosen, show_estimate
from pages.ui.drafting.generation_follow import follow_request, is_under_way
from pages.ui.drafting.unfinished import unfinished_list
from pages.ui.generate.about import about, about_input, set_about
from pages.ui.generate.earlier import earlier_notice, takes_over
from pages.ui.generate.example import show_example
from pages.ui.generate.generate_draft import forget_text, keep_text, offer_drafts
from pages.ui.generate.sample import offer_sample
from pages.ui.generate.several import several_people_notice
from pages.ui.generate.source_text import (
    clear_text,
    replace_text,
    show_state_fault,
    source_text,
    source_text_input,
)
from pages.ui.generate.state import GenerateState, generate_state
from pages.ui.identity import current_author
from pages.ui.inert import inert_text
from services import cached
from services.errors import DashboardError
from services.generation.requests import GenerationRequest


def one_text() -> None:
    """Draw the way of one text."""
    state = generate_state()
    request = _load_request(state, st.query_params.get("request"))
    under_way = request is not None and is_under_way(request)  # once: it changes any moment
    result = st.container()
    if request and under_way:
        # Not the box, disabled: Streamlit empties a disabled box. A box that was away for the blink
        # of an eye comes back empty as well, so the text goes into it anew.
        inert_text(request.raw_text, height=300)
        state.loaded = None
    else:
        _compose(state, request)
    unfinished_list(st.query_params.get("request"))
    if request:
        with result:  # drawn last: it may end this run, and what was not drawn would be forgotten
            if request.status == "saved":
                several_people_notice(state, request)
            follow_request(request, under_way=under_way)


def _load_request(state: GenerateState, request_id: str | None) -> GenerationRequest | None:
    """The request in the address; the first time, its text goes into the box."""
    if request_id is None:
        return None
    request = cached.generation_request(request_id)
    if state.loaded != request_id:
        replace_text(state, request.raw_text)
        set_about(request.about)
        state.loaded = request_id
    return request


def _start(state: GenerateState, request: GenerationRequest | None, engine: str) -> None:
    """On click: run the same request again if nothing changed, else store a new one."""
    text = source_text()
    try:
        whom = about()
        if request and (text, engine, whom) == (request.raw_text, request.engine, request.about):
            cached.run_generation_again(request.id)
        else:
            stored = cached.submit_generation(
                state.request_id(text, engine, whom),
                text,
                engine,
                current_author(),
                whom,
                takes_over(),
            )
            state.loaded = st.query_params["request"] = str(stored.id)
        forget_text(state)
        state.fault = None
    except DashboardError as error:
        state.fault = error


def _start_over() -> None:
    """On click: an empty box for the next person."""
    st.query_params.clear()
    clear_text()
    set_about("")
    st.session_state["generate-state"] = GenerateState()


def _actions(state: GenerateState, request: GenerationRequest | None, engine: str) -> None:
    if request and request.status == "saved":
        st.button("Generate another", on_click=_start_over, key="another")
        return
    label = "Run again" if request else "Generate persona"
    st.button(
        label,
        type="primary",
        icon=":material/auto_awesome:",
        on_click=_start,
        args=(state, request, engine),
        key="generate",
    )


def _compose(state: GenerateState, request: GenerationRequest | None) -> None:
    """The text at the left; at the right, in sight however long it is, what to do with it."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        offer_drafts(state)
        source_text_input(state)
        keep_text(state, request)
    with right, st.container(key="generate-actions"):
        with st.container(horizontal=True):
            _actions(state, request, engine_chosen())
            offer_sample(state)
        show_state_fault(state)
        engine = choose_engine()
        about_input(engine)
        show_estimate(source_text(), engine)
        if request is None:
            earlier_notice(source_text(), engine, about())
        if not source_text().strip():
            show_example()
