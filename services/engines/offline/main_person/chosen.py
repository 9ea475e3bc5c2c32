"""Reading a text about one of its people whom it is not first about: "Her brother Rui, 39, …"."""

from __future__ import annotations

import re

from services.engines.offline.cutting.document import Document, Sentence
from services.engines.offline.cutting.segmentation import segment
from services.engines.offline.cutting.speakers import participant_of
from services.engines.offline.findings import Findings
from services.engines.offline.main_person.subject import (
    FIRST_PERSON,
    HEAD,
    PRONOUN,
    kin_pattern,
    mark_subjects,
    named_subject,
    pronouns_of_main,
)
from services.engines.offline.patterns import ANY_NAME, TITLE

_SURELY = 2.0  # above any score of a name
_KIN = r"(?:(?:[Mm]y|[Hh]is|[Hh]er|[Tt]heir|[Tt]he|[Oo]ur)\s[\w-]{2,20}(?:\s[\w-]{2,16})?,?\s)?"
_BEGINS = re.compile(rf"\W{{0,3}}(?:and\s|but\s)?{_KIN}{TITLE}?(?P<name>{ANY_NAME})")


def is_same_person(one: str, other: str) -> bool:
    """Whether two names can be one person's: "Solberg" and "Ingrid Solberg", not "Per Solberg"."""
    called = participant_of(one), participant_of(other)
    if any(called):
        return called[0] == called[1]
    first, second = one.lower().split(), other.lower().split()
    if not first or not second:
        return False
    if len(first) > 1 and len(second) > 1:
        return first[0] == second[0]
    return not set(first).isdisjoint(second)


def read_about(text: str, name: str) -> tuple[Document, Findings] | None:
    """The text with this person as its main person; None if it does not hold the name."""
    if participant_of(name):
        return _read_participant(text, participant_of(name))
    labels = [label for label in (name, name.split()[0]) if f"{label}:" in text]
    document = segment(text, labels)
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", document.plain, re.IGNORECASE)
    if found is None:
        return None
    document.chosen = document.speaker not in labels
    if document.chosen and document.speaker is not None:
        document.speaker = None
    findings = Findings(document)
    around = next((one for one in document.sentences if one.start <= found.start() < one.end), None)
    findings.add("name", *found.span(), _SURELY, around)
    document.call(name.lower())
    document.pronouns = pronouns_of_main(document, found.start())
    about = not document.chosen
    for sentence in document.sentences:
        about = _is_about(document, sentence, name, about)
        sentence.about_main = about
    return document, findings


def _read_participant(text: str, called: str) -> tuple[Document, Findings] | None:
    """The text with one of its speakers as its main person, who is named by the label."""
    document = segment(text, [called])
    label = document.speaker
    if label is None or participant_of(label) != called:
        return None
    first = next(block for block in document.blocks if block.speaker == label)
    start = document.plain.rfind(label, 0, first.start)
    findings = Findings(document)
    findings.add("name", start, start + len(label), _SURELY)
    mark_subjects(document)
    return document, findings


def _is_about(document: Document, sentence: Sentence, name: str, before: bool) -> bool:
    lower, plain = sentence.lower[:HEAD], sentence.plain[:HEAD]
    begins = _BEGINS.match(plain)
    if begins and is_same_person(begins["name"], name):
        return True
    if named_subject(document, plain) == "other" or kin_pattern().match(lower):
        return False
    if FIRST_PERSON.match(lower):
        return not document.chosen
    pronoun = PRONOUN.search(lower) if document.chosen else None
    return before and not (pronoun and pronoun[0] not in document.pronouns)
