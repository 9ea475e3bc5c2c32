"""From an engine's claims to a persona in which every claim shows the words it rests on.

    check_claims(text, draft.claims, draft.engine)
        each claim    support.check: quote located? value agrees with the words?
        each field    merging.merge: repeats merged, one value for single fields
        the persona   built from what is left, summary written from it

The program decides, not the model: what the text does not support is listed as rejected, with the
reason, and enters the persona only if a person accepts it. This file is the door to the room:
import from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.evidence.claims import (
    Coverage,
    Evidence,
    Reason,
    Rejected,
    evidence_from_json,
    evidence_to_json,
    rejected_from_json,
    rejected_to_json,
)
from services.evidence.duplicates import merge
from services.evidence.edits import evidence_for_value, evidence_for_words, follow_edits
from services.evidence.pointers import claims_of_persona, pointer
from services.evidence.proposals import accept
from services.evidence.schema import FIELDS, SUMMARY, Claim
from services.evidence.summary import write_summary
from services.evidence.support import Supported, check
from services.evidence.text.alignment import Aligner
from services.evidence.text.chunking import Chunk

__all__ = [
    "CheckedPersona",
    "Coverage",
    "Evidence",
    "Reason",
    "Rejected",
    "accept",
    "check_claims",
    "claims_of_persona",
    "coverage",
    "evidence_for_value",
    "evidence_for_words",
    "evidence_from_json",
    "evidence_to_json",
    "follow_edits",
    "rejected_from_json",
    "rejected_to_json",
    "used_spans",
    "write_summary",
]

_BEFORE_SUMMARY = "years_experience"  # the summary follows the fields that say who the person is
_NUMERIC = frozenset({"age", "years_experience"})


@dataclass(frozen=True)
class CheckedPersona:
    """A persona of supported claims only, the words of each, and what was kept out.

    `evidence` has one entry for each claim of `persona` but its summary, in the same order.
    """

    persona: dict[str, Any]
    evidence: list[Evidence]
    rejected: list[Rejected]
    coverage: Coverage


def check_claims(
    text: str,
    claims: Iterable[Claim],
    engine: str,
    chunks: Sequence[Chunk | None] | None = None,
    doubted: Iterable[Claim] = (),
) -> CheckedPersona:
    """Build the persona that `text` supports. Deterministic; never raises for any claims.

    `chunks`, if given, has for each claim the part of the text its engine was shown; quotes are
    looked for there first. `doubted` are claims of an earlier persona of these that a second look
    did not confirm: they are kept out. Single fields become strings, lists lists of strings in text
    order; age and years_experience become numbers if they are nothing but digits. What has no value
    is left out.
    """
    aligner = Aligner(text)
    found: dict[str, list[Supported]] = {spec.name: [] for spec in FIELDS}
    rejected: list[Rejected] = []
    fallen = {(claim.field, claim.value) for claim in doubted}
    for index, claim in enumerate(claims):
        chunk = chunks[index] if chunks and index < len(chunks) else None
        checked = check(aligner, claim, (chunk.start, chunk.end) if chunk else None)
        if not isinstance(checked, Supported):
            rejected.append(checked)
        elif checked.support == "inferred" and (claim.field, checked.claim.value) in fallen:
            rejected.append(checked.rejected(Reason.NOT_CONFIRMED))
        else:
            found[checked.claim.field].append(checked)
    persona, evidence, repeated = _assembled(text, found, engine)
    return CheckedPersona(persona, evidence, rejected + repeated, coverage(text, evidence, persona))


def coverage(
    text: str, evidence: Iterable[Evidence], persona: dict[str, Any] | None = None
) -> Coverage:
    """How many claims of `persona` have a source and how much of `text` they use.

    Without a persona, the claims counted are those that have evidence.
    """
    evidence = list(evidence)
    sourced = {item.path for item in evidence}
    paths = sourced if persona is None else {path for path, _ in claims_of_persona(persona)}
    used = sum(end - start for start, end in used_spans(evidence))
    return Coverage(len(paths), len(paths & sourced), min(used, len(text)), len(text))


def used_spans(evidence: Iterable[Evidence]) -> list[tuple[int, int]]:
    """The passages of the text that some claim rests on: in order, overlaps joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((item.start, item.end) for item in evidence):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _assembled(
    text: str, found: dict[str, list[Supported]], engine: str
) -> tuple[dict[str, Any], list[Evidence], list[Rejected]]:
    persona: dict[str, Any] = {}
    evidence: list[Evidence] = []
    rejected: list[Rejected] = []
    for spec in FIELDS:
        kept, repeated = merge(found[spec.name], spec.name)
        rejected += repeated
        if kept:
            single = spec.kind == "single"
            values = [_value(item.claim) for item in kept]
            persona[spec.name] = values[0] if single else values
            for index, item in enumerate(kept):
                path = pointer(spec.name) if single else pointer(spec.name, index)
                evidence.append(_evidence(text, item, path, engine))
        if spec.name == _BEFORE_SUMMARY:
            persona[SUMMARY] = ""  # holds the place; written once the lists are known
    persona[SUMMARY] = write_summary(persona)
    if not persona[SUMMARY]:
        del persona[SUMMARY]
    return persona, evidence, rejected


def _value(claim: Claim) -> str | int:
    digits = claim.field in _NUMERIC and claim.value.isascii() and claim.value.isdecimal()
    return int(claim.value) if digits and len(claim.value) <= 3 else claim.value


def _evidence(text: str, found: Supported, path: str, engine: str) -> Evidence:
    match = found.match
    quote = text[match.start : match.end]
    return Evidence(path, quote, match.start, match.end, found.support, match.score, engine)
