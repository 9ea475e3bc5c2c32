"""Personas without a name, told apart on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from pages.ui.wording import is_seen
from services import cached


class _Listed(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str | None: ...


def beginnings_of(listed: Sequence[_Listed]) -> dict[UUID, str]:
    """By id, a few words about each that has no name. Raises DatabaseError."""
    nameless = tuple(one.id for one in listed if not is_seen(one.name))
    return cached.beginnings(nameless) if nameless else {}
