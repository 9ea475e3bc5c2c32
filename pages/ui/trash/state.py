"""What the trash page remembers between runs."""

from __future__ import annotations

from dataclasses import dataclass

from pages.ui.state import remembered
from services.errors import DashboardError


@dataclass
class TrashState:
    """The trash page: the fault of the last action, rows shown."""

    fault: DashboardError | None = None
    shown: int = 0


def trash_state() -> TrashState:
    """The state of the trash page in this session."""
    return remembered("trash-state", TrashState)
