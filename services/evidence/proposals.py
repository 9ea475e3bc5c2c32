"""A person accepts a proposal: what the program kept out enters the persona on their word."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from services.evidence.claims import Evidence, Rejected
from services.evidence.edits import evidence_for_value, evidence_for_words, follow_edits
from services.evidence.pointers import pointer
from services.evidence.schema import FIELD_BY_NAME


def accept(
    persona: dict[str, Any], evidence: Iterable[Evidence], proposal: Rejected, raw_text: str
) -> tuple[dict[str, Any], list[Evidence]]:
    """The persona with the proposal's value in it, and its evidence; neither argument is changed.

    A single field's value is replaced, a list's appended to; a value that is there already stays
    once. The claim is the person's (origin "human"): it rests on the words that were located, else
    on its own words if they stand in the text, else on nothing.
    """
    accepted, path = _with_value(persona, proposal)
    if path is None:
        return accepted, list(evidence)
    kept = [
        item for item in follow_edits(persona, accepted, evidence, raw_text) if item.path != path
    ]
    found = _evidence(proposal, path, raw_text)
    return accepted, [*kept, found] if found else kept


def _with_value(persona: dict[str, Any], proposal: Rejected) -> tuple[dict[str, Any], str | None]:
    """A changed copy and where the value went, None if it was there."""
    accepted = copy.deepcopy(persona)
    field, value = proposal.field, proposal.value
    spec = FIELD_BY_NAME.get(field)
    present = accepted.get(field)
    if isinstance(present, list) or (present is None and spec is not None and spec.kind == "list"):
        items = present or []
        if value in items:
            return accepted, None
        accepted[field] = [*items, value]
        return accepted, pointer(field, len(items))
    accepted[field] = value
    return accepted, pointer(field)


def _evidence(proposal: Rejected, path: str, raw_text: str) -> Evidence | None:
    start, end = proposal.start, proposal.end
    if start is not None and end is not None and raw_text[start:end].strip():
        return evidence_for_words(raw_text, path, start, end, proposal.value)
    return evidence_for_value(raw_text, path, proposal.value)
