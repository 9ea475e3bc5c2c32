"""Where the texts about one person say different things, with both quotes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from pages.ui.account import allowed
from pages.ui.inert import plain
from pages.ui.persona.person_texts import text_label
from pages.ui.persona.review.proposals import settle
from pages.ui.persona.state import PersonaState
from pages.ui.wording import label
from services.access.roles import Role
from services.cached import ProposalChange
from services.evidence.contradictions import Contradiction, Statement
from services.evidence.review import accept_both, accept_proposal, dismiss_proposal
from services.generation.regenerating import contradictions_of
from services.personas import Persona

_LONG = 300  # characters of a quote worth showing


def contradiction_list(
    stored: Persona, found: Sequence[Contradiction], decide: Callable[[Contradiction, str], None]
) -> None:
    """Draw each contradiction; `decide` draws the choice, with a key of its own."""
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
            decide(contradiction, f"{stored.id}-{number}")


def decisions_on(contradiction: Contradiction) -> dict[str, ProposalChange]:
    """What can be decided, in words for markdown, and what it does to the second value."""
    return {
        f"Keep {plain(contradiction.kept.value, 40)}": dismiss_proposal,
        f"Take {plain(contradiction.other.value, 40)}": accept_proposal,
        "Keep both": accept_both,
    }


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
        contradiction_list(stored, found, partial(_settle, stored, state))


def _statement(stored: Persona, side: Statement) -> None:
    st.markdown(f"**{plain(side.value)}**")
    st.caption(f"“{plain(side.quote, _LONG)}”")
    st.caption(text_label(stored, side.start))


def _settle(stored: Persona, state: PersonaState, contradiction: Contradiction, key: str) -> None:
    """Buttons that store the decision at once."""
    with st.container(horizontal=True):
        for number, (words, change) in enumerate(decisions_on(contradiction).items()):
            st.button(
                words,
                key=f"settle-{number}-{key}",
                on_click=settle,
                args=(stored, state, change, contradiction.proposal),
                **allowed(Role.ANALYST),
            )
