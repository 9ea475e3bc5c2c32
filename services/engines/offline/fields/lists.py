"""What stands under headings: bullets, lines and enumerations of goals, skills, interests …"""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.clauses import parts, tight
from services.engines.offline.cutting.document import Block, Document, Sentence
from services.engines.offline.fields.skills import add_skill
from services.engines.offline.findings import Findings

ENTRY_LIMIT = 220
STATEMENTS = frozenset({"goals", "pain_points", "motivations", "behaviours"})
ENUMERATIONS = frozenset({"interests", "values", "traits"})
_GROUP_LABEL = re.compile(r"\s{0,4}[*_]{0,2}[\w &/]{2,24}[*_]{0,2}:\*{0,2}\s{1,4}")
_SENTENCE_INSIDE = re.compile(r"[.!?]\s")
_BETWEEN_SEMICOLONS = re.compile(r"[^;]{1,240}")
_DASH = re.compile(r"\s[–—]\s")
_LEADING_VERB = re.compile(r"\s{0,3}(?:(?:i|she|he)\s)?(?:wants? to|hopes? to|would like to|to)\s")
_LEVEL = re.compile(rf"\s{{0,2}}[-–—(:]\s{{0,2}}{lexicon.source('skills', 'level')}.{{0,20}}$")


def find_lists(document: Document, findings: Findings) -> None:
    """Add every entry under a heading that names a list field."""
    heard = {id(sentence.block) for sentence in document.sentences if sentence.about_main}
    for block in document.blocks:
        if id(block) not in heard:
            continue
        if block.section == "skills":
            _skills(document, findings, block)
        elif block.section in ENUMERATIONS:
            _enumeration(document, findings, block)
    for sentence in document.main_sentences:
        section = sentence.block.section
        if section in STATEMENTS:
            _statement(document, findings, sentence, str(section))


def _skills(document: Document, findings: Findings, block: Block) -> None:
    start = block.start
    if document.plain[start : block.end].lstrip()[:1] == '"':
        return
    if label := _GROUP_LABEL.match(document.plain, start, block.end):
        start = label.end()
    if block.end - start > 600 or _SENTENCE_INSIDE.search(document.plain, start, block.end):
        return
    for low, high in parts(document, start, block.end, split_and=False):
        if level := _LEVEL.search(document.lower, low, high):
            high = level.start()
        pairs = parts(document, low, high, split_and=True)
        short = all(len(document.lower[left:right].split()) <= 2 for left, right in pairs)
        for left, right in pairs if short else [(low, high)]:
            add_skill(findings, left, right, 0.95, (block.start, block.end))


def _enumeration(document: Document, findings: Findings, block: Block) -> None:
    field = str(block.section)
    if block.end - block.start > 400:
        return
    if block.bullet or _SENTENCE_INSIDE.search(document.plain, block.start, block.end):
        spans = [(block.start, block.end)]
    else:
        spans = parts(document, block.start, block.end, split_and=False)
    for low, high in spans:
        if high - low <= ENTRY_LIMIT:
            high = low + len(document.plain[low:high].rstrip(". "))
            findings.add(field, low, high, 0.9, (block.start, block.end))


def _statement(document: Document, findings: Findings, sentence: Sentence, field: str) -> None:
    if len(sentence.lower) > ENTRY_LIMIT:
        return
    start, end = tight(sentence, 0, len(sentence.lower))
    members = _members(document, sentence, start, end) if field in ("goals", "pain_points") else []
    if members:
        for low, high in members:
            findings.add(field, low, high, 0.9, (sentence.start, sentence.end))
        return
    if field == "goals" and (verb := _LEADING_VERB.match(document.lower, start, end)):
        start = verb.end()
    dash = _DASH.search(document.plain, start + 12, end)
    findings.add(field, start, dash.start() if dash else end, 0.9, sentence)


def _members(document: Document, sentence: Sentence, start: int, end: int) -> list[tuple[int, int]]:
    """The entries of a line that enumerates: "one; two" or "one, two, three"."""
    if sentence.block.bullet:
        return []
    if ";" in sentence.plain:
        return [
            (m.start(), m.end()) for m in _BETWEEN_SEMICOLONS.finditer(document.plain, start, end)
        ]
    if sentence.plain.count(",") < 2 or _SENTENCE_INSIDE.search(sentence.plain):
        return []
    return parts(document, start, end, split_and=False)
