"""Texts that differ only in their white space are the same text.

Their other characters are the same in the same order, so a place in one is a place in the other.
"""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_left


def normalised(text: str) -> str:
    """What equal texts have in common: one blank between words, none around the whole."""
    return " ".join(text.split())


def text_hash(text: str) -> str:
    """SHA-256 in hex of the text, whatever its white space and Unicode form."""
    return hashlib.sha256(normalised(unicodedata.normalize("NFC", text)).encode()).hexdigest()


class EqualTexts:
    """Two texts with the same `normalised`: carries spans from the first over to the second."""

    def __init__(self, first: str, second: str) -> None:
        self._is_same = first == second
        self._first = [] if self._is_same else _places(first)
        self._second = [] if self._is_same else _places(second)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where first[start:end] stands in the second text (code points, end exclusive).

        White space at the ends of a span is left out. None for a span of nothing else.
        """
        if self._is_same:
            return start, end
        begin, stop = bisect_left(self._first, start), bisect_left(self._first, end)
        return (self._second[begin], self._second[stop - 1] + 1) if begin < stop else None


def _places(text: str) -> list[int]:
    """Where the characters stand that are no white space."""
    return [place for place, character in enumerate(text) if not character.isspace()]
