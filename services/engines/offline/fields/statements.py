"""Goals and pain points, sentence by sentence; below a question that asks for them, without cue."""

from __future__ import annotations

import re

from services.engines.offline.cutting.clauses import parts, tight
from services.engines.offline.cutting.document import Document, Sentence
from services.engines.offline.fields.skills import add_skill
from services.engines.offline.fields.troubles import find_troubles
from services.engines.offline.fields.wishes import find_wishes
from services.engines.offline.findings import Findings

ANSWER_LIMIT = 160  # characters
ANSWER_SENTENCES = 3
_SKIPPED = frozenset(
    ("goals", "pain_points", "skills", "education", "experience", "quotes", "interests", "values")
)
_NO_ANSWER = re.compile(
    r"\W{0,3}(?:no|not|nothing|none|well|hm+|i don't|i do not|yes|oh|thanks?|sure|that's"
    r"|i'?m \d\d|i am \d\d)\b"
)
_FILLER = re.compile(
    r"\s{0,2}(?:(?:a bit of|some|mostly|mainly|just|i use|we use|a little|the)\s){1,2}"
)


def find_statements(document: Document, findings: Findings) -> None:
    """Add the goals and pain points in the main person's sentences."""
    for sentence in document.main_sentences:
        if sentence.block.section in _SKIPPED or sentence.lower.endswith("?"):
            continue
        find_wishes(document, findings, sentence)
        find_troubles(document, findings, sentence)
    _answers(document, findings)


def _answers(document: Document, findings: Findings) -> None:
    """What stands below "What gets in your way?" is a pain point however it is put."""
    block, read = None, 0
    for sentence in document.main_sentences:
        asked = sentence.block.asked
        read = read + 1 if sentence.block is block else 1
        block = sentence.block
        if asked is None or read > ANSWER_SENTENCES or len(sentence.lower) > ANSWER_LIMIT:
            continue
        if _NO_ANSWER.match(sentence.lower) or sentence.lower.endswith("?"):
            continue
        if asked == "skills":
            _tools_named(document, findings, sentence)
        elif _says_enough(asked, sentence) and not findings.is_taken(sentence.start, sentence.end):
            start, end = tight(sentence, 0, len(sentence.lower))
            findings.add(asked, start, end, 0.55, sentence)


def _says_enough(asked: str, sentence: Sentence) -> bool:
    """ "Fewer colours" is a wish, "The radio" alone no trouble."""
    return len(sentence.lower.split()) >= (2 if asked == "goals" else 3)


def _tools_named(document: Document, findings: Findings, sentence: Sentence) -> None:
    """ "Intune, Jira, a bit of PowerShell.": an answer that is an enumeration and nothing else."""
    spans = parts(document, sentence.start, sentence.end, split_and=True)
    short = [span for span in spans if len(document.lower[slice(*span)].split()) <= 4]
    named = [low for low, high in short if not document.plain[low:high].islower()]
    if named or (len(spans) > 1 and len(short) == len(spans)):
        for low, high in short:
            filler = _FILLER.match(document.lower, low, high)
            add_skill(findings, filler.end() if filler else low, high, 0.7, sentence)
