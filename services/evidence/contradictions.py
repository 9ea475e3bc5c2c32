"""Where two texts about one person say different things of a field that holds one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from services.evidence.claims import Evidence, Reason, Rejected
from services.evidence.edits import evidence_for_words
from services.evidence.pointers import pointer
from services.evidence.schema import FIELD_BY_NAME
from services.evidence.text.folding import fold


@dataclass(frozen=True)
class Statement:
    """A value and the words that state it: raw_text[start:end]."""

    value: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True)
class Contradiction:
    """Two stated values of one field; the persona holds the first. `proposal` is the second."""

    field: str
    kept: Statement
    other: Statement
    proposal: Rejected


def contradictions(
    persona: dict[str, Any],
    evidence: Iterable[Evidence],
    proposals: Iterable[Rejected],
    raw_text: str,
    text_at: Callable[[int], object],
) -> list[Contradiction]:
    """The contradictions between texts; `text_at` names the text in which an offset stands.

    Found among the proposals kept out because another value was taken. Only words that say the
    value count, and only if they stand in another text than those of the value taken.
    """
    stated = {item.path: item for item in evidence if item.support == "stated"}
    found = []
    for proposal in proposals:
        kept = stated.get(pointer(proposal.field))
        if kept is None or not _competes(proposal, persona):
            continue
        other = _statement(proposal, raw_text)
        if other and text_at(kept.start) != text_at(other.start):
            value = str(persona[proposal.field])
            first = Statement(value, kept.quote, kept.start, kept.end)
            found.append(Contradiction(proposal.field, first, other, proposal))
    return found


def _competes(proposal: Rejected, persona: dict[str, Any]) -> bool:
    spec = FIELD_BY_NAME.get(proposal.field)
    present = persona.get(proposal.field)
    return (
        proposal.reason == Reason.OTHER_VALUE_KEPT
        and spec is not None
        and spec.kind == "single"
        and isinstance(present, str | int | float)
        and fold(str(present)) != fold(proposal.value)
    )


def _statement(proposal: Rejected, raw_text: str) -> Statement | None:
    if proposal.start is None or proposal.end is None:
        return None
    try:
        words = evidence_for_words(
            raw_text, pointer(proposal.field), proposal.start, proposal.end, proposal.value
        )
    except ValueError:
        return None
    if words.support != "stated":
        return None
    return Statement(proposal.value, words.quote, words.start, words.end)
