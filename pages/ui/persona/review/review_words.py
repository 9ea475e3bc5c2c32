"""Review in words: statuses, moves, and why a persona waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pages.ui.wording import counted
from services.personas.reviewing.workflow import QueueItem, Status

Colour = Literal["gray", "blue", "green", "red"]

STATUS_LABELS: dict[str, str] = {
    Status.DRAFT: "Draft",
    Status.IN_REVIEW: "In review",
    Status.APPROVED: "Approved",
    Status.REJECTED: "Rejected",
}
STATUS_COLOURS: dict[str, Colour] = {
    Status.DRAFT: "gray",
    Status.IN_REVIEW: "blue",
    Status.APPROVED: "green",
    Status.REJECTED: "red",
}
STATUS_ICONS: dict[str, str] = {
    Status.DRAFT: ":material/edit_note:",
    Status.IN_REVIEW: ":material/rate_review:",
    Status.APPROVED: ":material/check_circle:",
    Status.REJECTED: ":material/cancel:",
}
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def move_label(old: str, new: Status) -> str:
    """What the button of a move says."""
    if new is Status.IN_REVIEW:
        return "Send to review" if old == Status.DRAFT else "Review again"
    return {
        Status.DRAFT: "Back to draft",
        Status.APPROVED: "Approve",
        Status.REJECTED: "Reject",
    }[new]


def reasons(item: QueueItem) -> list[str]:
    """Why to look at it, the gravest first; empty if nothing speaks against it."""
    if item.claims == 0:
        return ["has no claims"]
    found = [
        (item.unsourced, counted(item.unsourced, "claim") + " without source"),
        (item.misshapen, counted(item.misshapen, "field") + " of the wrong form"),
        (item.unsure, counted(item.unsure, "claim") + " unsure"),
        (item.proposals, f"{item.proposals} kept out"),
    ]
    return [words for count, words in found if count]


def waiting(item: QueueItem, now: datetime | None = None) -> str:
    """How long it has waited: "waiting 2 days"."""
    seconds = ((now or datetime.now(UTC)) - item.waiting_since).total_seconds()
    for unit, length in _UNITS:
        if seconds >= length:
            return f"waiting {counted(int(seconds // length), unit)}"
    return "just arrived"
