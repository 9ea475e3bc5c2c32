"""A new draft of a persona that is there: what differs, field by field, list items one by one.

What a person set, agreed with or took away stays unless the analyst takes the new value; every
other difference is chosen beforehand. Nothing here changes the persona or the draft it is given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.evidence.claims import (
    Evidence,
    Reason,
    Rejected,
    evidence_from_json,
    rejected_from_json,
)
from services.evidence.pointers import is_within, pointer
from services.evidence.schema import SUMMARY, in_field_order
from services.evidence.text.folding import fold
from services.evidence.value_origins import Origins, set_by_human

Kept = Literal["", "human", "accepted", "removed", "list"]


@dataclass(frozen=True)
class Version:
    """A persona as it stands: what a difference is compared with."""

    raw_text: str
    persona: dict[str, Any]
    evidence: Sequence[Evidence]
    origins: Origins
    generation: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Redraft:
    """What a generation proposes for the same text, or for a longer one."""

    persona: dict[str, Any]
    evidence: Sequence[Evidence]
    generation: Mapping[str, Any]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Redraft:
        """The draft in a request's stored proposal; what it lacks is empty."""
        persona, generation = stored.get("persona"), stored.get("generation")
        return cls(
            persona if isinstance(persona, dict) else {},
            evidence_from_json(stored.get("evidence")),
            generation if isinstance(generation, dict) else {},
        )


@dataclass(frozen=True)
class Difference:
    """One difference: in `current`, of the draft in `proposed`; None where it has nothing.

    `item` says that both are items of the list `field`. `path` and `drafted` are their pointers in
    the persona and in the draft. `kept` says why the current state stays unless taken: "human" set
    it, "accepted" it, or "removed" it, or changed the "list" that a new item would join; "" if the
    new value is chosen beforehand. `key` names this very difference: it is another one as soon as
    either side changes.
    """

    key: str
    field: str
    item: bool
    current: Any
    proposed: Any
    path: str | None
    drafted: str | None
    kept: Kept
    quotes: tuple[str, ...] = ()

    @property
    def preselected(self) -> bool:
        """Whether it is taken unless the analyst says otherwise."""
        return not self.kept


def differences(current: Version, draft: Redraft) -> list[Difference]:
    """What differs, in the order people read a persona; the summary follows from the rest."""
    fields = in_field_order({**current.persona, **draft.persona})
    found: list[Difference] = []
    for field in fields:
        if field == SUMMARY:
            continue
        mine, theirs = current.persona.get(field), draft.persona.get(field)
        if isinstance(mine, list | None) and isinstance(theirs, list | None):
            found += _item_offers(current, draft, field, mine or [], theirs or [])
        elif _key(mine) != _key(theirs):
            found += _field_offer(current, draft, field, mine, theirs)
    return found


def _field_offer(
    current: Version, draft: Redraft, field: str, mine: Any, theirs: Any
) -> Iterator[Difference]:
    path = pointer(field)
    human = set_by_human(current.origins, path)
    if theirs is None and human:
        return  # nothing is proposed for what a person set
    kept: Kept = "human" if human else "accepted" if _accepted(current, path) else ""
    if human and mine is None:
        kept = "removed"
    yield _difference(draft, field, mine, theirs, path if mine is not None else None, path, kept)


def _item_offers(
    current: Version, draft: Redraft, field: str, mine: list[Any], theirs: list[Any]
) -> Iterator[Difference]:
    same = {_folded(item) for item in mine} & {_folded(item) for item in theirs}
    for index, item in enumerate(mine):
        path = pointer(field, index)
        if _folded(item) in same or set_by_human(current.origins, path):
            continue
        kept: Kept = "accepted" if _accepted(current, path) else ""
        yield _difference(draft, field, item, None, path, None, kept, item=True)
    by_people: Kept = "list" if mine else "removed"
    changed = current.origins.get(pointer(field)) == "human"
    taken_out = _taken_out(current, field)
    for index, item in enumerate(theirs):
        if _folded(item) in same:
            continue
        kept = "removed" if _folded(item) in taken_out else by_people if changed else ""
        yield _difference(draft, field, None, item, None, pointer(field, index), kept, item=True)


def _difference(
    draft: Redraft,
    field: str,
    mine: Any,
    theirs: Any,
    path: str | None,
    drafted: str | None,
    kept: Kept,
    *,
    item: bool = False,
) -> Difference:
    told = json.dumps([field, item, mine, theirs, kept], sort_keys=True)
    key = hashlib.sha256(told.encode()).hexdigest()[:16]
    quotes = tuple(
        found.quote for found in draft.evidence if drafted and is_within(found.path, drafted)
    )
    return Difference(key, field, item, mine, theirs, path, drafted, kept, quotes)


def proposals_of(current: Version) -> list[Rejected]:
    """What is kept out of the persona now."""
    return rejected_from_json((current.generation or {}).get("rejected"))


def _taken_out(current: Version, field: str) -> set[str]:
    return {
        fold(item.value)
        for item in proposals_of(current)
        if item.field == field and item.reason == Reason.TAKEN_OUT
    }


def _accepted(current: Version, path: str) -> bool:
    return any(item.accepted and is_within(item.path, path) for item in current.evidence)


def _folded(item: Any) -> str:
    return fold(item) if isinstance(item, str) else _key(item)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
