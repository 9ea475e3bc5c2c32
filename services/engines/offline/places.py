"""Where the main person lives or works."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.document import Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import UPPER, WORD
from services.engines.offline.roles import job_end

OPENING_LINES = 8
_PLACE = (
    rf"(?P<place>(?:{WORD}|[{UPPER}]{{2,3}}\b)(?:\s{{1,2}}(?:de\s|of\s|upon\s|am\s)?{WORD}){{0,2}}"
    rf"(?P<more>\s{{0,2}},\s{{0,3}}(?:in\s)?(?:{WORD}|[{UPPER}]{{2,3}}\b)(?:\s{WORD}){{0,2}})?)"
)
_LIVES = re.compile(
    r"\b(?:[Ll]ives?|[Ll]iving|lived|[Rr]esides?|[Bb]ased|located|settled|[Vv]ivo|[Vv]ive"
    r"|[Rr]esido|habite|wohne|wohnt|lebe|lebt|moved)"
    r"(?:\s(?:(?:with|mit|con|avec)\s[\w ]{2,30}|alone|currently|now|just|full-time"
    r"|permanently))?\s(?:in|near|outside|just outside|out of|to|en|à|em)"
    rf"\s{{1,2}}(?:central\s|downtown\s|northern\s|southern\s|the\s)?{_PLACE}"
)
_WORKPLACE = (
    r"(?:school|hospital|company|firm|office|shop|clinic|garage|bakery|bank|agency|startup"
    r"|start-up|studio|farm"
    r"|warehouse|café|cafe|restaurant|store|supplier|factory|plant|lab|university|business"
    r"|library|colegio|escuela|hospital"
    r"|empresa|école|hôpital|cabinet|schule|krankenhaus|practice|pharmacy|nursery|garden|site"
    r"|workshop|brewery|hotel|museum)"
)
_WORKS_IN = re.compile(rf"\b{_WORKPLACE}(?:\s[a-zà-ÿ]{{3,14}})?\s(?:in|de|en|à|of)\s{_PLACE}")
_OUT_OF = re.compile(rf"\b(?:outside|near|out of [\w ]{{2,14}} in)\s{_PLACE}")
_IN = re.compile(rf"\b(?:in|en|à|at the|bei|em)\s{_PLACE}")
_FROM = re.compile(rf"\b(?:I'm from|I am from|comes from|hails from|is from|[Ff]rom)\s{_PLACE}")
_RIGHT = re.compile(rf"\b(?:right|over|here|up|down)\s(?:at|in)\s{_PLACE}")
_TEACHES_IN = re.compile(rf"\b(?:teach|teaches|practise|practises)\s[\w ]{{2,30}}?\sin\s{_PLACE}")
_EMPLOYED_IN = re.compile(rf"\b(?:at|for)\s(?:the\s)?{WORD}(?:\s{WORD}){{0,3}}\sin\s{_PLACE}")
_BRACKETED = re.compile(rf"\((?:[^()\n]{{3,60}},\s)?{_PLACE}\)")
_WHERE_LIVES = re.compile(
    rf"\bin\s{_PLACE},?\swhere\s(?:she|he|I|they)\s(?:now\s"
    rf"|still\s)?lives?\b"
)
_AFTER_JOB = re.compile(rf"\s(?:in|à|en|de|from)\s{_PLACE}")
_PAST = re.compile(
    r"\b(?:raised|born|spent|formerly|university|studied|graduated|grew up|head office"
    r"|headquarter\w*|ex-"
    r"|was in|used to|visited|holiday"
    r"|trip|travel\w*|moved from|avant|antes|conference|degree|based client\w*|flew|hospital of)\b"
)
_HEADER = re.compile(
    rf"\s{{0,4}}(?P<place>(?:Greater\s)?{WORD}(?:\s{WORD}){{0,4}}(?:,\s{WORD}(?:\s{WORD}){{0,2}})?)\s{{0,3}}(?:[|·]|$)"
)
_BARE = re.compile(
    rf"\W{{0,4}}(?P<place>{WORD}(?:\s{WORD})?)(?:,\s(?P<more>{WORD}(?:\s{WORD})?"
    rf"|[{UPPER}]{{2,3}}))?\s{{0,3}}(?:,|$)"
)


def find_places(document: Document, findings: Findings) -> None:
    """Places of life and work; those of the gazetteer need fewer words around them."""
    for sentence in document.main_sentences:
        if sentence.block.section in ("education", "goals", "pain_points", "skills", "quotes"):
            continue
        if sentence.lower == sentence.plain:
            continue
        _stated(findings, sentence)
        _beside_job(findings, sentence)
        _known(findings, sentence)
    _opening(document, findings)


def is_known(place: str) -> bool:
    """Whether the gazetteer has the place, or its first part."""
    first = place.split(",")[0].strip()
    return first in lexicon.words("places") or " ".join(first.split()[:2]) in lexicon.words(
        "places"
    )


def _stated(findings: Findings, sentence: Sentence) -> None:
    for match in _LIVES.finditer(sentence.plain):
        past = match[0].lower().startswith(("lived", "moved"))
        _add(findings, sentence, match, 0.7 if past else 0.92)
    for match in _WHERE_LIVES.finditer(sentence.plain):
        _add(findings, sentence, match, 0.93)
    for match in _RIGHT.finditer(sentence.plain):
        _add(findings, sentence, match, 0.78)


def _beside_job(findings: Findings, sentence: Sentence) -> None:
    """ "a barista in Utrecht", "a secondary school in Graz": no gazetteer needed."""
    for pattern, score in ((_WORKS_IN, 0.72), (_TEACHES_IN, 0.68), (_EMPLOYED_IN, 0.7)):
        for match in pattern.finditer(sentence.plain):
            if _may_be_place(match["place"]):
                _add(findings, sentence, match, score)
    jobs = lexicon.words("jobs")
    if jobs.isdisjoint(sentence.words):
        return
    for match in _AFTER_JOB.finditer(sentence.plain):
        before = sentence.lower[: match.start()].split()[-2:]
        if any(word.strip("(),") in jobs for word in before) and _may_be_place(match["place"]):
            _add(findings, sentence, match, 0.75)


def _may_be_place(place: str) -> bool:
    return place.split(",")[0].lower() not in lexicon.words("departments")


def _known(findings: Findings, sentence: Sentence) -> None:
    for pattern, score in ((_OUT_OF, 0.76), (_BRACKETED, 0.7), (_FROM, 0.58), (_IN, 0.62)):
        for match in pattern.finditer(sentence.plain):
            if is_known(match["place"]) or (
                pattern is _OUT_OF and sentence.lower.find("outside") >= 0
            ):
                _add(findings, sentence, match, score)


def _add(findings: Findings, sentence: Sentence, match: re.Match[str], score: float) -> None:
    place, start = match["place"], match.start("place")
    first = place.split(",")[0].split()[0]
    if first.lower() in lexicon.words("not_names") or not _may_be_place(place):
        return
    if first in lexicon.words("tools") or first.lower() in lexicon.words("languages"):
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
            if is_known(place) or any(
                word.strip(",") in lexicon.words("places") for word in place.split()
            ):
                start = block.start + match.start("place")
                findings.add("location", start, start + len(place), score - number / 1_000, around)
