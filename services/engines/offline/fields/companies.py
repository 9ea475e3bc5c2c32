"""Whom the main person works for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document, Sentence, named_after, words_of
from services.engines.offline.cutting.job_titles import has_job
from services.engines.offline.findings import Findings
from services.engines.offline.lexicon import Frame
from services.engines.offline.patterns import EMPLOYER, UPPER

_WORKING = lexicon.pattern("companies", "working")
_FORMER = lexicon.pattern("companies", "former")
_MEETING = re.compile(rf"{lexicon.source('people', 'meeting')}$")
_PERSON = re.compile(rf"{lexicon.source('companies', 'person')}$")
_EMPLOYER = re.compile(EMPLOYER)
_CASED = tuple(
    Frame("company", score, re.compile(cased))
    for score, cased in (
        (0.78, rf"\([^()\n]{{2,40}},\s{EMPLOYER}\)"),
        (0.75, rf"\b[Aa]t\s{EMPLOYER},\s(?:a|an)\s"),
        (0.75, rf"^(?P<company>[{UPPER}][\w&.' -]{{1,40}}?)\s·\s(?:Full|Part)-time"),
    )
)


def find_companies(document: Document, findings: Findings) -> None:
    """Employers: "works at …", "role @ …", "for a hospital group, …"."""
    for sentence in document.main_sentences:
        if sentence.block.section in ("education", "goals", "pain_points"):
            continue
        if not _WORKING.search(sentence.lower) and not has_job(sentence):
            continue
        done: set[Frame] = set()
        for frame, match in _employers(sentence):
            if frame not in done and _is_employer(findings, sentence, match):
                done.add(frame)
                findings.add_match(match, sentence, "company", frame.score)


def _employers(sentence: Sentence) -> Iterator[tuple[Frame, re.Match[str]]]:
    """What stands where employers are named."""
    for frame in _CASED:
        if found := frame.pattern.search(sentence.plain):
            yield frame, found
    yield from named_after(sentence, lexicon.frames("companies"), _EMPLOYER)


def _is_employer(findings: Findings, sentence: Sentence, match: re.Match[str]) -> bool:
    company = match["company"]
    first = company.split()[0].lower()
    if company in lexicon.words("places") or company in lexicon.words("tools"):
        return False
    refused = lexicon.words("not_companies") | lexicon.words("not_names")
    if first in refused or company.lower() in lexicon.words("departments"):
        return False
    before = max(0, match.start("company") - 60), match.start("company")
    if any(pattern.search(sentence.lower, *before) for pattern in (_FORMER, _MEETING, _PERSON)):
        return False
    own = findings.document.name_words  # "Ana Ruiz" may work at Ruiz, and is no employer herself
    return " " not in company or not own.issuperset(words_of(company.lower()))
