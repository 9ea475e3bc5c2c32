"""How far a batch is: a bar by status, how fast it goes, and what it has cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape

import streamlit as st

from pages.ui.batch.words import STATUSES
from pages.ui.inert import plain
from pages.ui.numbers import in_minutes, money
from pages.ui.state import remembered
from services import cached
from services.generation.batches import Batch
from services.generation.requests import Status

_WINDOW_SECONDS = 60.0
_SOON = timedelta(seconds=10)  # what waits for so long has a reason
_ORDER: tuple[Status, ...] = ("saved", "running", "queued", "failed", "cancelled")


@dataclass
class Pace:
    """How many texts of which batch were done when, for a minute."""

    batch: str = ""
    seen: list[tuple[float, int]] = field(default_factory=list)

    def note(self, batch: Batch, now: float) -> float | None:
        """Texts a second lately; None until that is known."""
        if self.batch != str(batch.id):
            self.batch, self.seen = str(batch.id), []
        done = batch.saved + batch.failed
        self.seen.append((now, done))
        while len(self.seen) > 2 and now - self.seen[1][0] >= _WINDOW_SECONDS:
            self.seen.pop(0)
        first_at, first = self.seen[0]
        passed = now - first_at
        return (done - first) / passed if passed >= 1.5 and done > first else None


def show_progress(batch: Batch) -> None:
    """Draw it."""
    st.html(bar(batch))
    if told := [*_pace(batch), *spent(batch)]:
        st.caption(" · ".join(told))


def bar(batch: Batch) -> str:
    """The bar and its legend, as HTML of numbers and our own words."""
    counts = {status: int(getattr(batch, status)) for status in _ORDER}
    total = max(batch.total, 1)
    told = {status: f"{counts[status]:,} {STATUSES[status].lower()}" for status in _ORDER}
    shown = [status for status in _ORDER if counts[status]]
    parts = "".join(
        f'<span class="batch-{status}" style="flex-grow:{counts[status] / total:.6f}"></span>'
        for status in shown
    )
    legend = "".join(
        f'<li><i class="batch-{status}"></i>{escape(told[status])}</li>' for status in shown
    )
    label = ", ".join(told[status] for status in shown) or "nothing yet"
    return (
        f'<div class="batch-bar" role="img" aria-label="{batch.total:,} texts: {escape(label)}">'
        f'{parts}</div><ul class="batch-legend"><li><b>{batch.total:,} texts</b></li>{legend}</ul>'
    )


def _pace(batch: Batch) -> list[str]:
    if batch.state != "running":
        return []
    pace = remembered("batch-pace", Pace).note(batch, time.monotonic())
    if pace is None:
        if batch.running == 0 and datetime.now(UTC) - batch.created_at > _SOON:
            return [_why_not(batch)]
        return ["the pace is being measured" if batch.saved + batch.failed else "not begun yet"]
    rate = f"{pace * 60:,.0f} texts a minute" if pace * 60 >= 1 else "less than a text a minute"
    return [rate, f"{in_minutes((batch.queued + batch.running) / pace)} left"]


def _why_not(batch: Batch) -> str:
    why = cached.model_away() if batch.engine != "offline" else None
    reason = plain(why) if why else "the limits of the model server may be reached."
    return f"nothing is being drafted just now: {reason} It goes on by itself"


def spent(batch: Batch) -> list[str]:
    """What it has cost, against what it may."""
    if batch.cap_usd is not None:
        return [f"{money(batch.spent_usd)} of {money(batch.cap_usd)} USD spent", *_tokens(batch)]
    if batch.cap_tokens is not None:
        return [f"{batch.spent_tokens:,} of {batch.cap_tokens:,} tokens used"]
    usd = [f"{money(batch.spent_usd)} USD spent"] if batch.spent_usd else []
    return [*usd, *_tokens(batch)]


def _tokens(batch: Batch) -> list[str]:
    return [f"{batch.spent_tokens:,} tokens"] if batch.spent_tokens else []
