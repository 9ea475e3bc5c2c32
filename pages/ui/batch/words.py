"""What batches, their states and their texts are called on the screen."""

from __future__ import annotations

import math

from pages.ui.inert import plain
from services.generation.batches import Batch, State
from services.generation.requests import Status

STATES: dict[State, str] = {
    "preparing": "Storing the texts",
    "running": "Running",
    "paused": "Paused",
    "cancelled": "Cancelled",
    "finished": "Finished",
}
STATE_COLOURS: dict[State, str] = {
    "preparing": "blue",
    "running": "blue",
    "paused": "orange",
    "cancelled": "gray",
    "finished": "green",
}
STATUSES: dict[Status, str] = {
    "saved": "Drafted",
    "running": "Being drafted",
    "queued": "Waiting",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


def name_of_batch(batch: Batch) -> str:
    """For markdown and titles."""
    return plain(batch.name, 120) or "Batch without a name"


def is_open(batch: Batch) -> bool:
    """Whether it changes by itself: texts are stored or drafted just now."""
    return batch.state in ("preparing", "running") or batch.running > 0


def in_minutes(seconds: float) -> str:
    """A time to wait, roughly: "under a minute", "about 8 min", "about 3 h"."""
    if seconds < 60:
        return "under a minute"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {round(seconds / 3600)} h"


def money(usd: float) -> str:
    """USD with as many digits as tell something."""
    if usd >= 100:
        return f"{usd:,.0f}"
    return f"{usd:.2f}" if usd >= 0.1 or usd == 0 else f"{usd:.4f}"


def rounded_up(amount: float) -> float:
    """To two digits, upwards: 0.0123 is 0.013, 1234 is 1300."""
    if amount <= 0:
        return 0.01
    unit = 10.0 ** (math.floor(math.log10(amount)) - 1)
    return round(math.ceil(round(amount / unit, 6)) * unit, 10)
