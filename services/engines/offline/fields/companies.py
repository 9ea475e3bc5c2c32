"""Whom the main person works for."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document, Sentence, named_after
from services.engines.offline.fields.roles import has_job
from services.engines.offline.findings import Findings
from services.engines.offline.lexicon import Frame
from services.engines.offline.patterns import EMPLOYER, UPPER

_WORKING = lexicon.pattern("companies", "working")
_FORMER = lexicon.pattern("companies", "former")
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
        first: dict[Frame, re.Match[str]] = {}
        for frame, match in named_after(sentence, lexicon.frames("companies"), _EMPLOYER):
            first.setdefault(frame, match)
        for frame in _CASED:
            if found := frame.pattern.search(sentence.plain):
                first[frame] = found
        for frame, match in first.items():
            _add_company(findings, sentence, match, frame.score)


def _add_company(
    findings: Findings, sentence: Sentence, match: re.Match[str], score: float
) -> None:
    company = match["company"]
    first = company.split()[0].lower()
    if company in lexicon.words("places") or company in lexicon.words("tools"):
        return
    refused = lexicon.words("not_companies") | lexicon.words("not_names")
    if first in refused or company.lower() in lexicon.words("departments"):
        return
    if _FORMER.search(sentence.lower, max(0, match.start() - 60), match.start()):
        return
    findings.add_match(match, sentence, "company", score)
