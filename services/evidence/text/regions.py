"""Where in a long text an altered quote most likely stands, and which words exactly it covers.

Works on folded text only. Regions come from rapidfuzz's partial alignment and from votes of the
quote's rarest words; inside a region, words are aligned and set the span, so that a span never
begins or ends within a word.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from services.evidence.text.folding import WORD

_SCAN_LIMIT = 60_000_000  # text length × quote length; a scan of this size takes some 10 ms
_SCAN_CUTOFF = 70  # what is 85 alike as a whole is at least so alike in its best window
_COMMON_WORD = 400  # a word that stands more often says nothing about the place
_REGIONS = 6
_SIMILAR_WORD = 65
_STRAY_GAP = 4  # words between an edge word and its neighbour before it counts as a stray match


@dataclass(frozen=True)
class Candidate:
    """A span of folded text that resembles the quote; score 0-100."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int


class Regions:
    """Candidate places for quotes in one folded text. The word index is built on first use."""

    def __init__(self, folded: str) -> None:
        self._folded = folded

    def candidates(self, quote: str, within: tuple[int, int]) -> Iterator[Candidate]:
        """Places that resemble the folded `quote`, the likeliest region first, each once."""
        seen: set[tuple[int, int]] = set()
        for start, end in self._windows(quote, within):
            candidate = self._align(quote, max(start, within[0]), min(end, within[1]))
            if candidate and (candidate.start, candidate.end) not in seen:
                seen.add((candidate.start, candidate.end))
                yield candidate

    def _windows(self, quote: str, within: tuple[int, int]) -> Iterator[tuple[int, int]]:
        size = len(quote)
        start, end = within
        if (end - start) * size <= _SCAN_LIMIT:
            hay = self._folded[start:end]
            found = fuzz.partial_ratio_alignment(quote, hay, score_cutoff=_SCAN_CUTOFF)
            if not found:
                return
            yield start + found.dest_start - size - 20, start + found.dest_end + size + 20
        yield from self._voted_windows(quote, within)

    def _voted_windows(self, quote: str, within: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Regions where the quote's rare words stand at the distances they have in the quote."""
        width = max(len(quote), 40)
        votes: dict[int, float] = defaultdict(float)
        for offset, places in self._rarest(quote):
            for place in places:
                if within[0] <= place < within[1]:
                    votes[(place - offset) // width] += 1 / (1 + len(places)) ** 0.5
        both = {bucket: vote + votes.get(bucket + 1, 0) for bucket, vote in votes.items()}
        for bucket in sorted(both, key=lambda bucket: -both[bucket])[:_REGIONS]:
            start = bucket * width - len(quote) // 2 - 20
            yield start, start + 3 * len(quote) + 80

    def _rarest(self, quote: str) -> list[tuple[int, list[int]]]:
        """(offset in the quote, places in the text) of its 14 rarest words that occur."""
        found = [(m.start(), self._places.get(m.group(), [])) for m in WORD.finditer(quote)]
        found = [(offset, places) for offset, places in found if 0 < len(places) <= _COMMON_WORD]
        return sorted(found, key=lambda word: len(word[1]))[:14]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for match in WORD.finditer(self._folded):
            places[match.group()].append(match.start())
        return places

    def _align(self, quote: str, start: int, end: int) -> Candidate | None:
        """The words of the region [start, end) that the quote's words stand for."""
        region = [
            _Word(m.group(), m.start(), m.end())
            for m in WORD.finditer(self._folded, max(0, start), end)
        ]
        wanted = WORD.findall(quote)
        pairs = _without_strays(_paired(wanted, [word.text for word in region]))
        if not pairs:
            return None
        spans = _grown(pairs, len(wanted), len(region))
        return max(
            (self._scored(quote, region[first].start, region[last].end) for first, last in spans),
            key=lambda candidate: candidate.score,
        )

    def _scored(self, quote: str, start: int, end: int) -> Candidate:
        return Candidate(start, end, fuzz.ratio(quote, self._folded[start:end]))


def _paired(wanted: list[str], region: list[str]) -> list[tuple[int, int]]:
    """Pairs (index in the quote, index in the region) of equal words and of likely typos."""
    matcher = difflib.SequenceMatcher(None, wanted, region, autojunk=False)
    pairs: list[tuple[int, int]] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        slots = list(zip(range(i1, i2), range(j1, j2), strict=False))
        if kind == "equal":
            pairs += slots
        elif kind == "replace" and i2 - i1 == j2 - j1:
            pairs += [p for p in slots if fuzz.ratio(wanted[p[0]], region[p[1]]) >= _SIMILAR_WORD]
    return pairs


def _without_strays(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop edge matches far from the rest: a lone "the" would stretch the span."""

    def stray(near: tuple[int, int], far: tuple[int, int]) -> bool:
        return abs(near[1] - far[1]) > _STRAY_GAP + abs(near[0] - far[0])

    first, last = 0, len(pairs)
    while last - first > 2 and stray(pairs[first], pairs[first + 1]):
        first += 1
    while last - first > 2 and stray(pairs[last - 1], pairs[last - 2]):
        last -= 1
    return pairs[first:last]


def _grown(pairs: list[tuple[int, int]], wanted: int, region: int) -> list[tuple[int, int]]:
    """The span of the pairs, and it grown by a word where the quote has an unmatched edge word."""
    first, last = pairs[0][1], pairs[-1][1]
    firsts = [first, first - 1] if pairs[0][0] > 0 and first > 0 else [first]
    lasts = [last, last + 1] if pairs[-1][0] < wanted - 1 and last + 1 < region else [last]
    return [(a, b) for a in firsts for b in lasts]
