"""Whom the main person works for."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.document import Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import EMPLOYER, UPPER
from services.engines.offline.roles import has_job

_AT = re.compile(rf"(?:\b(?:at|for|joined|with)\s(?:the\s)?|@\s?){EMPLOYER}")
_GROUP = re.compile(
    r"\b(?:company|group|firm|agency|startup|start-up|chain|cooperative|bank|charity|studio"
    r"|school|hospital|shop"
    rf"|bakery|supplier|business|team)(?:\s(?:called|named)|,)\s{EMPLOYER}"
)
_AT_OWN = re.compile(rf"\bat\s{EMPLOYER},\s(?:a|an)\s")
_WORKING = re.compile(
    r"\b(?:work\w*|job|employ\w*|lead\w*|run|runs|manag\w*|joined|team|role|head|teach\w*|hired"
    r"|position)\b"
)
_FORMER = re.compile(
    r"\b(?:ex|degree|studied|graduated|born|former|formerly|previously|was|were|started|left"
    r"|apply|applying|applied|vacancy|post of"
    r"|worked|earlier)\b[^.;]{0,50}$"
)
_IN_BRACKETS = re.compile(rf"\([^()\n]{{2,40}},\s{EMPLOYER}\)")
_HEAD_OF = re.compile(
    rf"\b(?:founder|owner|co-founder|cofounder|ceo|director|president|partner|editor) (?:of"
    rf"|at)\s{EMPLOYER}"
)
_EMPLOYED = ((_HEAD_OF, 0.72), (_IN_BRACKETS, 0.78), (_GROUP, 0.8), (_AT_OWN, 0.75), (_AT, 0.7))
_ENTRY = re.compile(rf"(?P<company>[{UPPER}][\w&.' -]{{1,40}}?)\s·\s(?:Full|Part)-time")


def find_companies(document: Document, findings: Findings) -> None:
    """Employers: "works at …", "role @ …", "for a hospital group, …"."""
    for sentence in document.main_sentences:
        if sentence.block.section in ("education", "goals", "pain_points"):
            continue
        if not _WORKING.search(sentence.lower) and not has_job(sentence):
            continue
        for pattern, score in _EMPLOYED:
            if match := pattern.search(sentence.plain):
                _add_company(findings, sentence, match, score)
        if match := _ENTRY.match(sentence.plain):
            _add_company(findings, sentence, match, 0.75)


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
    start = sentence.start + match.start("company")
    findings.add("company", start, start + len(company), score - start / 1_000_000, sentence)
