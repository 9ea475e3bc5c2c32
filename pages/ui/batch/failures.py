"""Texts of a batch that came to no persona, by the reason, to be run again."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import allowed
from pages.ui.batch.actions import act
from pages.ui.inert import plain
from pages.ui.wording import counted
from services import cached
from services.access.roles import Role
from services.generation.batches import Batch


def show_failures(batch: Batch) -> None:
    """Draw each reason with how many it met."""
    if not batch.failed:
        return
    st.header(f"{counted(batch.failed, 'text')} without a persona", anchor=False)
    found = cached.batch_failures(str(batch.id), batch.failed)
    for number, failure in enumerate(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            reason = plain(failure.example or "No reason was noted.", 300)
            st.markdown(f"**{failure.requests:,}** · {reason}")
            st.space("stretch")
            st.button(
                "Run these again",
                icon=":material/refresh:",
                key=f"again-{number}-{failure.error_kind}",
                on_click=act,
                args=(batch.id, "run_again"),
                kwargs={"kinds": [failure.error_kind]},
                **allowed(
                    Role.ANALYST,
                    disabled=batch.state == "cancelled" or not failure.error_kind,
                ),
            )
