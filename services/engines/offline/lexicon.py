"""The word lists in lexicons/, read once: one entry a line, notes begin with "# "."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "lexicons"
GAP = r"(?:\s{1,3}\S{1,20}){0,4}?\s{1,3}"


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


def wording(phrase: str) -> str:
    """A pattern for one phrase: "*" is any ending of a word, "…" up to four words."""
    escaped = re.escape(phrase.replace(" … ", "…"))
    return escaped.replace("…", GAP).replace(r"\*", r"\w{0,12}").replace(r"\ ", r"\s{1,3}")


@cache
def cues(name: str) -> re.Pattern[str]:
    """One pattern for all phrases of a list; to be searched in lower-case text."""
    longest_first = sorted(entries(name), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(wording, longest_first))})(?!\w)")
