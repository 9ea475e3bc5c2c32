"""Where the main person lives or works."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document, Sentence, named_after
from services.engines.offline.cutting.job_titles import job_end
from services.engines.offline.findings import Findings
from services.engines.offline.lexicon import Frame
from services.engines.offline.patterns import PLACE, UPPER, WORD

OPENING_LINES = 8
_SKIPPED = frozenset({"education", "goals", "pain_points", "skills", "quotes"})
_AFTER_JOB = re.compile(rf"\s(?:in|à|en|de|from)\s{PLACE}")
_PAST = lexicon.pattern("where", "past")
_AT_PLACE = re.compile(PLACE)
_LOWER = re.compile(r"(?P<first>[^\W\d_]{3,20})(?:[ ][^\W\d_]{3,20})?")
_CASED = tuple(
    Frame(field, score, re.compile(cased))
    for field, score, cased in (
        ("known", 0.7, rf"\((?:[^()\n]{{3,60}},\s)?{PLACE}\)"),
        ("location", 0.7, rf"\b(?:at|for)\s(?:the\s)?{WORD}(?:\s{WORD}){{0,3}}\sin\s{PLACE}"),
        ("known", 0.5, rf",\s{PLACE}(?=\s?[,.;]|\s{{0,3}}$)"),
        ("known", 0.9, rf"^\s{{0,3}}\d{{1,4}}\s(?:{WORD}\s){{1,3}}?{WORD},\s{PLACE}"),
        ("location", 0.75, rf"^\s{{0,3}}{PLACE},\s\d{{1,2}}\.?\s[^\W\d_]{{3,10}}\.?\s\d{{4}}$"),
        (
            "location",
            0.93,
            rf"\b[Ii]n\s{PLACE},?\swhere\s(?:she|he|I|they)\s(?:now\s|still\s)?lives?\b",
        ),
    )
)
_HEADER = re.compile(
    rf"\s{{0,4}}(?P<place>(?:Greater\s)?{WORD}(?:\s{WORD}){{0,4}}"
    rf"(?:,\s{WORD}(?:\s{WORD}){{0,2}})?)\s{{0,3}}(?:[|·]|$)"
)
_BARE = re.compile(
    rf"\W{{0,4}}(?P<place>{WORD}(?:\s{WORD})?)(?:,\s(?P<more>{WORD}(?:\s{WORD})?"
    rf"|[{UPPER}]{{2,3}}))?\s{{0,3}}(?:,|$)"
)


def find_places(document: Document, findings: Findings) -> None:
    """Places of life and work; those of the gazetteer need fewer words around them."""
    for sentence in document.main_sentences:
        elsewhere = sentence.block.section in _SKIPPED
        if not elsewhere and sentence.lower != sentence.plain:
            _stated(findings, sentence)
            _beside_job(findings, sentence)
        elif not elsewhere:
            _uncapitalised(findings, sentence)
    _opening(document, findings)


def is_known(place: str) -> bool:
    """Whether the gazetteer has the place, or its first part."""
    first = place.split(",")[0].split("'s")[0].strip()
    return not lexicon.words("places").isdisjoint({first, " ".join(first.split()[:2])})


def _stated(findings: Findings, sentence: Sentence) -> None:
    cased = ((frame, match) for frame in _CASED for match in frame.pattern.finditer(sentence.plain))
    for frame, match in (*named_after(sentence, lexicon.frames("where"), _AT_PLACE), *cased):
        if frame.field == "location" or is_known(match["place"]):
            _add(findings, sentence, match, frame.score)


def _uncapitalised(findings: Findings, sentence: Sentence) -> None:
    """ "im from tampere": in a sentence without capitals, only what the gazetteer has."""
    for frame, match in named_after(sentence, lexicon.frames("where"), _LOWER):
        place = next(
            (group for group in (match[0], match["first"]) if is_known(group.title())), None
        )
        if place and not _PAST.search(sentence.lower, max(0, match.start() - 45), match.start()):
            start = sentence.start + match.start()
            score = frame.score - start / 1_000_000
            findings.add("location", start, start + len(place), score, sentence)


def _beside_job(findings: Findings, sentence: Sentence) -> None:
    """ "a barista in Utrecht": no gazetteer needed."""
    jobs = lexicon.words("jobs")
    if jobs.isdisjoint(sentence.words):
        return
    for match in _AFTER_JOB.finditer(sentence.plain):
        before = sentence.lower[: match.start()].split()[-2:]
        if any(word.strip("(),") in jobs for word in before):
            _add(findings, sentence, match, 0.75)


def _add(findings: Findings, sentence: Sentence, match: re.Match[str], score: float) -> None:
    place, start = match["place"].split("'s")[0], match.start("place")
    first = place.split(",")[0].split()[0]
    refused = lexicon.words("not_names") | lexicon.words("languages")
    if first.lower() in refused or first in lexicon.words("tools"):
        return
    if place.split(",")[0].lower() in lexicon.words("departments"):
        return
    if _PAST.search(sentence.lower, max(0, start - 45), start):
        return
    end = start + len(place)
    more = match["more"]
    if more and not is_known(more.strip(" ,").removeprefix("in ").strip()):
        tail = more.strip(" ,")
        if not (len(tail) == 2 and tail.isupper()) and is_known(place.split(",")[0]):
            end = match.start("more")
    start += sentence.start
    findings.add("location", start, sentence.start + end, score - start / 1_000_000, sentence)


def _opening(document: Document, findings: Findings) -> None:
    """The place in a CV's header, or alone on a line of notes."""
    for number, block in enumerate(document.blocks[:OPENING_LINES]):
        line = document.plain[block.start : block.end].split("\n")[0][:160]
        if block.kind == "meta" or block.speaker or number == 0 or line.rstrip().endswith("."):
            continue
        around = (block.start, block.start + len(line))
        for pattern, score in ((_HEADER, 0.9), (_BARE, 0.6)):
            match = pattern.match(line)
            if match is None or job_end(match["place"], 0):
                continue
            place = match["place"]
            words = {word.strip(",") for word in place.split()}
            if is_known(place) or words & lexicon.words("places"):
                start = block.start + match.start("place")
                findings.add("location", start, start + len(place), score - number / 1_000, around)
