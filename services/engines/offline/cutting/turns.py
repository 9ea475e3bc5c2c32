"""The turns of a talk: "Ann: hello", "<ann> hello", "[Ann, 09:30] hello"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from services.engines.offline import lexicon
from services.engines.offline.cutting.speakers import is_interviewer, participants

MIN_TURNS = 3
_TIME = r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?"
_LABEL = r"[^\W\d_](?:[\w.'\ -]{0,23}[\w.])?"
_TURN = re.compile(
    rf"""[ \t]{{0,8}}(?:{_TIME}[ \t]{{0,3}}(?:-[ \t])?)?
    (?:
        \*{{0,2}}(?P<label>{_LABEL})(?:[ ]?[^\w\s:\[(*]{{1,3}})?
        (?:[ \t]{{0,3}}(?=[\[(]){_TIME})?
        [ \t]{{0,3}}\*{{0,2}}:\*{{0,2}}
        | <(?P<nick>{_LABEL})>
        | \[(?P<stamped>{_LABEL}),[ ]{_TIME}\]
    )[ \t]{{1,8}}(?=\S)""",
    re.VERBOSE,
)


class Turn(NamedTuple):
    """Who speaks in a line, and where the words begin in it."""

    label: str
    words: int


class Turns:
    """Tells the turns among the lines of a text. All are written in one way.

    Labels are known roles from the second turn on, names from the third, and those of several
    people without a name; in lower case ("mika:") only of people who talk with each other.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        matches = [match for line in lines if (match := _TURN.match(line))]
        forms = Counter(map(_form, matches)).most_common(1)
        self._form = forms[0][0] if forms else ""
        self._labels = _speakers([one[self._form] for one in matches if _form(one) == self._form])

    def begun(self, line: str) -> Turn | None:
        """The turn that begins with a line, None if none does."""
        match = _TURN.match(line)
        if match is None or match.groupdict().get(self._form) not in self._labels:
            return None
        return Turn(match[self._form], match.end())


def _form(turn: re.Match[str]) -> str:
    """How a turn is written: the name of the group that holds its label."""
    return turn.lastgroup or ""


def _speakers(labels: list[str]) -> frozenset[str]:
    turns = Counter(labels)
    respondents = lexicon.words("respondents")
    asked = any(map(is_interviewer, turns))
    talking = asked or sum(count > 1 for count in turns.values()) > 1

    def speaks(label: str) -> bool:
        known = is_interviewer(label) or label.lower() in respondents
        enough = turns[label] >= (2 if known or asked else MIN_TURNS) or (known and asked)
        return enough and (talking or not label[0].islower())

    return participants(labels) | frozenset(filter(speaks, turns))
