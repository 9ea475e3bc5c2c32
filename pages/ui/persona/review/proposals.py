"""What was kept out of a persona, each with the reason; accepting makes it a person's claim."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.notices import tell
from pages.ui.persona.state import PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.wording import label
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.evidence.claims import Rejected
from services.evidence.review import Review, accept_both, accept_proposal, dismiss_proposal
from services.personas import Persona

_DID: dict[cached.ProposalChange, str] = {
    accept_proposal: "accepted, though kept out",
    accept_both: "accepted as well",
    dismiss_proposal: "left out",
}


def proposal_list(stored: Persona, review: Review, state: PersonaState) -> None:
    """Draw the proposals, folded away, or nothing if there are none."""
    if not review.proposals:
        return
    with st.expander(f"Kept out of the persona ({len(review.proposals)})", icon=":material/block:"):
        st.caption(
            "The program found no sufficient source for these. Accept one to make it your claim."
        )
        for number, proposal in enumerate(review.proposals):
            _proposal(stored, proposal, state, f"{stored.id}-{number}")


def _proposal(stored: Persona, proposal: Rejected, state: PersonaState, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        with st.container(gap=None):
            st.markdown(f"**{plain(label(proposal.field))}:** {plain(proposal.value)}")
            st.caption(f"{proposal.reason.value}: {proposal.explanation}")
            if proposal.quote:
                st.caption(f"Quoted as: “{plain(proposal.quote, 300)}”")
        st.button(
            "Accept",
            key=f"accept-{key}",
            **allowed(Role.ANALYST),
            on_click=settle,
            args=(stored, state, accept_proposal, proposal),
        )
        st.button(
            "Dismiss",
            key=f"dismiss-{key}",
            **allowed(Role.ANALYST),
            on_click=settle,
            args=(stored, state, dismiss_proposal, proposal),
        )


def settle(
    stored: Persona, state: PersonaState, change: cached.ProposalChange, proposal: Rejected
) -> None:
    """On click: store what was decided about a proposal; a fault is shown at the next run."""
    try:
        did = _DID[change]
        now = cached.review_persona(
            str(stored.id),
            lambda review: change(review, proposal),
            current_author(),
            did,
            proposal.field,
        )
        state.fault = None
        tell(f"{label(proposal.field)} {did}: {proposal.value[:80]}", undo=undo_of(now))
    except DashboardError as error:
        state.fault = error
