"""A text made comparable, with a map back to the original.

Folding removes what models and editors change without changing words: Unicode compatibility forms
(NFKC), case, the shapes of quote marks and dashes, runs of white space (with line ends), soft
hyphens, zero-width and direction characters. Every folded character knows the whole original
character (base and marks) it came from, so a span found in the folded text never cuts one.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from functools import lru_cache

import numpy as np

from services.evidence.text.graphemes import extends, is_boundary

_SHAPES = str.maketrans(
    dict.fromkeys("‘’‚‛´`′", "'")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff", "")
    | dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "")
    | {"…": "..."}
)
# A run must leave its last character out if marks may follow it: they belong together.
_ASCII_RUN = re.compile(r"[!-~]+(?: [!-~]+)*(?![^\x00-\x7f])")
_LONGEST_CLUSTER = 32  # normalising is quadratic in the marks on one base; longer runs are cut

# Scripts that put no spaces between words (or attach particles), where any place may end a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
)
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0971-\u0dff"
)
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
WORD = re.compile(f"[{_UNSPACED}]|(?:[^\\W{_UNSPACED}]|[{_MARKS}])+")
"""A word of folded text: letters, digits and marks, or one character of an unspaced script."""


_COUNTED = array("l", range(1 << 16))  # copied many times faster than counted


@lru_cache(maxsize=8192)
def _fold_cluster(cluster: str) -> str:
    plain = unicodedata.normalize("NFKC", cluster.translate(_SHAPES))
    return plain.translate(_SHAPES).casefold()


def _numbers(start: int, end: int) -> array[int]:
    if end <= len(_COUNTED):
        return _COUNTED[start:end]
    return array("l", np.arange(start, end, dtype="l").tobytes())


class FoldedText:
    """`folded` text, with `starts[i]` and `ends[i]`: the original span of folded character i."""

    def __init__(self, original: str) -> None:
        self.starts = array("l")
        self.ends = array("l")
        self._pieces: list[str] = []
        self._after_space = True
        position = 0
        while position < len(original):
            position = self._take(original, position)
        self.folded = "".join(self._pieces)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of folded[start:end]; needs start < end."""
        return self.starts[start], self.ends[end - 1]

    def folded_range(self, start: int, end: int) -> tuple[int, int]:
        """The part of the folded text that lies wholly within original[start:end]."""
        return bisect_left(self.starts, start), bisect_right(self.ends, end)

    def _take(self, original: str, position: int) -> int:
        run = _ASCII_RUN.match(original, position)
        if run:
            self._append_run(run.group(), position)
            return run.end()
        end = position + 1
        while not is_boundary(original, end) and end - position < _LONGEST_CLUSTER:
            end += 1
        self._append_cluster(_fold_cluster(original[position:end]), position, end)
        return end

    def _append_run(self, run: str, position: int) -> None:
        self._pieces.append(run.lower().replace("`", "'"))
        self.starts.extend(_numbers(position, position + len(run)))
        self.ends.extend(_numbers(position + 1, position + 1 + len(run)))
        self._after_space = False

    def _append_cluster(self, folded: str, start: int, end: int) -> None:
        for character in folded:
            space = character.isspace()
            if space and self._after_space:
                continue
            self._pieces.append(" " if space else character)
            self.starts.append(start)
            self.ends.append(end)
            self._after_space = space


def fold(text: str) -> str:
    """The folded form of a short text, without white space at its ends."""
    return FoldedText(text).folded.strip()


def words(folded: str) -> list[str]:
    """The words of a folded text, in order."""
    return WORD.findall(folded)


def is_word_edge(text: str, index: int) -> bool:
    """True if a word may begin or end at `index`: neither a word, a number nor a "C++" is cut."""
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if extends(after):
        return False
    if _is_word_character(before) and _is_word_character(after):
        return _is_unspaced(before) or _is_unspaced(after)
    return not (
        (before.isalpha() and after in "+#")
        or (before in "nN" and after in "'’" and text[index + 1 : index + 2] in {"t", "T"})
        or _inside_number(text, index)
    )


def _is_word_character(character: str) -> bool:
    return character.isalnum() or extends(character)


def _is_unspaced(character: str) -> bool:
    return _UNSPACED_CHARACTER.match(character) is not None


def _inside_number(text: str, index: int) -> bool:
    """True between the digits of "1,200" and "1.5", at either side of the separator."""
    separator = index - 1 if text[index - 1] in ".," else index
    if text[separator] not in ".,":
        return False
    return (
        text[separator - 1 : separator].isdigit() and text[separator + 1 : separator + 2].isdigit()
    )
