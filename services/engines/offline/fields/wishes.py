"""Goals that are said in sentences: "I want to …", "her dream is …", "all I'm after is …"."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.clauses import value_span
from services.engines.offline.cutting.document import Document, Sentence
from services.engines.offline.findings import Findings

LEAST_VALUE = 4  # characters
_FOREIGN = lexicon.pattern("wishes", "foreign")
_DENIED = lexicon.pattern("wishes", "denied")
_NO_WISH = lexicon.pattern("wishes", "no wish")


def find_wishes(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Add the goals a sentence states."""
    for match in _FOREIGN.finditer(sentence.lower):
        _add_wish(findings, sentence, match, 0.8)
    if findings.is_full("goals") or lexicon.words("wish_words").isdisjoint(sentence.words):
        return
    for frame, match in document.told_of_main(sentence, lexicon.frames("wishes")):
        _add_wish(findings, sentence, match, frame.score)


def _add_wish(findings: Findings, sentence: Sentence, match: re.Match[str], score: float) -> None:
    lower = sentence.lower
    subject_end = match.start() + len(match.groupdict().get("who") or "")
    if _DENIED.search(lower, max(0, match.start() - 24), subject_end):
        return
    start, end = value_span(sentence, match.end())
    if end - start >= LEAST_VALUE and not _NO_WISH.match(lower, match.end()):
        findings.add("goals", start, end, score, sentence)
