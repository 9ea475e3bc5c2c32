"""Making a batch of what was given: its name, the engine, what it takes, and how much it may."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from uuid import UUID

import streamlit as st

from pages.ui.account import allowed
from pages.ui.drafting.engine_choice import choose_engine
from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.many.state import keep, kept
from pages.ui.many.way import Way, choose_way
from pages.ui.navigation import open_batch
from pages.ui.numbers import money, rounded_up
from pages.ui.wording import counted
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.generation.batches import NewBatch
from services.importing.texts.estimate import Range
from services.importing.texts.intake import Intake

_NAME, _CAP = "batch-name", "batch-cap"
_SAMPLE = 10
_STARTED, _FAULT = "batch-started", "start-fault"


def start_panel(given: Intake, numbers: Sequence[int]) -> None:
    """Draw the panel."""
    action = st.container(horizontal=True)
    if fault := st.session_state.pop(_FAULT, None):
        show_fault(fault)
    _name(given)
    engine = choose_engine()
    estimate = cached.texts_estimate(given, numbers, engine)
    cap: float | None = None
    priced = bool(estimate and estimate.cost)
    if estimate:
        show_range(estimate, nothing_sent=True)
    way = choose_way(engine, estimate)
    if estimate:
        cap = _cap(estimate, way)
    number = len(numbers) - (estimate.too_long if estimate else 0)
    start = (given.id, numbers, engine, cap, priced, way)
    with action:
        st.button(
            f"Draft {counted(number, 'text')}",
            type="primary",
            icon=":material/auto_awesome:",
            on_click=_start,
            args=(*start, 0),
            key="start-batch",
            **allowed(Role.ANALYST, disabled=not number, help=None if number else "No new text"),
        )
        if number > 2 * _SAMPLE and not way.in_files:
            st.button(
                f"Try {_SAMPLE} first",
                on_click=_start,
                args=(*start, _SAMPLE),
                key="start-sample",
                **allowed(
                    Role.ANALYST,
                    help="You look at what comes of them, and what they take, before the others "
                    "are drafted",
                ),
            )


def follow_started() -> None:
    """Go to the batch that was just made, if one was."""
    if started := st.session_state.pop(_STARTED, None):
        open_batch(str(started))


def _start(
    intake_id: UUID,
    numbers: Sequence[int],
    engine: str,
    cap: float | None,
    priced: bool,
    way: Way,
    sample: int,
) -> None:
    """On click: make the batch of these texts, and store them in the background."""
    new = NewBatch(
        id=intake_id,
        name=str(st.session_state[_NAME]),
        engine=engine,
        way="batch_api" if way.in_files else "calls",
        calls_after_files=way.calls_after_files,
        reuse=way.reuse,
        created_by=current_author(),
        cap_usd=cap if priced else None,
        cap_tokens=None if priced or cap is None else int(cap),
    )
    try:
        cached.start_batch(new, numbers, sample)
    except DashboardError as error:
        st.session_state[_FAULT] = error
        return
    st.session_state[_STARTED] = intake_id


def _name(given: Intake) -> None:
    key = f"{_NAME}-{given.id}"
    if key not in st.session_state:
        st.session_state[key] = kept("title") or given.name
    st.session_state[_NAME] = st.text_input(
        "Name of the batch",
        key=key,
        max_chars=200,
        on_change=lambda: keep("title", st.session_state[key].strip()),
    )


def _cap(estimate: Range, way: Way) -> float:
    """Draw the box for the most it may take: as proposed, until something else is typed."""
    key = f"{_CAP}-{'usd' if estimate.cost else 'tokens'}"
    proposed = rounded_up(estimate.cap_at_once if way.in_files else estimate.cap)

    def changed() -> None:
        cap = st.session_state[key]
        keep("cap", "" if cap == proposed else str(cap))

    st.session_state[key] = _number(kept("cap")) or proposed
    return cap_box(proposed, priced=bool(estimate.cost), key=key, on_change=changed)


def cap_box(
    proposed: float,
    *,
    priced: bool,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> float:
    """Draw the box for the most that a batch may take, in USD or in tokens; what stands in it."""
    if key not in st.session_state:
        st.session_state[key] = proposed
    return float(
        st.number_input(
            "Spend at most (USD)" if priced else "Use at most (tokens)",
            min_value=0.0001 if priced else 1.0,
            step=max(proposed / 10, 0.0001) if priced else max(float(round(proposed / 10)), 1.0),
            format="%.0f" if not priced else "%.2f" if proposed >= 0.1 else "%.4f",
            key=key,
            on_change=on_change,
            width=320,
            help="When the next text could take more than this, the batch pauses; you can raise it "
            "then and go on. What was drafted by then stays.",
        )
    )


def show_range(estimate: Range, *, nothing_sent: bool = False) -> None:
    """What the texts will take, as a range."""
    low, high = estimate.least, estimate.most
    tokens = (
        f"{_about(low.input_tokens)} to {_about(high.input_tokens)} tokens to read, "
        f"{_about(low.output_tokens)} to {_about(high.output_tokens)} to write"
    )
    cost = estimate.cost
    price = f"**About {money(cost[0])} to {money(cost[1])} USD**: " if cost else "About "
    st.markdown(f"{price}{tokens}.{' Nothing has been sent yet.' if nothing_sent else ''}")
    if estimate.too_long:
        noun = "text is" if estimate.too_long == 1 else "texts are"
        st.caption(f"{estimate.too_long:,} {noun} too long for this engine, and left out.")


def _about(tokens: int) -> str:
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.1f} million"
    return f"{round(tokens, -2):,}" if tokens >= 10_000 else f"{tokens:,}"


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None
