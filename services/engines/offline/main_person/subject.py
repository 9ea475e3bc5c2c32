"""Whose sentence is whose: follows the subject, so that a husband's boat is not the wife's goal."""

from __future__ import annotations

import re
from functools import cache

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import HE, SHE, WORDS, Document, Sentence
from services.engines.offline.patterns import FULL_NAME, TITLE, WORD

HEAD = 100  # characters of a sentence in which its subject must stand
FIRST_PERSON = re.compile(rf"\W{{0,3}}{lexicon.source('people', 'first person')}(?!')")
_THIRD_PERSON = re.compile(rf"\W{{0,3}}{lexicon.source('people', 'third person')}")
PRONOUN = re.compile(r"\b(?:he|she|his|her|him)\b")
_MAY_ACT = r"(?:is|was|has|had|runs|leads|uses|needs)"  # "Shipping is …" begins like "Tom is …"
_NAMED = re.compile(
    rf"""\W{{0,3}}
    (?:(?:[Mm]y|[Hh]is|[Hh]er|[Tt]heir|[Tt]he|[Oo]ur)\s[a-z-]{{2,16}},?\s)?
    {TITLE}?(?P<name>{FULL_NAME}|{WORD})
    (?:
        \s{{0,2}},\s{{0,2}}\d\d\b
        | \s{{1,2}}(?:{lexicon.source("people", "subject acts")}|(?P<weak>{_MAY_ACT})\b)
        | ,
    )""",
    re.VERBOSE,
)


@cache
def kin_pattern() -> re.Pattern[str]:
    kin = "|".join(map(re.escape, sorted(lexicon.entries("kin"), key=len, reverse=True)))
    owner = r"(?:my|his|her|their|our|mi|su|mon|ma|mein|meine)"
    return re.compile(
        rf"\W{{0,3}}(?:and |but )?{owner} (?:[\w-]{{1,15}} ){{0,2}}(?:{kin})\b(?!'s| and i\b"
        r"| (?:describes?|calls?|says? (?:that )?(?:i|she|he)|thinks? (?:i|she|he))\b)"
        rf"|\W{{0,3}}(?:{kin}) (?:is|was|works|has|wants|does)\b"
    )


def pronouns_of_main(document: Document, position: int | None = None) -> frozenset[str]:
    """The family of pronouns (he… or she…) that first follows the main person's name, which stands
    at `position`, if that is known."""
    if position is None:
        found = [document.lower.find(word) for word in document.name_words]
        position = max(0, min(found, default=0))
    for match in WORDS.finditer(document.lower, position, position + 4_000):
        if match[0] in HE:
            return HE
        if match[0] in SHE:
            return SHE
    return frozenset()


def mark_subjects(document: Document) -> None:
    """Set `about_main` of every sentence. Needs the main person's name, if there is one."""
    about_main = True
    block = None
    for sentence in document.sentences:
        if sentence.block is not block:
            block = sentence.block
            # a new line is about the main person unless it says otherwise, or goes on about "him"
            goes_on = _THIRD_PERSON.match(sentence.lower) is not None
            about_main = about_main or not goes_on or bool(block.speaker or block.section)
        about_main = _is_about_main(document, sentence, about_main)
        sentence.about_main = about_main


def _is_about_main(document: Document, sentence: Sentence, before: bool) -> bool:
    lower, plain = sentence.lower[:HEAD], sentence.plain[:HEAD]
    if kin_pattern().match(lower):
        return False
    if named := named_subject(document, plain):
        return named == "main"
    if FIRST_PERSON.match(lower):
        return True
    pronoun = None if document.first_person else PRONOUN.search(lower)
    if pronoun and document.pronouns:
        return pronoun[0] in document.pronouns
    if document.first_person and not _THIRD_PERSON.match(lower):
        return True
    return before


def named_subject(document: Document, plain: str) -> str | None:
    """ "main" or "other" if the sentence begins with a person's name, else None."""
    match = _NAMED.match(plain)
    if match is None:
        return None
    words = match["name"].lower().split()
    if words[0] in lexicon.words("not_names"):
        return None
    if document.name_words.intersection(words):
        return "other" if _is_relative(document, words) else "main"
    if match["weak"] and len(words) == 1 and not lexicon.words("jobs").intersection(plain.split()):
        return None
    if len(words) == 1 and match[0].endswith(","):
        return None
    if not lexicon.words("jobs").difference(lexicon.words("job_surnames")).isdisjoint(words):
        return None  # "Chief Nursing Officer, …" is a title
    named = document.name_words and match["name"] not in lexicon.words("places")
    return "other" if named else None


def _is_relative(document: Document, words: list[str]) -> bool:
    """Whether a name has only the last name of the main person's."""
    first = words[0]
    is_title = first in lexicon.words("jobs") or first.startswith("i'")
    return (
        len(words) > 1
        and not is_title
        and document.name_words.intersection(words) == {document.family_name}
    )


def subject_name(plain: str) -> str | None:
    """The full name that a sentence begins with, if an age or what somebody does follows."""
    match = _NAMED.match(plain[:HEAD])
    return match["name"] if match and " " in match["name"] and match[0][-1] != "," else None
