"""From a model's quote to the words of the raw text it stands for.

Models copy inexactly: other quote marks, a typo set right, a word left out, "..." in the middle.
A quote is looked for in four ways, each only if the one before found nothing:

    exact       the same characters                                            score 100
    normalised  the same after folding (case, marks, dashes, white space)      score 99
    ellipsis    its parts between "...", in order and near each other          score up to 97
    fuzzy       nearly the same words (rapidfuzz, cutoff 85)                   score 85-98

A similar sentence is not the same statement: what is not literally equal must hold the same numbers
and negations and the quote's names. Quotes under 12 characters or 3 words are never guessed.
All offsets are Unicode code points into the raw text, end exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Literal

from services.evidence.text.folding import FoldedText, fold, is_word_edge, words
from services.evidence.text.graphemes import boundary_at_or_after, boundary_at_or_before
from services.evidence.text.meaning import (
    has_names,
    names_in,
    negated_before,
    negation_flipped,
    same_numbers,
)
from services.evidence.text.occurrences import nearest, occurrences
from services.evidence.text.regions import Candidate, Regions

CUTOFF = 85.0
Method = Literal["exact", "normalised", "ellipsis", "fuzzy"]
Fault = Literal["not found", "number altered", "negation flipped"]

_SHORT_CHARACTERS = 12
_SHORT_WORDS = 3
_LONGEST_GUESS = 2_000  # characters; a longer "quote" is looked for literally only
_LONGEST_GAP = 600  # characters an ellipsis may leave out
_LONGEST_WORD = 40
_MOST_CHAINS = 50  # places of the first part that are tried
_GOOD_ENOUGH = 90.0  # no need to look at the other regions
_EDGES = " \"'.,;:!?()[]{}*_-"
_ELLIPSIS = re.compile(r"\[ ?\.\.\. ?\]|\( ?\.\.\. ?\)|\.\.\.+")


@dataclass(frozen=True)
class Match:
    """Words of the text that a quote stands for: text[start:end], 0 <= start < end <= len(text)."""

    start: int
    end: int
    score: float
    method: Method


@dataclass(frozen=True)
class Miss:
    """No words found, and why: nothing alike, or alike but saying something else."""

    fault: Fault = "not found"


class Aligner:
    """Finds quotes in one text. Folding and indexing happen once, on first need."""

    def __init__(self, text: str) -> None:
        self.text = text

    def find(
        self, quote: str, *, near: int | None = None, within: tuple[int, int] | None = None
    ) -> Match | None:
        """The words `quote` stands for, or None.

        `near` prefers the occurrence closest to that offset (else the first); `within` looks only
        at text[start:end].
        """
        found = self.locate(quote, near=near, within=within)
        return found if isinstance(found, Match) else None

    def locate(
        self, quote: str, *, near: int | None = None, within: tuple[int, int] | None = None
    ) -> Match | Miss:
        """Like `find`, but says why nothing was found."""
        literal = self.find_literal(quote, near=near, within=within)
        folded = fold(quote)
        if literal or len(folded) > _LONGEST_GUESS or not folded:
            return literal or Miss()
        span = self._folded_range(within)
        trimmed = folded.strip(_EDGES)
        found = self._inside_words(trimmed, span)
        if isinstance(found, Miss) and found.fault == "not found":
            found = self._parts(folded, span) or self._fuzzy(trimmed, span)
        if isinstance(found, Miss):
            return found
        names_agree = has_names(self._fold.folded[found.start : found.end], names_in(quote))
        return self._original(found) if names_agree else Miss()

    def find_literal(
        self, value: str, *, near: int | None = None, within: tuple[int, int] | None = None
    ) -> Match | None:
        """Where `value` stands as whole words, exactly or but for folding; None if it does not."""
        exact = value.strip()
        if not exact:
            return None
        start, end = within or (0, len(self.text))
        at = nearest(self.text, exact, start, end, near)
        if at is not None:
            return self._widened(Match(at, at + len(exact), 100.0, "exact"))
        folded = fold(value)
        span = self._folded_range(within)
        near_folded = None if near is None else self._fold.folded_range(near, near)[0]
        for needle in dict.fromkeys((folded, folded.strip(_EDGES))):
            at = nearest(self._fold.folded, needle, *span, near_folded) if needle else None
            if at is not None:
                return self._original(_Found(at, at + len(needle), 99.0, "normalised"))
        return None

    @cached_property
    def _fold(self) -> FoldedText:
        return FoldedText(self.text)

    @cached_property
    def _regions(self) -> Regions:
        return Regions(self._fold.folded)

    def _folded_range(self, within: tuple[int, int] | None) -> tuple[int, int]:
        return self._fold.folded_range(*within) if within else (0, len(self._fold.folded))

    def _original(self, found: _Found) -> Match:
        start, end = self._fold.span(found.start, found.end)
        return self._widened(Match(start, end, found.score, found.method))

    def _widened(self, match: Match) -> Match:
        """Never cut a character from its combining marks."""
        start = boundary_at_or_before(self.text, match.start)
        return replace(match, start=start, end=boundary_at_or_after(self.text, match.end))

    def _inside_words(self, quote: str, span: tuple[int, int]) -> _Found | Miss:
        """A long quote whose first or last word is cut: the span takes the whole words in."""
        text = self._fold.folded
        at = -1 if _is_short(quote) else text.find(quote, *span)
        if at < 0:
            return Miss()
        start, end = at, at + len(quote)
        while start > span[0] and at - start < _LONGEST_WORD and not is_word_edge(text, start):
            start -= 1
        while (
            end < span[1] and end - at < len(quote) + _LONGEST_WORD and not is_word_edge(text, end)
        ):
            end += 1
        fault = _altered(quote, text[start:end])
        return Miss(fault) if fault else _Found(start, end, 97.0, "normalised")

    def _parts(self, quote: str, span: tuple[int, int]) -> _Found | None:
        """A quote with "..." in it: every part in order, none far from the last."""
        parts = [part.strip(_EDGES) for part in _ELLIPSIS.split(quote)]
        parts = [part for part in parts if part]
        if len(parts) < 2 or min(map(len, parts)) < 4:
            return None
        chains = [self._chain(first, parts[1:], span[1]) for first in self._places(parts[0], span)]
        return min(
            (chain for chain in chains if chain),
            key=lambda chain: (-chain.score, chain.end - chain.start),
            default=None,
        )

    def _places(self, part: str, span: tuple[int, int]) -> list[_Found]:
        """Where the first part of a quote may stand: a part may be common, so more than one."""
        literal = islice(occurrences(self._fold.folded, part, *span), _MOST_CHAINS)
        places = [_Found(at, at + len(part), 97.0, "ellipsis") for at in literal]
        fuzzy = None if places else self._fuzzy(part, span)
        return places or ([fuzzy] if isinstance(fuzzy, _Found) else [])

    def _chain(self, first: _Found, parts: list[str], end: int) -> _Found | None:
        """The span from `first` over all further parts, each soon after the one before."""
        last, score = first, first.score
        for part in parts:
            reach = min(end, last.end + _LONGEST_GAP + 3 * len(part))
            places = self._places(part, (last.end, reach))
            if not places or negated_before(self._fold.folded[last.end : places[0].start]):
                return None
            last = places[0]
            score = min(score, last.score)
        return _Found(first.start, last.end, score, "ellipsis")

    def _fuzzy(self, quote: str, span: tuple[int, int]) -> _Found | Miss:
        """The candidate most like the quote that says the same."""
        if _is_short(quote):
            return Miss()
        best: Candidate | None = None
        fault: Fault = "not found"
        for candidate in self._likely(quote, span):
            altered = _altered(quote, self._fold.folded[candidate.start : candidate.end])
            if altered:
                fault = altered
            elif best is None or candidate.score > best.score:
                best = candidate
            if best and best.score >= _GOOD_ENOUGH:
                break
        if best is None:
            return Miss(fault)
        return _Found(best.start, best.end, min(98.0, round(best.score, 1)), "fuzzy")

    def _likely(self, quote: str, span: tuple[int, int]) -> Iterator[Candidate]:
        for candidate in self._regions.candidates(quote, span):
            if candidate.score >= CUTOFF:
                yield candidate


@dataclass(frozen=True)
class _Found:
    """A span of the folded text."""

    start: int
    end: int
    score: float
    method: Method


def _is_short(folded: str) -> bool:
    return len(folded) < _SHORT_CHARACTERS or len(words(folded)) < _SHORT_WORDS


def _altered(quote: str, found: str) -> Fault | None:
    if not same_numbers(quote, found):
        return "number altered"
    return "negation flipped" if negation_flipped(quote, found) else None
