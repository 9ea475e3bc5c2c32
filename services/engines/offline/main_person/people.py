"""The main person's name."""

from __future__ import annotations

import re
from functools import cache
from itertools import zip_longest

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import FIRST, THIRD, Document, Sentence
from services.engines.offline.cutting.speakers import is_interviewer, participant_of
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import ANY_NAME, FULL_NAME, TITLE, UPPER, WORD

OPENING_LINES = 6
LEAST_SCORE = 0.55
_INTRODUCED = re.compile(
    rf"(?i:{lexicon.source('people', 'introduced')})\s{{1,3}}{TITLE}?(?P<name>{ANY_NAME})"
)
_INTRODUCTION_WORDS = frozenset(
    {"name", "name's", "i'm", "am", "call", "this", "llamo", "nombre", "soy", "m'appelle", "heiße"}
    | {"heisse", "mein", "chiamo", "chamo"}
)
_AGE = r"\s{0,2}[,(]\s{0,2}\d{2}"
_SUBJECT = re.compile(
    rf"\W{{0,3}}{TITLE}?(?P<name>{FULL_NAME}|{WORD})(?:{_AGE}\s{{0,2}}[,)])?"
    rf"\s{{1,2}}{lexicon.source('people', 'acts')}"
)
_NAME_AND_AGE = re.compile(rf"\W{{0,3}}(?P<name>{ANY_NAME}){_AGE}\b")
_ALSO_CALLED = re.compile(
    rf"(?P<name>{WORD}) [–—-] {WORD} to (?:everyone|everybody|her|his|friends)\b"
)
_MEETING = re.compile(rf"(?i:{lexicon.source('people', 'meeting')})(?P<name>{FULL_NAME})")
_MET = re.compile(
    rf"(?i:{lexicon.source('people', 'met')})\s(?P<name>{ANY_NAME})"
    r"(?=\s?[,(]|\s(?:today|yesterday|from|at|on|this|who)\b)"
)
_TITLE_LINE = re.compile(rf"[^\n]{{0,40}}[–—:-]\s{{0,2}}(?P<name>{ANY_NAME})\s{{0,3}}$")
_WITH_ROLE = re.compile(rf"\W{{0,3}}(?P<name>{FULL_NAME})\s{{0,2}}\((?P<role>[^)\n]{{2,60}})")
_HERE = re.compile(rf"(?P<name>{ANY_NAME}) here\b")
_FROM = re.compile(
    rf"\s{{0,4}}(?:From|Von|De):\s{{0,4}}\"?(?P<name>{FULL_NAME})\"?\s{{0,2}}(?:<|$)"
)
_NICKNAME = re.compile(rf"[\w #.-]{{0,14}}\"(?P<name>{WORD})\"\s{{0,3}}$")
_OPENINGS = ((_MEETING, 0.85), (_MET, 0.8), (_NICKNAME, 0.7), (_ALSO_CALLED, 0.8))
_SIGN_OFF = re.compile(rf"{lexicon.source('people', 'sign off')}[,!.]?\s{{0,3}}")
_SIGNED = re.compile(rf"\W{{0,3}}(?P<name>{ANY_NAME})(?:,\s\d\d)?\W{{0,3}}")
_ALL_NAME_WORDS = re.compile(rf"[{UPPER}][\w'.\-]{{0,24}}")


def find_names(document: Document, findings: Findings) -> None:
    """Add every candidate for the name; the best of them is the main person's."""
    for sentence in document.sentences:
        _introductions(findings, sentence)
        _subjects(document, findings, sentence)
    _opening(document, findings)
    _mail(document, findings)
    _signature(document, findings)
    _transcript(document, findings)


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


@cache
def _impossible() -> frozenset[str]:
    return lexicon.words("not_names") | lexicon.words("languages") | lexicon.words("traits")


def is_name(name: str) -> bool:
    """Whether capitalised words can be a person's name."""
    words = name.lower().split()
    if not words or not _impossible().isdisjoint({words[0].strip("."), words[-1]}):
        return False
    if any(word.endswith("'s") for word in words) or _is_occupation(words):
        return False
    return name not in lexicon.words("tools") and lexicon.words("places").isdisjoint(
        {name, name.title()}
    )


def _is_occupation(words: list[str]) -> bool:
    """Whether the words are a job title: "Head Cook", and not "Sarah Cook"."""
    *first, last = (word.strip(".,") for word in words)
    jobs = lexicon.words("jobs")
    if first and last in lexicon.words("job_surnames"):
        return first[0] in lexicon.words("before_jobs") or not jobs.isdisjoint(first)
    return not jobs.isdisjoint((*first, last))


