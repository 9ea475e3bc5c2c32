"""What the review page remembers between runs."""

from __future__ import annotations

from dataclasses import dataclass

from pages.ui.state import remembered


@dataclass
class ReviewState:
    """The review page: the note of the last success."""

    note: str = ""


def review_state() -> ReviewState:
    """The state of the review page in this session."""
    return remembered("review-state", ReviewState)
