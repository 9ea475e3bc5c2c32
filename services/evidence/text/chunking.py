"""A long text in parts a model can read, cut where a reader would pause."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.evidence.text.graphemes import (
    boundary_at_or_after,
    boundary_at_or_before,
    is_boundary,
)

BYTES_PER_TOKEN = 3  # cautious: English has about 4, other languages and code fewer

# Each matches what stays with the part before the cut; the first that occurs is used.
_PAUSES = (
    re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)"),
    re.compile(r"\r\n|\r|\n"),
    re.compile(r"[.!?…][\"'”’)\]]*\s|[。！？]"),
    re.compile(r"\s"),
)


@dataclass(frozen=True)
class Chunk:
    """A part of a text: text == whole[start:end], in code points."""

    start: int
    end: int
    text: str


def split_text(text: str, max_chars: int = 12_000) -> list[Chunk]:
    """`text` in contiguous chunks without overlap; none for the empty text.

    Cut at a blank line, else a line end, a sentence end, a space, else anywhere but within a
    character or CRLF. A chunk is longer than `max_chars` only if a single character with its
    marks is. Raises ValueError if `max_chars` is under 1.
    """
    if max_chars < 1:
        raise ValueError("max_chars must be at least 1")
    chunks: list[Chunk] = []
    start = 0
    while start < len(text):
        end = _cut(text, start, max_chars)
        chunks.append(Chunk(start, end, text[start:end]))
        start = end
    return chunks


def estimate_tokens(text: str) -> int:
    """About how many tokens a model counts, rather too many: UTF-8 bytes / 3, rounded up."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def _cut(text: str, start: int, max_chars: int) -> int:
    limit = start + max_chars
    if limit >= len(text):
        return len(text)
    earliest = start + max_chars // 2  # chunks far below the limit cost more requests
    for pause in _PAUSES:
        ends = [m.end() for m in pause.finditer(text, earliest, limit)]
        for end in reversed(ends):
            if end > start and is_boundary(text, end):
                return end
    end = boundary_at_or_before(text, limit)
    return end if end > start else boundary_at_or_after(text, limit)
