"""Labels of turns in a transcript: who asks, and who answers without a name ("P1:", "Speaker 2:").

"P1" is a priority in one text and a person in another, and "A:" an answer, an option or a person.
So short labels are taken for people only where they come back, as in a talk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from services.engines.offline import lexicon

MIN_PEOPLE = 2
_NUMBERED = re.compile(r"(?:(?P<spelt>[^\W\d_]{4,})[ ]|[psru] ?)(?P<number>\d{1,3})")
_LETTER = re.compile(r"[a-h]")
_HANDLE_PARTS = re.compile(r"[_.-]")  # "mod_al" moderates
_NUMBER_OF_ASKER = re.compile(r"[ ](?:\d{1,2}|[a-h])$")


def is_interviewer(label: str) -> bool:
    """Whether a speaker's label is one of those who ask: "Moderator", "Interviewer 2"."""
    words = lexicon.words("interviewers")
    lower = label.lower()
    return not words.isdisjoint(
        {lower, _NUMBER_OF_ASKER.sub("", lower), *_HANDLE_PARTS.split(lower)}
    )


def participant_of(label: str) -> str:
    """What somebody without a name is called: "Participant 2" of "P2" or "Speaker 2"; else ""."""
    lower = label.lower()
    if _LETTER.fullmatch(lower):
        return f"Participant {label.upper()}"
    if re.fullmatch(r"participant [a-h]", lower):
        return f"Participant {label[-1].upper()}"
    match = _NUMBERED.fullmatch(lower)
    if match is None or match["spelt"] not in {None, *lexicon.words("numbered_speakers")}:
        return ""
    return f"Participant {int(match['number'])}"


def participants(turns: Sequence[str]) -> frozenset[str]:
    """Of the labels of what looks like turns, in their order, those of people without a name.

    Empty unless there are two such people. Labels that are spelt out, as by machines and in notes
    ("Speaker 1"), need no more than one turn each; letters come back, each of them.
    """
    back = _coming_back(turns)
    found = {label for label in turns if participant_of(label) and not is_interviewer(label)}
    letters = {label for label in found if len(label) == 1}
    short = {label for label in found - letters if len(label.rstrip("0123456789 ")) == 1}
    if back.isdisjoint(short):
        found -= short
    if len(letters & back) < MIN_PEOPLE:
        found -= letters
    return frozenset(found) if len(set(map(participant_of, found))) >= MIN_PEOPLE else frozenset()


def _coming_back(turns: Sequence[str]) -> set[str]:
    """The labels that speak again after somebody else did."""
    begun = Counter(one for one, after in pairwise([*turns, ""]) if one != after)
    return {label for label, times in begun.items() if times > 1}
