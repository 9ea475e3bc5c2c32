"""The main person's name."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import FIRST, THIRD, Document, Sentence
from services.engines.offline.cutting.job_titles import job_end
from services.engines.offline.findings import Findings
from services.engines.offline.main_person.names import add_name, is_name
from services.engines.offline.main_person.senders import find_mail, find_signature, find_transcript
from services.engines.offline.patterns import AGE_WORD, ANY_NAME, FULL_NAME, TITLE, UPPER, WORD

OPENING_LINES = 6
OPENING = 600  # characters
_INTRODUCED = re.compile(
    rf"(?i:{lexicon.source('people', 'introduced')})\s{{1,3}}{TITLE}?(?P<name>{ANY_NAME})"
)
_INTRODUCTION_WORDS = frozenset(
    {"name", "name's", "i'm", "it's", "am", "call", "this", "llamo", "nombre", "soy", "m'appelle"}
    | {"heiße", "heisse", "mein", "chiamo", "chamo"}
)
_AGE = rf"\s{{0,2}}[,(]\s{{0,2}}(?:\d{{2}}|{AGE_WORD})"
_SUBJECT = re.compile(
    rf"\W{{0,3}}{TITLE}?(?P<name>{FULL_NAME}|{WORD})(?:{_AGE}\s{{0,2}}[,)])?"
    rf"\s{{1,2}}{lexicon.source('people', 'acts')}"
)
_NAME_AND_AGE = re.compile(rf"\W{{0,3}}(?P<name>{ANY_NAME}){_AGE}\b")
_ALSO_CALLED = re.compile(
    rf"(?P<name>{WORD}) [–—-] {WORD} to (?:everyone|everybody|her|his|friends)\b"
)
_MEETING = re.compile(rf"(?i:{lexicon.source('people', 'meeting')}){TITLE}?(?P<name>{FULL_NAME})")
_MEETING_ONE = re.compile(rf"(?i:{lexicon.source('people', 'meeting')})(?P<name>{WORD})(?=\s?[(,])")
_MET = re.compile(
    rf"(?i:{lexicon.source('people', 'met')})\s{TITLE}?(?P<name>{ANY_NAME})"
    r"(?=\s?[,(]|\s(?:today|yesterday|from|at|on|this|who)\b)"
)
_BY = re.compile(rf"(?i:{lexicon.source('people', 'by')})\s(?P<name>{ANY_NAME}(?:\s[{UPPER}]\.)?)")
_APPOSED = re.compile(
    rf"(?i:{lexicon.source('people', 'part')}),\s{TITLE}?(?P<name>{ANY_NAME})(?=,)"
)
_BEFORE_JOB = re.compile(
    rf"(?:^\W{{0,3}}|\b(?i:{lexicon.source('people', 'beside')})\s)"
    rf"(?P<name>{ANY_NAME}),\s(?:(?:a|an|the|our)\s)?(?=[^\W\d_])"
)
_ACTING = re.compile(
    rf"\b(?i:{lexicon.source('people', 'while')})\s(?P<name>{WORD})\s[a-z]{{2,12}}(?:s|ed)\b"
)
_TITLED = re.compile(rf"(?<![\w.]){TITLE}(?P<name>{FULL_NAME})")
_AGED = re.compile(rf"(?<![\w.])(?P<name>{ANY_NAME}){_AGE}\s?[,)]")
_TITLE_LINE = re.compile(rf"[^\n]{{0,40}}(?:[–—:]|\s-)\s{{0,2}}(?P<name>{ANY_NAME})\s{{0,3}}$")
_WITH_ROLE = re.compile(rf"(?<![\w.])(?P<name>{FULL_NAME})\s{{0,2}}\((?P<role>[^)\n]{{2,60}})")
_HERE = re.compile(rf"(?P<name>{ANY_NAME}) here\b")
_NICKNAME = re.compile(rf"[\w #.-]{{0,14}}\"(?P<name>{WORD})\"\s{{0,3}}$")
_OPENINGS = (
    (_MEETING, 0.85),
    (_MEETING_ONE, 0.8),
    (_MET, 0.8),
    (_NICKNAME, 0.7),
    (_ALSO_CALLED, 0.8),
    (_BY, 0.8),
)
_ALONE = re.compile(rf"\W{{0,3}}(?P<name>{ANY_NAME})\W{{0,3}}")
_INSIDE = ((_TITLED, 0.72), (_AGED, 0.72), (_ACTING, 0.68))
_BRACKET = re.compile(r"\s{0,2}\([^()\n]{1,30}\)\s{0,3}$")  # "(she/her)"
_ALL_NAME_WORDS = re.compile(rf"[{UPPER}][\w'.\-]{{0,24}}")


def find_names(document: Document, findings: Findings) -> None:
    """Add every candidate for the name; the best of them is the main person's."""
    for sentence in document.sentences:
        _introductions(findings, sentence)
        _subjects(document, findings, sentence)
    _opening(document, findings)
    find_mail(document, findings)
    find_signature(document, findings)
    find_transcript(document, findings)


