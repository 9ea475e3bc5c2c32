"""Fact sheets and forms: "Age: 31", "**Lives in:** Malmö", "Home      Rotterdam"."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from rapidfuzz import fuzz, process

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document
from services.engines.offline.fields.facts import is_age
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import AGE_WORD, TITLE, UPPER

MOST_LINES = 400
LINE_LIMIT = 300
ANSWER_WORDS = 6
_PAIR = re.compile(
    r"""(?:^|(?<=\s\s)|(?<=[|·•]))\s{0,6}
    [*_\#]{0,3}(?P<label>[^\W\d_][\w.'\ ]{1,24}?)[*_]{0,3}(?:\ \([^)\n]{1,30}\))?\s{0,4}
    (?P<stop>:[*_]{0,3}\s{0,6}|\s{0,2}\|\s{0,2}|\t{1,4}|\s{3,24})
    (?P<value>\S[^\n]{0,160}?)
    (?=\s{3,12}[^\W\d_][\w\ ]{1,15}\s{0,4}:|\s{0,3}\||\n|$)""",
    re.VERBOSE,
)
_ROLE_END = re.compile(r"\s{0,3}[(,;|@]|\s(?:at|with|for|bei|chez)\s")
_LOCATION_END = re.compile(r"\s{0,3}[(;|]|,\s(?:\d{1,2}|with|where|but|and)\b|\swith\s")
_BEFORE_VALUE = re.compile(rf"{TITLE}|the\s|near\s")
_ENDS = {
    "role": _ROLE_END,
    "location": _LOCATION_END,
    "name": re.compile(r"\s{0,3}[,(;|</]|\s[–—-]\s|\s{4}"),
}
_AGE = re.compile(rf"\b\d{{1,3}}\b(?:\s?(?:[-–]|to)\s?\d\d\b)?\+?|\b{AGE_WORD}\b")
_END = re.compile(r"\n|[.!?](?=\s)")
_OFTEN_COMPANIES = frozenset({"customer", "client", "account", "kunde", "cliente"})
_ASKED = frozenset({"name", "age", "role", "location"})
_OPENER = re.compile(rf"\W{{0,3}}(?:{lexicon.source('clauses', 'before answers')}\s){{0,2}}")
_YEARS = re.compile(r"\b\d{1,2}\+?\s{0,2}(?:years?|yrs?|años|ans|jahre)\b|^\d{1,2}\+?$")


def find_labelled(document: Document, findings: Findings) -> None:
    """Add the values of labelled lines."""
    blocks = (one for one in document.blocks if not one.speaker and one.kind != "meta")
    for block in islice(blocks, MOST_LINES):
        line_start = document.plain.rfind("\n", 0, block.start) + 1
        start = block.start if block.bullet else line_start
        line = document.plain[start : min(block.end, start + LINE_LIMIT)]
        for match in _PAIR.finditer(line):
            field = _field_of(match)
            if field and not (field == "years_experience" and block.section == "experience"):
                around = (start + match.start("label"), start + match.end("value"))
                score = 0.93 if match["label"].lower() in _OFTEN_COMPANIES else 0.95
                _add(findings, field, start + match.start("value"), match["value"], around, score)
    _answered(document, findings)


def _answered(document: Document, findings: Findings) -> None:
    """The answer to "What is your name?" is a name, in whatever case it is written."""
    for block in document.blocks:
        if block.asked not in _ASKED or block.speaker not in (None, document.speaker):
            continue
        line = _END.split(document.plain[block.start : block.end], maxsplit=1)[0]
        said = _OPENER.match(document.lower[block.start : block.start + len(line)])
        begin = said.end() if said else 0
        value = line[begin:].rstrip(" .!")
        if value and len(value.split()) <= ANSWER_WORDS and not value.endswith("?"):
            around = (block.start, block.start + len(line))
            _add(findings, block.asked, block.start + begin, value, around, 0.95, asked=True)


def _field_of(match: re.Match[str]) -> str | None:
    label = " ".join(match["label"].split()).lower()
    tabular = ":" not in match["stop"]
    if tabular and len(label.split()) > 3:
        return None
    field, score = _closest_label(label.replace("rn", "m").replace("0", "o").replace("1", "i"))
    return field if score >= (100 if len(label) <= 4 or tabular else 80) else None


@lru_cache(maxsize=2048)
def _closest_label(label: str) -> tuple[str | None, float]:
    labels = lexicon.keyed("labels")
    if label in labels:
        return labels[label], 100.0
    found = process.extractOne(label, labels.keys(), scorer=fuzz.ratio, score_cutoff=80)
    if found is None or abs(len(found[0]) - len(label)) > 1:
        return None, 0.0
    return labels[found[0]], found[1]


def _add(
    findings: Findings,
    field: str,
    offset: int,
    value: str,
    around: tuple[int, int],
    score: float,
    asked: bool = False,
) -> None:
    start, end = 0, len(value)
    if title := _BEFORE_VALUE.match(value):
        start = title.end() if field in ("name", "location") else 0
    if field in ("age", "years_experience"):
        number = (_AGE if field == "age" else _YEARS).search(value.lower())
        if number is None or (field == "age" and not is_age(number[0])):
            return
        start, end = number.span()
    elif field in _ENDS:
        stop = _ENDS[field].search(value, start)
        end = stop.start() if stop else end
    if field in ("name", "location", "company") and not (asked or _is_proper(value[start:], field)):
        return
    if field == "role" and (end - start > 60 or value[:1] in "([{<"):
        return
    findings.add(field, offset + start, offset + end, score, around)


def _is_proper(value: str, field: str) -> bool:
    """Names begin with a capital, have no end of sentence and no address of mail in them."""
    first = value.lstrip("*_\"' ")[:1]
    begins = first in UPPER or (field == "location" and first.isdigit())
    return begins and "@" not in value and ". " not in value.replace(".  ", "").strip()[3:]
