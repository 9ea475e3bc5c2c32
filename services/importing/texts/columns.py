"""Which column of a table holds the texts, what each is called, and whom it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.importing.mapping import TEXT, guess_mapping

_LABELS = ("id", "label", "title", "name", "file", "number", "ticket", "respondent", "participant")


@dataclass(frozen=True)
class TextColumns:
    """Heads of a table; "" where there is no such column."""

    text: str = ""
    label: str = ""
    about: str = ""


def guess_columns(columns: Sequence[str]) -> TextColumns:
    """A first proposal: a column that is called like a text, and one that is called like a name."""
    mapping = guess_mapping(columns)
    text = next((head for head, target in mapping.items() if target == TEXT), "")
    lower = {head.strip().lower(): head for head in columns if head != text}
    label = next((lower[name] for name in _LABELS if name in lower), "")
    if not text and len(lower) == 1:
        text, label = next(iter(lower.values())), ""
    return TextColumns(text, label)
