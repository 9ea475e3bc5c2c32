"""Where a text may be cut: never inside what a reader sees as one character.

A small part of Unicode's text segmentation (UAX 29), enough for spans and chunks: a base character
stays with its combining marks, variation selectors and emoji modifiers; joined emoji stay together;
decomposed Hangul syllables and CRLF stay whole.
"""

from __future__ import annotations

import unicodedata

JOINER = "\u200d"
_EMOJI_MODIFIERS = ("\U0001f3fb", "\U0001f3ff")
_HANGUL_VOWELS_AND_FINALS = ("\u1160", "\u11ff")


def extends(character: str) -> bool:
    """True if this character belongs to the one before it."""
    if character < "\u0300":
        return False
    return (
        unicodedata.category(character)[0] == "M"
        or character == JOINER
        or _HANGUL_VOWELS_AND_FINALS[0] <= character <= _HANGUL_VOWELS_AND_FINALS[1]
        or _EMOJI_MODIFIERS[0] <= character <= _EMOJI_MODIFIERS[1]
    )


def is_boundary(text: str, index: int) -> bool:
    """True if `text` may be cut before `index` (code points; both ends are boundaries)."""
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if after < "\u0300" and before != JOINER:
        return not (before == "\r" and after == "\n")
    return before != JOINER and not extends(after)


def boundary_at_or_before(text: str, index: int) -> int:
    """The last place at or before `index` where `text` may be cut."""
    while not is_boundary(text, index):
        index -= 1
    return index


def boundary_at_or_after(text: str, index: int) -> int:
    """The first place at or after `index` where `text` may be cut."""
    while not is_boundary(text, index):
        index += 1
    return index
