"""The lists in lexicons/, read once: one entry a line, notes begin with "# ".

A phrase is written in words, in lower case, with these signs:

    a b        white space between words        _        white space at an end of the phrase
    fix*       any ending of a word             a … b    up to four words between
    (a|b)      one of these                     [a|b ]   one of these with its space, or nothing
    =(a|b)     followed by one of these         !(a|b)   followed by none of these
    ^a  a$     at the begin or end of the text  ##       two digits
    {who}      a piece of patterns.PIECES, or one that a line "{name} = phrase" of the list defines
    <who>(a)   the words that the rule reads by this name

Lists of phrases have lines "key: phrase". A key "goals 0.82" makes the phrase a frame: the words
before a value of that field, with the score of what they find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.engines.offline.patterns import PIECES

FOLDER = Path(__file__).parent / "lexicons"
_SIGNS = {
    " … ": r"(?:\s{1,3}\S{1,20}){0,4}?\s{1,3}",
    "*": r"\w{0,12}",
    " ": r"\s{1,3}",
    "_": r"\s{1,3}",
    "#": r"\d",
    "^": r"^\W{0,3}",
}
_BRACKETS = {
    "(": ("(?:", ")"),
    "[": ("(?:", ")?"),
    " !(": (r"\s{1,3}(?!\s{0,3}(?:", r")\b)"),
    "!(": (r"\b(?!\s{0,3}(?:", r")\b)"),
    " =(": (r"\s{1,3}(?=\s{0,3}(?:", r")\b)"),
    "=(": (r"(?=\s{0,3}(?:", r")\b)"),
}
_BEGINS = re.compile(r"[(\[]*[^\W_]|[(\[]*[{<]")
_ENDS = re.compile(r"[^\W_][)\]*]*$|[*#][)\]]*$")
_LOOKS_AHEAD = re.compile(r"[!=]\((?:[^()]|\([^()]*\))*\)$")
_TOKEN = re.compile(r"\{[\w ]+\}|<\w+>\(| ?[!=]\(| … |.")


class Frame(NamedTuple):
    """Words that come before, or hold, a value of `field`."""

    field: str
    score: float
    pattern: re.Pattern[str]


@cache
def entries(name: str) -> tuple[str, ...]:
    """The entries of lexicons/<name>.txt in their order."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("# "))


@cache
def words(name: str) -> frozenset[str]:
    """The entries as a set, for membership."""
    return frozenset(entries(name))


@cache
def keyed(name: str) -> dict[str, str]:
    """For lists of "key: entry": entry → key. The first line of an entry counts."""
    found: dict[str, str] = {}
    for line in entries(name):
        key, _, entry = line.partition(": ")
        found.setdefault(entry, key)
    return found


def wording(phrase: str, pieces: Mapping[str, str] = PIECES) -> str:
    """The pattern of a phrase. A KeyError tells of a piece that nothing defines."""
    written, closing = r"\s" if phrase[:1] == "_" else "", []
    for sign in _TOKEN.findall(phrase.removeprefix("_")):
        if sign in _BRACKETS or sign[0] == "<":
            opening, close = _BRACKETS.get(sign, (f"(?P{sign[:-1]}", ")"))
            written += opening
            closing.append(close)
        elif sign in (")", "]"):
            written += closing.pop()
        elif sign[0] == "{":
            written += pieces[sign[1:-1]]
        else:
            written += _SIGNS.get(sign) or (sign if sign in "|$" else re.escape(sign))
    return written


def _edges(phrase: str) -> tuple[str, str]:
    """What makes a phrase begin and end with whole words, where it does so with words."""
    begin = r"\b" if _BEGINS.match(phrase) else ""
    return begin, r"\b" if _ENDS.search(phrase) and not _LOOKS_AHEAD.search(phrase) else ""


@cache
def cues(name: str) -> re.Pattern[str]:
    """One pattern for all phrases of a list; to be searched in lower-case text."""
    longest_first = sorted(entries(name), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(wording, longest_first))})\b")


@cache
def _phrases(name: str) -> tuple[tuple[str, str, tuple[str, str]], ...]:
    """Key, pattern and edges of each phrase in a list of phrases."""
    pieces, found = dict(PIECES), []
    for line in entries(name):
        if line.startswith("{") and " = " in line:
            piece, _, phrase = line[1:].partition("} = ")
            pieces[piece] = f"(?:{wording(phrase, pieces)}){_edges(phrase)[1]}"
        else:
            key, _, phrase = line.partition(": ")
            found.append((key, wording(phrase, pieces), _edges(phrase)))
    return tuple(found)


def _joined(phrases: Iterable[tuple[str, tuple[str, str]]]) -> str:
    """One pattern for several; those with the same edges share them."""
    by_edges: dict[tuple[str, str], list[str]] = {}
    for phrase, edges in phrases:
        by_edges.setdefault(edges, []).append(phrase)
    groups = (f"{begin}(?:{'|'.join(some)}){end}" for (begin, end), some in by_edges.items())
    return f"(?:{'|'.join(groups)})"


def source(name: str, key: str) -> str:
    """The pattern of all phrases with a key, as text to be built into another; else a KeyError."""
    phrases = [(phrase, edges) for one, phrase, edges in _phrases(name) if one == key]
    if not phrases:
        raise KeyError(key)
    return _joined(phrases)


@cache
def pattern(name: str, key: str, *others: str) -> re.Pattern[str]:
    """One pattern for all phrases with a key, and for `others` (regular expressions)."""
    return re.compile("|".join((source(name, key), *others)))


@cache
def frames(name: str) -> tuple[Frame, ...]:
    """The frames of a list of phrases; those of one key that name no words are one frame."""
    by_key: dict[tuple[str, int], list[tuple[str, tuple[str, str]]]] = {}
    for number, (key, phrase, edges) in enumerate(_phrases(name)):
        if " 0." in key:
            alone = number if "(?P<" in phrase else -1
            by_key.setdefault((key, alone), []).append((phrase, edges))
    return tuple(
        Frame(key.split()[0], float(key.split()[1]), re.compile(_joined(phrases)))
        for (key, _), phrases in by_key.items()
    )
