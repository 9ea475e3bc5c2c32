"""Where something stands in a text of JSON, found without looking at each token in Python.

Megabytes of it are checked while somebody types. So what stands in texts is told apart
from the rest by vectors over all characters, and patterns find what may be wrong in either.
All offsets are in code points; the text must be well-formed, or the beginning of such a text.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

# What may be wrong by itself: half a character or NUL; a constant that is no JSON; a number that a
# 64-bit float may not keep (up to 15 digits it keeps, unless the exponent is extreme).
_HALF = re.compile(r"[\x00\ud800-\udfff]|\\u(?:0000|[dD][89a-fA-F])")
_BARE = re.compile(
    r"(?P<constant>NaN|-?Infinity)"
    r"|(?P<number>-?\d(?:[\d.]{15,}(?:[eE][-+]?\d+)?|[\d.]*[eE][-+]?\d{3,}))"
)
_Token = tuple[str, str, int]


def suspicious_tokens(text: str) -> Iterator[_Token]:
    """The tokens that need a closer look, in their order: their kind (text, number, constant),
    themselves as they are written, and their offset."""
    codes = _codes(text)
    quotes = _quotes(codes)
    return merge(_texts(text, quotes), _bare_tokens(codes, quotes), key=itemgetter(2))


def _texts(text: str, quotes: NDArray[np.int64]) -> Iterator[_Token]:
    ends: list[int] = quotes.tolist()
    before = looked_at = 0  # quotes before the place in hand; the end of the last text
    for found in _HALF.finditer(text):
        if found.start() < looked_at:
            continue
        before = bisect_left(ends, found.start(), before)
        if before % 2 == 1 and before < len(ends):
            start, looked_at = ends[before - 1], ends[before] + 1
            yield "text", text[start:looked_at], start


def _bare_tokens(codes: NDArray[np.uint8], quotes: NDArray[np.int64]) -> Iterator[_Token]:
    places = np.flatnonzero(_outside(codes, quotes))
    for found in _BARE.finditer(codes[places].tobytes().decode("ascii")):
        yield found.lastgroup or "", found[0], int(places[found.start()])


class Outline:
    """The brackets and names of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        codes = _codes(text)
        self._quotes = _quotes(codes)
        outside = _outside(codes, self._quotes)
        self._colons = np.flatnonzero((codes == ord(":")) & outside)
        steps = _BRACKETS[codes]
        self._brackets = np.flatnonzero((steps != 0) & outside)
        self._depths = np.cumsum(steps[self._brackets], dtype=np.int64)

    def deeper_than(self, levels: int) -> int | None:
        """The offset of the first bracket that opens a further level."""
        deep = np.flatnonzero(self._depths > levels)
        return int(self._brackets[deep[0]]) if len(deep) else None

    def repeated_name(self, before: int | None = None) -> tuple[str, int] | None:
        """The first name, `before` an offset, that its object already has; with its offset."""
        colons = self._colons[: before and np.searchsorted(self._colons, before)]
        closing = np.searchsorted(self._quotes, colons) - 1
        starts, ends = self._quotes[closing - 1].tolist(), (self._quotes[closing] + 1).tolist()
        names = list(map(self._text.__getitem__, map(slice, starts, ends)))
        if "\\" in "".join(names):
            names = [json.dumps(json.loads(name), ensure_ascii=False) for name in names]
        numbers: dict[str, int] = {}
        numbered = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)
        entries = self._objects_of(colons) * len(numbers) + numbered
        order = np.argsort(entries, kind="stable")
        repeated = order[1:][np.diff(entries[order]) == 0]
        if not len(repeated):
            return None
        first = int(repeated.min())
        return json.loads(names[first]), starts[first]

    def _objects_of(self, colons: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each name's colon the number of the bracket that opens its object."""
        before = np.searchsorted(self._brackets, colons) - 1
        depths = self._depths[before]
        opens = np.diff(self._depths, prepend=0) > 0
        objects = np.zeros(len(before), np.int64)
        for depth in np.unique(depths):
            openings = np.flatnonzero(opens & (self._depths == depth))
            here = depths == depth
            objects[here] = openings[np.searchsorted(openings, before[here], "right") - 1]
        return objects


_BRACKETS = np.zeros(256, np.int8)
_BRACKETS[[ord("{"), ord("[")]] = 1
_BRACKETS[[ord("}"), ord("]")]] = -1


def _codes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("ascii", "replace"), np.uint8)


def _outside(codes: NDArray[np.uint8], quotes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which characters stand in no text; its last quote does not count to it."""
    is_quote = np.zeros(len(codes), bool)
    is_quote[quotes] = True
    outside: NDArray[np.bool_] = ~np.logical_xor.accumulate(is_quote)
    return outside


def _quotes(codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The offsets of the quotes that begin or end a string: no odd row of backslashes before."""
    quotes = np.flatnonzero(codes == ord('"'))
    others = np.flatnonzero(codes != ord("\\"))
    last_other = np.append(-1, others)[np.searchsorted(others, quotes)]
    whole: NDArray[np.int64] = quotes[(quotes - last_other) % 2 == 1]
    return whole
