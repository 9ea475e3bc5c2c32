"""Names and values of a persona as people write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_LABELS = {"years_experience": "Years of experience"}


def label(key: str) -> str:
    """`pain_points` as people write it."""
    return _LABELS.get(key) or key.replace("_", " ").strip().capitalize() or key


def as_text(value: Any) -> str:
    """A JSON scalar as people write it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def counted(count: int, noun: str) -> str:
    """`1 claim`, `2 claims`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def name_of(persona: Mapping[str, Any]) -> str:
    """What a persona is called on the screen, whatever its name is."""
    return named(persona.get("name"))


def named(name: Any) -> str:
    """A name on the screen."""
    text = name if isinstance(name, str) else json.dumps(name, ensure_ascii=False) if name else ""
    return text.strip() if is_seen(text) else "No name"


def is_seen(name: str | None) -> bool:
    """Whether a name shows anything: blanks, and characters without a shape, do not."""
    return any(char.isprintable() and char != " " for char in name or "")
