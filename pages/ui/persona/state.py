"""What the persona page remembers between runs, of each persona."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pages.ui.state import remembered
from services.errors import DashboardError
from services.evidence.picked_words import PickedWords


@dataclass(frozen=True)
class Opened:
    """The version of a persona that somebody began to edit."""

    version: int
    persona: dict[str, Any]


@dataclass(frozen=True)
class Conflict:
    """Two edits of `base` that touched the same fields: theirs is stored, mine is not."""

    base: Opened
    theirs: Opened
    author: str
    mine: dict[str, Any]


@dataclass
class PersonaState:
    """The persona page: the fault of the last action.

    `active` is the JSON Pointer of the chosen claim, `message` the number of its list's last one.
    `opened` is what the editor began with, while something in it is unsaved; `drafted` is what it
    last held that could be read, and `picked` the words picked for its values. `conflict` waits for
    the analyst's choice. `seen` is the version on the screen; `status_fault` and `comment_fault`
    stand beside the moves and the comments.
    """

    fault: DashboardError | None = None
    active: str | None = None
    message: int = 0
    opened: Opened | None = None
    drafted: dict[str, Any] | None = None
    picked: tuple[PickedWords, ...] = ()
    conflict: Conflict | None = None
    seen: int = 0
    status_fault: DashboardError | None = None
    comment_fault: DashboardError | None = None


def persona_state(persona_id: str) -> PersonaState:
    """The state of the persona page for one persona in this session."""
    return remembered(f"persona-state-{persona_id}", PersonaState)
