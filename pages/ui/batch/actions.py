"""What can be done to a batch: pause, resume, cancel, allow more."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from pages.ui.account import allowed
from pages.ui.batch.words import name_of_batch
from pages.ui.many.start import cap_box
from pages.ui.notices import tell
from pages.ui.numbers import money, rounded_up
from pages.ui.wording import counted
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.generation.batches import Action, Batch, State

_CANCEL = "batch-cancel-asked"
_CAN_BE_CANCELLED: tuple[State, ...] = ("preparing", "running", "paused")


def show_actions(batch: Batch) -> None:
    """Draw the buttons that can work now."""
    if batch.state in ("preparing", "running"):
        _button(
            batch,
            "Pause",
            "pause",
            ":material/pause:",
            "Texts that are being drafted are finished first",
        )
    elif batch.state == "paused" and batch.pause_reason not in ("cap", "no_price"):
        _button(batch, "Resume", "resume", ":material/play_arrow:", primary=True)
    if batch.state in _CAN_BE_CANCELLED and st.button(
        "Cancel",
        icon=":material/cancel:",
        key="cancel-batch",
        **allowed(Role.ANALYST, help="Texts that still wait will not be drafted"),
    ):
        st.session_state[_CANCEL] = str(batch.id)
        st.rerun()  # the whole page: the question stands outside of the fragment


def show_question(batch: Batch) -> None:
    """The question before a batch is cancelled, if it was asked. Outside of any fragment."""
    if st.session_state.get(_CANCEL) != str(batch.id):
        return
    if batch.state in _CAN_BE_CANCELLED:
        _confirm(batch)
    else:  # it ended meanwhile
        _forget_question()


def show_pause(batch: Batch) -> None:
    """Why it is paused, and what leads on."""
    if batch.state != "paused":
        return
    if batch.pause_reason == "cap":
        st.warning(
            "**Paused: the next text could take more than is allowed.** What was drafted stays. "
            "Allow more, and it goes on.",
            icon=":material/savings:",
        )
        _raise_cap(batch)
    elif batch.pause_reason == "no_price":
        st.warning(
            "**Paused: the cap is in USD, and the prices are not set.** Set OPENAI_PRICE_INPUT and "
            "OPENAI_PRICE_OUTPUT, or go on with a cap in tokens.",
            icon=":material/savings:",
        )
        _raise_cap(batch, in_tokens=True)
    elif batch.running:
        st.info(
            "Paused. Texts that are being drafted are finished first.",
            icon=":material/pause_circle:",
        )
    else:
        st.info("Paused. Nothing is drafted until you resume.", icon=":material/pause_circle:")


def act(batch_id: UUID, action: Action, **values: object) -> None:
    """On click: change the batch."""
    try:
        moved = cached.change_batch(batch_id, action, **values)
    except DashboardError as error:
        tell(f"Nothing was changed: {error.problem} {error.advice}", warning=True)
        return
    if action == "run_again":
        tell(f"{counted(moved, 'text')} will run again.")


def _button(
    batch: Batch, label: str, action: Action, icon: str, help_: str = "", *, primary: bool = False
) -> None:
    st.button(
        label,
        icon=icon,
        type="primary" if primary else "secondary",
        key=f"{action}-batch",
        on_click=act,
        args=(batch.id, action),
        **allowed(Role.ANALYST, help=help_ or None),
    )


def _raise_cap(batch: Batch, *, in_tokens: bool = False) -> None:
    priced = batch.cap_usd is not None and not in_tokens
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cap = cap_box(_proposed(batch, priced=priced), priced=priced, key=f"cap-{batch.id}")
        values = {"cap_usd": cap} if priced else {"cap_usd": None, "cap_tokens": int(cap)}
        st.button(
            "Allow this and go on",
            type="primary",
            key="raise-cap",
            on_click=act,
            args=(batch.id, "resume"),
            kwargs=values,
            **allowed(Role.ANALYST),
        )
    if priced:
        st.caption(f"So far {money(batch.spent_usd)} USD for {counted(batch.saved, 'persona')}.")


def _proposed(batch: Batch, *, priced: bool) -> float:
    """As much as the rest takes if it goes on as it did, and room for a try that takes most."""
    usd, tokens = cached.most_of_next(batch.id)
    spent, next_ = (batch.spent_usd, usd) if priced else (float(batch.spent_tokens), float(tokens))
    cap = (batch.cap_usd if priced else batch.cap_tokens) or 0
    done = batch.saved + batch.failed
    whole = spent * batch.total / done if done else next_ * batch.total
    return rounded_up(max(whole * 1.1 + next_, cap * 1.1, 0.01 if priced else 1000.0))


def _forget_question() -> None:
    st.session_state.pop(_CANCEL, None)


@st.dialog("Cancel this batch?", on_dismiss=_forget_question)
def _confirm(batch: Batch) -> None:
    st.write(f"**{name_of_batch(batch)}**: {counted(batch.queued, 'text')} will not be drafted.")
    st.caption(
        f"The {counted(batch.saved, 'persona')} drafted so far stay. The cancelled texts can be "
        "run again later."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep going", key="keep-batch"):
            _forget_question()
            st.rerun()
        if st.button("Cancel the batch", type="primary", key="cancel-batch-agree"):
            _forget_question()
            act(batch.id, "cancel")
            st.rerun()
