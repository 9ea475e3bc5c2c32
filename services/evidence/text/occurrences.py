"""Where words stand in a text literally, as whole words."""

from __future__ import annotations

from collections.abc import Iterator

from services.evidence.text.folding import is_word_edge

_MOST_OCCURRENCES = 20_000  # looked at for one quote; bounds the time on repetitive text
_MOST_COMPARED = 20_000_000  # characters, of all its occurrences: they may overlap


def nearest(hay: str, needle: str, start: int, end: int, near: int | None) -> int | None:
    """The first whole-word occurrence in hay[start:end], or the one closest to `near`."""
    best: int | None = None
    for at in occurrences(hay, needle, start, end):
        if near is None or best is None or abs(at - near) < abs(best - near):
            best = at
        if near is None or at >= near:
            break
    return best


def occurrences(hay: str, needle: str, start: int, end: int) -> Iterator[int]:
    """Where `needle` (not empty) stands in hay[start:end] as whole words; at most so many."""
    at = hay.find(needle, start, end)
    for _ in range(min(_MOST_OCCURRENCES, 1 + _MOST_COMPARED // len(needle))):
        if at < 0:
            return
        if is_word_edge(hay, at) and is_word_edge(hay, at + len(needle)):
            yield at
        at = hay.find(needle, at + 1, end)
