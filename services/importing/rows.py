"""Rows of a file after the check, as the sandbox tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Wanted = Literal["check", "save", "compare"]


@dataclass(frozen=True)
class ReadyRow:
    """A row that can be stored. `md5` is that of its text, as the index of migration 012 has it.

    `json` is its part of a request to save_import, or empty where only the check is told: a JSON
    object inside a JSON text, so with every quote and backslash escaped once more. To be compared
    with what is stored, it is the plain JSON of text, persona and updated_at.
    """

    number: int
    id: str | None
    md5: str
    json: bytes = b""


@dataclass(frozen=True)
class Problem:
    """A row that cannot be imported, and why."""

    number: int
    reason: str


@dataclass(frozen=True)
class Batch:
    """Some rows, one after the other in the file."""

    ready: list[ReadyRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