def _add(
    findings: Findings,
    match: re.Match[str],
    offset: int,
    score: float,
    around: Sentence | None = None,
) -> None:
    name = _without_title(match["name"])
    if not is_name(name):
        return
    start = offset + match.end("name") - len(name)
    bonus = 0.03 if " " in name else -0.1
    lateness = min(start, 100_000) / 1_000_000
    if score + bonus >= LEAST_SCORE:
        findings.add("name", start, start + len(name), score + bonus - lateness, around)


def _without_title(name: str) -> str:
    """ "Anna Brown" of "Chef Anna Brown"."""
    first, _, others = name.partition(" ")
    if others and first.lower() in lexicon.words("jobs"):
        return _without_title(others.lstrip())
    return name


def _introductions(findings: Findings, sentence: Sentence) -> None:
    if _INTRODUCTION_WORDS.isdisjoint(sentence.words):
        return
    quoted = sentence.plain[:1] == '"'
    for match in _INTRODUCED.finditer(sentence.plain):
        after = sentence.plain[match.end() : match.end() + 1]
        if " " not in match["name"] and after not in ("", " ", ",", ".", ";", "!", "\n"):
            continue
        _add(findings, match, sentence.start, 0.5 if quoted else 0.9, sentence)


def _subjects(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Names that stand as a sentence's subject: worth little where the person speaks herself."""
    weight = 0.3 if document.first_person else 0.0
    if match := _SUBJECT.match(sentence.plain):
        name = match["name"]
        if " " in name or name.lower() not in document.uncapitalised:
            _add(findings, match, sentence.start, 0.8 - weight, sentence)
    if match := _NAME_AND_AGE.match(sentence.plain):
        _add(findings, match, sentence.start, 0.85 - weight, sentence)
    match = _WITH_ROLE.match(sentence.plain)
    if match and not lexicon.words("jobs").isdisjoint(match["role"].lower().split()):
        _add(findings, match, sentence.start, 0.85 - weight, sentence)
    if (match := _HERE.match(sentence.plain)) and document.first_person:
        _add(findings, match, sentence.start, 0.75, sentence)


def _opening(document: Document, findings: Findings) -> None:
    """Names in the first lines: headlines of a CV, "Call with …", "P4 - "Jonah""."""
    for number, block in enumerate(document.blocks[:OPENING_LINES]):
        line = document.plain[block.start : block.end].split("\n")[0][:200]
        if number == 0 and _speaks_of_somebody(document):
            _headline(findings, line, block.start)
        for pattern, score in _OPENINGS:
            if match := pattern.search(line):
                _add(findings, match, block.start, score)
        if number == 0 and len(line) < 80 and (match := _TITLE_LINE.match(line)):
            _add(findings, match, block.start, 0.68)


def _speaks_of_somebody(document: Document) -> bool:
    """Whether a capitalised first line can be a person's: not above a recipe."""
    people = FIRST | THIRD | {"i'm", "i've", "my", "her", "his"} | lexicon.words("jobs")
    known = any(block.section not in (None, "other") for block in document.blocks)
    return known or any(not people.isdisjoint(one.words) for one in document.sentences[:200])


def _signature(document: Document, findings: Findings) -> None:
    """A name alone on the last line, as under a letter or a review."""
    if not document.first_person or not document.blocks:
        return
    last = document.blocks[-1]
    line = document.plain[last.start : last.end]
    if len(line) < 60 and (match := _SIGNED.fullmatch(line)):
        _add(findings, match, last.start, 0.68)


def _headline(findings: Findings, line: str, start: int) -> None:
    name = line.strip(" #*_\t")
    words = name.split()
    if not 2 <= len(words) <= 5 or not all(map(_ALL_NAME_WORDS.fullmatch, words)):
        return
    if is_name(name) and len(name) < 50:
        offset = start + line.index(name)
        findings.add("name", offset, offset + len(name), 0.88)


def _mail(document: Document, findings: Findings) -> None:
    """The sender of a mail, in its header or below it."""
    for block, following in zip_longest(document.blocks, document.blocks[1:]):
        line = document.plain[block.start : min(block.end, block.start + 200)]
        if block.kind == "meta" and (match := _FROM.match(line)):
            _add(findings, match, block.start, 0.92)
        elif following and len(line) < 30 and _SIGN_OFF.fullmatch(line.lower()):
            signed = document.plain[following.start : following.end][:60]
            if match := re.fullmatch(rf"\s{{0,3}}(?P<name>{ANY_NAME})\s{{0,3}}", signed):
                _add(findings, match, following.start, 0.65)


def _transcript(document: Document, findings: Findings) -> None:
    label = document.speaker
    if label is None or is_interviewer(label) or participant_of(label):
        return
    if label.lower() in lexicon.words("respondents"):
        return
    start = document.plain.find(label)
    if start >= 0 and is_name(label):
        score = 0.86 if " " in label else 0.5
        findings.add("name", start, start + len(label), score)
