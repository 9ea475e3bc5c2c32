"""Traits, communication style, motivations, values, interests and habits that are said plainly."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.clauses import parts, value_span
from services.engines.offline.cutting.document import Document, Sentence
from services.engines.offline.findings import Findings

_DESCRIBED = lexicon.pattern("character", "described")
_TRAIT = lexicon.pattern("character", "trait")
_DENIED = lexicon.pattern("character", "denied")
_NO_VALUE = lexicon.pattern("character", "no value")
_INTEREST_END = lexicon.pattern("character", "interest end")
_OWN = lexicon.pattern("character", "own")
_STANDS_ALONE = re.compile(r"\s?(?:[.,;:!?)]|$|(?:and|but|about|with|when)\b|by nature)")
_TELLING = frozenset(
    {"prefer", "prefers", "communicate", "communicates", "write", "writes", "speak", "speaks"}
)
_SKIPPED = frozenset({"skills", "goals", "pain_points", "education", "experience", "quotes"})
_HABIT_LIMIT = 180


def find_character(document: Document, findings: Findings) -> None:
    """Everything about what the main person is like, where the text says so in so many words."""
    troubled = {one.quote[0] for one in findings.all("pain_points") + findings.all("goals")}
    for sentence in document.main_sentences:
        if sentence.block.section in _SKIPPED or sentence.lower.endswith("?"):
            continue
        _traits(document, findings, sentence)
        _framed(document, findings, sentence)
        if sentence.start not in troubled:
            _habits(document, findings, sentence)


def _traits(document: Document, findings: Findings, sentence: Sentence) -> None:
    known = lexicon.words("traits")
    for match in _DESCRIBED.finditer(sentence.lower):
        start, end = value_span(sentence, match.end())
        for low, high in parts(document, start, end, split_and=True):
            if len(document.lower[low:high].split()) <= 5:
                findings.add("traits", low, high, 0.8, sentence)
    if known.isdisjoint(sentence.words):
        return
    for match in _TRAIT.finditer(sentence.lower):
        if not document.means_main(match["who"], sentence):
            continue
        for group in ("trait", "second"):
            if match[group] in known and _stands_alone(sentence, match, group):
                findings.add_match(match, sentence, "traits", 0.75, group)


def _stands_alone(sentence: Sentence, match: re.Match[str], group: str) -> bool:
    """ "I'm patient" is a trait, "I'm patient number four" is none."""
    if match["noun"] or (group == "trait" and match["second"]):
        return True
    return _STANDS_ALONE.match(sentence.lower, match.end(group)) is not None


def _framed(document: Document, findings: Findings, sentence: Sentence) -> None:
    known = lexicon.words("character_words") | _TELLING
    if known.isdisjoint(sentence.words):
        return
    for frame, match in document.told_of_main(sentence, lexicon.frames("character"), most=1):
        if frame.field == "communication_style":
            findings.add_match(match, sentence, frame.field, frame.score, "style")
            continue
        if _DENIED.search(sentence.lower, 0, match.start()):
            continue
        listed = frame.field == "interests"
        start, end = value_span(sentence, match.end(), _INTEREST_END if listed else None)
        if listed:
            for low, high in parts(document, start, end, split_and=True):
                if 3 <= high - low <= 60:
                    findings.add("interests", low, high, 0.75, sentence)
        elif end - start > 3 and not _NO_VALUE.match(sentence.lower, match.end()):
            findings.add(frame.field, start, end, frame.score, sentence)


def _habits(document: Document, findings: Findings, sentence: Sentence) -> None:
    if '"' in sentence.plain or len(sentence.lower) > _HABIT_LIMIT:
        return
    if not lexicon.cues("habit_cues").search(sentence.lower):
        return
    note = sentence.block.bullet or not document.first_person
    if note or _OWN.search(sentence.lower):
        end = sentence.start + len(sentence.plain.rstrip(".!"))
        findings.add("behaviours", sentence.start, end, 0.6, sentence)
