"""A saved draft of a text that speaks of several people: says so, and drafts the others."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.generate.about import set_about
from pages.ui.generate.state import GenerateState
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.wording import listed
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.generation.requests import GenerationRequest

_MOST_BUTTONS = 4


def several_people_notice(state: GenerateState, request: GenerationRequest) -> None:
    """Draw who the people are and whom the persona is about; nothing for a text about one."""
    stored = cached.persona(str(request.persona_id))
    name = str(stored.persona.get("name") or request.about)
    people, others = cached.people_of_text(request.raw_text, name)
    if not others:
        return
    if not name and request.engine == "offline":
        name = people[0]  # rules draft about whom the text is first about; of a model nobody knows
    told = listed([f"**{plain(one)}**" for one in people])
    about = f" The persona is about **{plain(name)}**." if name else ""
    with st.container(border=True, key="several-people"):
        st.markdown(f":material/group: This text seems to speak of several people: {told}.{about}")
        with st.container(horizontal=True, vertical_alignment="center"):
            for number, other in enumerate(others[:_MOST_BUTTONS]):
                st.button(
                    f"Draft {plain(other, 40)}",
                    key=f"draft-other-{number}",
                    on_click=_draft,
                    args=(state, request, other),
                    **allowed(Role.ANALYST, help="Another persona of the same text"),
                )


def _draft(state: GenerateState, request: GenerationRequest, name: str) -> None:
    """On click: the same text again, about this person."""
    try:
        stored = cached.submit_generation(
            state.request_id(request.raw_text, request.engine, name),
            request.raw_text,
            request.engine,
            current_author(),
            name,
        )
    except DashboardError as error:
        state.fault = error
        return
    set_about(name)
    state.loaded = st.query_params["request"] = str(stored.id)
    state.fault = None
