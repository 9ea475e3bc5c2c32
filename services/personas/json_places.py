"""Where something stands in a text of JSON, found without looking at each token in Python.

Megabytes of it are checked while somebody types. So one pattern runs over everything that is
surely sound, and brackets and names are told apart from text by vectors over all characters.
All offsets are in code points; the text must be well-formed, or the beginning of such a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Numbers of up to 15 digits are kept exactly by a 64-bit float, unless their exponent is extreme.
_SOUND = re.compile(
    r"""(?: [\s,:\[\]{}trufalsen]++
    | -?[\d.]{1,15}+(?:[eE][-+]?\d{1,2})?+(?![-+\d.eEI])
    | "(?: [^"\\\x00\ud800-\udfff]++ | \\[^u]
        | \\u(?:[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}
            |(?!0000|[dD][89a-fA-F])[\da-fA-F]{4}) )*+"
    )*+""",
    re.DOTALL | re.VERBOSE,
)
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]++|\\.)*+")|(?P<constant>NaN|-?Infinity)'
    r"|(?P<number>-?\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+)",
    re.DOTALL,
)


def suspicious_tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """The tokens that need a closer look: their kind (text, number, constant), themselves as they
    are written, and their offset."""
    found: re.Match[str] | None = _SOUND.match(text)
    while found and found.end() < len(text):
        found = _TOKEN.match(text, found.end())
        if found is None:  # the text ends within a string
            return
        yield found.lastgroup or "", found[0], found.start()
        found = _SOUND.match(text, found.end())


class Outline:
    """The brackets and names of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        codes = np.frombuffer(text.encode("ascii", "replace"), np.uint8)
        self._quotes = _quotes(codes)
        is_text = np.zeros(len(codes), np.int8)
        is_text[self._quotes] = 1
        outside = ~np.logical_xor.accumulate(is_text.astype(bool))
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


def _quotes(codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The offsets of the quotes that begin or end a string: no odd row of backslashes before."""
    quotes = np.flatnonzero(codes == ord('"'))
    others = np.flatnonzero(codes != ord("\\"))
    last_other = np.append(-1, others)[np.searchsorted(others, quotes)]
    whole: NDArray[np.int64] = quotes[(quotes - last_other) % 2 == 1]
    return whole
