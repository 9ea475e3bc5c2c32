"""What batches, their states and their texts are called on the screen."""

from __future__ import annotations

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
