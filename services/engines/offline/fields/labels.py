"""Fact sheets and forms: "Age: 31", "**Lives in:** Malmö", "Home      Rotterdam"."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from rapidfuzz import fuzz, process

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import UPPER

MOST_LINES = 400
LINE_LIMIT = 300
_PAIR = re.compile(
    r"""(?:^|(?<=\s\s)|(?<=[|·•]))\s{0,6}
    [*_\#]{0,3}(?P<label>[^\W\d_][\w.'\ ]{1,24}?)[*_]{0,3}\s{0,4}
    (?P<stop>:[*_]{0,3}\s{0,6}|\s{0,2}\|\s{0,2}|\t{1,4}|\s{3,24})
    (?P<value>\S[^\n]{0,160}?)
    (?=\s{3,12}[^\W\d_][\w\ ]{1,15}\s{0,4}:|\s{0,3}\||\n|$)""",
    re.VERBOSE,
)
_ROLE_END = re.compile(r"\s{0,3}[(,;|@]|\s(?:at|with|for)\s")
_LOCATION_END = re.compile(r"\s{0,3}[(;|]|,\s(?:with|where|but|and)\b|\swith\s")
_ENDS = {"role": _ROLE_END, "location": _LOCATION_END, "name": re.compile(r"\s{0,3}[,(;|</]")}
_AGE = re.compile(r"\b\d{1,3}\b")
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
                _add(findings, field, match, start)


def _field_of(match: re.Match[str]) -> str | None:
    label = " ".join(match["label"].split()).lower()
    tabular = ":" not in match["stop"]
    if tabular and len(label.split()) > 3:
        return None
    field, score = _closest_label(label.replace("rn", "m").replace("0", "o").replace("1", "i"))
    return field if score >= (100 if len(label) <= 3 or tabular else 80) else None


@lru_cache(maxsize=2048)
def _closest_label(label: str) -> tuple[str | None, float]:
    labels = lexicon.keyed("labels")
    if label in labels:
        return labels[label], 100.0
    found = process.extractOne(label, labels.keys(), scorer=fuzz.ratio, score_cutoff=80)
    if found is None or abs(len(found[0]) - len(label)) > 1:
        return None, 0.0
    return labels[found[0]], found[1]


def _add(findings: Findings, field: str, match: re.Match[str], offset: int) -> None:
    value, begin = match["value"], match.start("value")
    start, end = begin, begin + len(value)
    if field in ("age", "years_experience"):
        number = (_AGE if field == "age" else _YEARS).search(value.lower())
        if number is None or (field == "age" and not 5 <= int(number[0]) <= 110):
            return
        start, end = (begin + place for place in number.span())
    elif field in _ENDS:
        stop = _ENDS[field].search(value)
        end = begin + stop.start() if stop else end
    if field in ("name", "location", "company") and not _is_proper(value, field):
        return
    if field == "role" and (end - start > 60 or value[:1] in "([{<"):
        return
    around = (offset + match.start("label"), offset + begin + len(value))
    findings.add(field, offset + start, offset + end, 0.95, around)


def _is_proper(value: str, field: str) -> bool:
    """Names begin with a capital, have no end of sentence and no address of mail in them."""
    first = value.lstrip("*_\"' ")[:1]
    begins = first in UPPER or (field == "location" and first.isdigit())
    return begins and "@" not in value and ". " not in value.replace(".  ", "").strip()[3:]
