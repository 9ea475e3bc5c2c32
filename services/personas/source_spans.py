"""The texts one person's source text is made of: spans over `raw_text`, in code points.

A persona drawn from one text has no spans stored. With a second text it gets two: the text stays
one string, so every place in it stays what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from services.errors import InvalidInputError
from services.personas.models import check_raw_text

BETWEEN = "\n\n---\n\n"
FIRST_LABEL = "First text"
LONGEST_LABEL = 120


@dataclass(frozen=True)
class SourceSpan:
    """One text: raw_text[start:end], what it is called, and its date (ISO, None if unknown)."""

    label: str
    added_at: str | None
    start: int
    end: int


def spans_of(raw_text: str, stored: Any) -> tuple[SourceSpan, ...]:
    """The texts in order; the whole as one if nothing (or nothing that fits) is stored."""
    read = [_span(entry, len(raw_text)) for entry in stored] if isinstance(stored, list) else []
    found = sorted((span for span in read if span), key=lambda span: span.start)
    return tuple(found) or (SourceSpan(FIRST_LABEL, None, 0, len(raw_text)),)


def with_source(
    raw_text: str, stored: Any, text: str, label: str, on: date, *, first_on: date | None = None
) -> tuple[str, list[dict[str, Any]]]:
    """The source text with `text` appended, and its spans as they are stored.

    `first_on` dates the first text when it gets its span. Raises InvalidTextError for a text that
    cannot be stored, InvalidInputError for a label that is empty, too long or taken.
    """
    check_raw_text(text)
    spans = spans_of(raw_text, stored)
    if len(spans) == 1 and spans[0].added_at is None and first_on:
        spans = (SourceSpan(spans[0].label, first_on.isoformat(), spans[0].start, spans[0].end),)
    name = _checked_label(label, spans)
    start = len(raw_text) + len(BETWEEN)
    added = SourceSpan(name, on.isoformat(), start, start + len(text))
    return f"{raw_text}{BETWEEN}{text}", [asdict(span) for span in (*spans, added)]


def source_at(spans: Sequence[SourceSpan], offset: int) -> SourceSpan | None:
    """The text in which the character at `offset` stands."""
    return next((span for span in spans if span.start <= offset < span.end), None)


def _span(entry: Any, length: int) -> SourceSpan | None:
    if not isinstance(entry, dict):
        return None
    label, start, end = entry.get("label"), entry.get("start"), entry.get("end")
    if not (isinstance(label, str) and type(start) is int and type(end) is int):
        return None
    if not 0 <= start < end <= length:
        return None
    added_at = entry.get("added_at")
    return SourceSpan(label, added_at if isinstance(added_at, str) else None, start, end)


def _checked_label(label: str, spans: Sequence[SourceSpan]) -> str:
    name = " ".join(label.replace("\x00", "").split())
    if not name:
        raise InvalidInputError("Say what this text is.", "Fill in “What it is” beside it.")
    if len(name) > LONGEST_LABEL:
        raise InvalidInputError(
            f"The label has more than {LONGEST_LABEL} characters.", "Shorten it."
        )
    if name in {span.label for span in spans}:
        raise InvalidInputError(
            "Another text of this person has this label.", "Choose one that tells them apart."
        )
    return name
