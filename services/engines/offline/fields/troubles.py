"""Pain points that are said in sentences: "frustrated by …", "… by hand", "takes three weeks"."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.clauses import clause_span, narrow_clause, parts, value_span
from services.engines.offline.cutting.document import Document, Sentence
from services.engines.offline.findings import Findings

LEAST_VALUE = 6  # characters
CLAUSE_LIMIT = 140
LEAST_WORDS = 3
_CUES = (("pain_cues", 0.6), ("fault_cues", 0.55))

_LISTED = lexicon.pattern("troubles", "listed")
_NO_TROUBLE = lexicon.pattern("troubles", "no trouble")
_DENIED = lexicon.pattern("troubles", "denied")
_NO_VALUE = lexicon.pattern("troubles", "no value")


def find_troubles(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Add the pain points a sentence states, but none that a goal in it already covers."""
    _stated(document, findings, sentence)
    _listed(document, findings, sentence)
    _wordings_of_trouble(document, findings, sentence)


def _stated(document: Document, findings: Findings, sentence: Sentence) -> None:
    full = findings.is_full("pain_points")
    if full or lexicon.words("trouble_words").isdisjoint(sentence.words):
        return
    for frame, match in document.told_of_main(sentence, lexicon.frames("troubles")):
        start, end = value_span(sentence, match.end())
        enough = end - start >= LEAST_VALUE and not _NO_VALUE.match(sentence.lower, match.end())
        if enough and not findings.is_taken(start, end):
            findings.add("pain_points", start, end, frame.score, sentence)


def _listed(document: Document, findings: Findings, sentence: Sentence) -> None:
    """ "Main gripes: this, that and the other"."""
    if (match := _LISTED.search(sentence.lower)) is None:
        return
    for start, end in parts(document, sentence.start + match.end(), sentence.end, split_and=False):
        findings.add("pain_points", start, end, 0.7, sentence)


def _wordings_of_trouble(document: Document, findings: Findings, sentence: Sentence) -> None:
    """The clause around a wording such as "by hand" or "takes three weeks"."""
    for cues, score in _CUES:
        for match in lexicon.cues(cues).finditer(sentence.lower):
            _around(document, findings, sentence, match, score)


def _around(
    document: Document, findings: Findings, sentence: Sentence, cue: re.Match[str], score: float
) -> None:
    if findings.is_full("pain_points") or _NO_TROUBLE.search(sentence.lower, 0, cue.start()):
        return
    if _DENIED.match(sentence.lower, cue.end()):
        return
    start, end = clause_span(sentence, cue.start(), cue.end())
    if end - start > CLAUSE_LIMIT:
        start, end = narrow_clause(sentence, cue.start(), cue.end())
    enough = len(document.lower[start:end].split()) >= LEAST_WORDS
    if enough and not findings.is_taken(start, end):
        findings.add("pain_points", start, end, score, sentence)
