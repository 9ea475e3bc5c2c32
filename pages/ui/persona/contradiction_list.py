"""Where the texts about one person say different things, with both quotes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.inert import plain
from pages.ui.persona.person_texts import text_label
from pages.ui.persona.review.proposals import settle
from pages.ui.persona.state import PersonaState
from pages.ui.wording import label
from services.evidence.contradictions import Contradiction, Statement
from services.evidence.review import accept_proposal, dismiss_proposal
from services.generation.regenerating import contradictions_of
from services.personas import Persona

_LONG = 300  # characters of a quote worth showing


def contradiction_list(
    stored: Persona, found: Sequence[Contradiction], state: PersonaState | None = None
) -> None:
    """Draw each contradiction; with `state`, also the buttons that settle it."""
    for number, contradiction in enumerate(found):
        with st.container(border=True, key=f"contradiction-{stored.id}-{number}"):
            st.markdown(
                f":orange[:material/compare_arrows:] **{plain(label(contradiction.field))}**: "
                "the texts disagree"
            )
            for column, side in zip(
                st.columns(2), (contradiction.kept, contradiction.other), strict=True
            ):
                with column, st.container(gap=None):
                    _statement(stored, side)
            if state:
                _settle(stored, contradiction, state, f"{stored.id}-{number}")


def stored_contradictions(stored: Persona, state: PersonaState) -> None:
    """Draw those of the persona as it is stored; nothing if there are none."""
    found = contradictions_of(stored)
    if not found:
        return
    fields = ", ".join(plain(label(one.field)) for one in found)
    with st.expander(
        f"The texts disagree: {fields}",
        icon=":material/compare_arrows:",
        key=f"disagree-{stored.id}",
    ):
        contradiction_list(stored, found, state)


def _statement(stored: Persona, side: Statement) -> None:
    st.markdown(f"**{plain(side.value)}**")
    st.caption(f"“{plain(side.quote, _LONG)}”")
    st.caption(text_label(stored, side.start))


def _settle(stored: Persona, contradiction: Contradiction, state: PersonaState, key: str) -> None:
    with st.container(horizontal=True):
        st.button(
            f"Keep {plain(contradiction.kept.value, 40)}",
            key=f"keep-first-{key}",
            on_click=settle,
            args=(stored, state, dismiss_proposal, contradiction.proposal),
        )
        st.button(
            f"Take {plain(contradiction.other.value, 40)}",
            key=f"take-other-{key}",
            on_click=settle,
            args=(stored, state, accept_proposal, contradiction.proposal),
        )
