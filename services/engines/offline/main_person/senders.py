"""Names of those who send, sign or speak: in headers of mail, below letters, before turns."""

from __future__ import annotations

import re
from itertools import zip_longest

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document
from services.engines.offline.cutting.speakers import is_interviewer, participant_of
from services.engines.offline.findings import Findings
from services.engines.offline.main_person.names import add_name, is_name
from services.engines.offline.patterns import ANY_NAME, FULL_NAME, TITLE

SIGNATURE_LINES = 3
_FROM = re.compile(
    rf"\s{{0,4}}(?:From|Von|De):\s{{0,4}}\"?(?P<name>{FULL_NAME})\"?\s{{0,2}}(?:<|$)"
)
_SIGN_OFF = re.compile(rf"{lexicon.source('people', 'sign off')}[,!.]?\s{{0,3}}")
_SIGNED = re.compile(rf"\W{{0,3}}{TITLE}?(?P<name>{ANY_NAME})(?:,\s\d\d)?\W{{0,3}}")
_HANDLE = re.compile(r"[^\W\d_]{2,20}")


def find_signature(document: Document, findings: Findings) -> None:
    """A name alone on a line of the last, as under a letter or a review."""
    if not document.first_person or not document.blocks:
        return
    for last in document.blocks[-SIGNATURE_LINES:]:
        line = document.plain[last.start : last.end]
        match = _SIGNED.fullmatch(line) if len(line) < 60 else None
        if match and (last is document.blocks[-1] or " " in match["name"]):
            add_name(findings, match, last.start, 0.68)


def find_mail(document: Document, findings: Findings) -> None:
    """The sender of a mail, in its header or below it."""
    for block, following in zip_longest(document.blocks, document.blocks[1:]):
        line = document.plain[block.start : min(block.end, block.start + 200)]
        if block.kind == "meta" and (match := _FROM.match(line)):
            add_name(findings, match, block.start, 0.92)
        elif following and len(line) < 30 and _SIGN_OFF.fullmatch(line.lower()):
            signed = document.plain[following.start : following.end][:60]
            if match := re.fullmatch(rf"\s{{0,3}}(?P<name>{ANY_NAME})\s{{0,3}}", signed):
                add_name(findings, match, following.start, 0.65)


def find_transcript(document: Document, findings: Findings) -> None:
    label = document.speaker
    if label is None or is_interviewer(label) or participant_of(label):
        return
    if label.lower() in lexicon.words("respondents"):
        return
    if label[0].islower():
        _handle(document, findings, label)
        return
    start = document.plain.find(label)
    if start >= 0 and is_name(label):
        score = 0.86 if " " in label else 0.5
        findings.add("name", start, start + len(label), score)


def _handle(document: Document, findings: Findings, label: str) -> None:
    """The name in a label of a chat ("mika_99"), where its owner says it, else in the label."""
    match = _HANDLE.match(label)
    if match is None or not is_name(match[0]):
        return
    said = re.compile(rf"(?<!\w){re.escape(match[0])}(?!\w)")
    own = (one for one in document.sentences if one.block.speaker == label)
    found = next(
        (hit for one in own if (hit := said.search(document.lower, one.start, one.end))), None
    )
    found = found or re.compile(re.escape(match[0])).search(document.lower)
    if found:
        findings.add("name", *found.span(), 0.6)
