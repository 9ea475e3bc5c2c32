"""Sentences the main person is quoted with."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document, Sentence
from services.engines.offline.findings import Findings

_QUOTED = re.compile(r"\"(?P<words>[^\"\n]{15,240})\"")
_MOTTO = lexicon.pattern("people", "motto")
_SPOKEN = lexicon.pattern("people", "said")
_OTHERS = re.compile(rf"{lexicon.source('people', 'others said')}\W{{0,3}}$")


def find_sayings(document: Document, findings: Findings) -> None:
    """Words in quotation marks that are the main person's own."""
    for sentence in document.sentences:
        section = sentence.block.section
        if not sentence.about_main and section != "quotes":
            continue
        if section == "quotes" and '"' not in sentence.plain:
            if len(sentence.lower.split()) >= 4:
                findings.add("quotes", sentence.start, sentence.end, 0.85, sentence)
            continue
        for match in _quotations(document, sentence):
            if section == "quotes" or _is_own(document, sentence, match):
                start, end = match.start("words"), match.end("words")
                findings.add("quotes", start, end, 0.8, (match.start(), match.end()))


def _quotations(document: Document, sentence: Sentence) -> list[re.Match[str]]:
    """Quotations that begin in the sentence; they may go on into the next."""
    found: list[re.Match[str]] = []
    position = document.plain.find('"', sentence.start, sentence.end)
    while 0 <= position < sentence.end and len(found) < 5:
        match = _QUOTED.match(document.plain, position)
        if match and len(match["words"].split()) >= 4:
            found.append(match)
        following = match.end() if match else position + 1
        position = document.plain.find('"', following, sentence.end)
    return found


def _is_own(document: Document, sentence: Sentence, match: re.Match[str]) -> bool:
    before = document.lower[max(0, match.start() - 40) : match.start()]
    after = document.lower[match.end() : match.end() + 60]
    if match["words"][:1].islower() and match["words"].startswith(("and ", "but ", "or ")):
        return False
    if not document.first_person and not document.name_words:
        return False
    if document.first_person:
        return not _OTHERS.search(before) and bool(_MOTTO.search(after) or _MOTTO.search(before))
    alone = sentence.plain.lstrip("> *_-").startswith('"')
    return alone or bool(_SPOKEN.search(after) or _SPOKEN.search(before))