def settle_name(document: Document, findings: Findings) -> None:
    """Tell the document who its main person is; a first name grows by a family name near it."""
    best = findings.best("name")
    if best is not None and " " not in document.plain[best.start : best.end]:
        first = re.escape(document.plain[best.start : best.end])
        full = re.compile(rf"(?<!\w){first}[ ]{{1,2}}{WORD}").search(document.plain)
        if full and is_name(full[0]):
            findings.add("name", full.start(), full.end(), best.score + 0.01)
            best = findings.best("name")
    if best is not None:
        document.call(document.lower[best.start : best.end])


def _introductions(findings: Findings, sentence: Sentence) -> None:
    if _INTRODUCTION_WORDS.isdisjoint(sentence.words):
        return
    quoted = sentence.plain[:1] == '"'
    for match in _INTRODUCED.finditer(sentence.plain):
        after = sentence.plain[match.end() : match.end() + 1]
        if " " not in match["name"] and after not in ("", " ", ",", ".", ";", "!", "\n"):
            continue
        add_name(findings, match, sentence.start, 0.5 if quoted else 0.9, sentence)


def _subjects(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Names that stand as a sentence's subject: worth little where the person speaks herself."""
    weight = 0.3 if document.first_person else 0.0
    if match := _SUBJECT.match(sentence.plain):
        name = match["name"]
        if " " in name or name.lower() not in document.uncapitalised:
            add_name(findings, match, sentence.start, 0.8 - weight, sentence)
    if match := _NAME_AND_AGE.match(sentence.plain):
        add_name(findings, match, sentence.start, 0.85 - weight, sentence)
    if match := _APPOSED.search(sentence.plain):
        add_name(findings, match, sentence.start, 0.8 - weight, sentence)
    if sentence.start < OPENING:
        _near_begin(findings, sentence, weight)
    if (match := _HERE.match(sentence.plain)) and document.first_person:
        add_name(findings, match, sentence.start, 0.75, sentence)
    own = document.speaker is not None and sentence.block.speaker == document.speaker
    if own and " " in sentence.plain and (match := _ALONE.fullmatch(sentence.plain)):
        add_name(findings, match, sentence.start, 0.8, sentence)


def _near_begin(findings: Findings, sentence: Sentence, weight: float) -> None:
    """Names inside the first sentences of a text: beside a role, an age or a title."""
    match = _WITH_ROLE.search(sentence.plain)
    if match and not lexicon.words("jobs").isdisjoint(match["role"].lower().split()):
        add_name(findings, match, sentence.start, 0.85 - weight, sentence)
    for match in _BEFORE_JOB.finditer(sentence.plain):
        if job_end(sentence.plain, match.end()):
            add_name(findings, match, sentence.start, 0.72 - weight, sentence)
    for pattern, score in _INSIDE:
        if match := pattern.search(sentence.plain):
            add_name(findings, match, sentence.start, score - weight, sentence)


def _opening(document: Document, findings: Findings) -> None:
    """Names in the first lines: headlines of a CV, "Call with …", "P4 - "Jonah""."""
    for number, block in enumerate(document.blocks[:OPENING_LINES]):
        line = document.plain[block.start : block.end].split("\n")[0][:200]
        if number == 0 and _speaks_of_somebody(document):
            _headline(findings, line, block.start)
        for pattern, score in _OPENINGS:
            if match := pattern.search(line):
                add_name(findings, match, block.start, score)
        if number == 0 and len(line) < 80 and (match := _TITLE_LINE.match(line)):
            add_name(findings, match, block.start, 0.68)


def _speaks_of_somebody(document: Document) -> bool:
    """Whether a capitalised first line can be a person's: not above a recipe."""
    people = FIRST | THIRD | {"i'm", "i've", "my", "her", "his"} | lexicon.words("jobs")
    known = any(block.section not in (None, "other") for block in document.blocks)
    return known or any(not people.isdisjoint(one.words) for one in document.sentences[:200])


def _headline(findings: Findings, line: str, start: int) -> None:
    name = _BRACKET.sub("", line).strip(" #*_\t")
    words = name.split()
    if not 2 <= len(words) <= 5 or not all(map(_ALL_NAME_WORDS.fullmatch, words)):
        return
    if is_name(name) and len(name) < 50:
        offset = start + line.index(name)
        findings.add("name", offset, offset + len(name), 0.88)
