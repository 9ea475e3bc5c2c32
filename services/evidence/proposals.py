"""A person accepts a proposal: what the program kept out enters the persona on their word."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from services.errors import InvalidInputError
from services.evidence.claims import Evidence, Rejected
from services.evidence.edits import evidence_for_value, evidence_for_words, follow_edits
from services.evidence.pointers import pointer, tokens
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
    if proposal.path:
        return accepted, _put_back(accepted, proposal)
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


def _put_back(persona: dict[str, Any], proposal: Rejected) -> str:
    """Puts what was taken out into its place, where it stands then. Raises InvalidInputError."""
    steps = tokens(proposal.path)
    node: Any = persona
    place: list[str | int] = []
    for token, following in pairwise(steps):
        at = _key(node, token)
        if isinstance(node, dict):
            node.setdefault(at, [] if following.isdecimal() else {})
        elif at == len(node):
            node.append([] if following.isdecimal() else {})
        node = node[at]
        place.append(at)
    at = _key(node, steps[-1])
    if isinstance(node, list):
        node.insert(int(at), proposal.original)
    elif node.get(at) in (None, ""):
        node[at] = proposal.original
    else:
        raise _occupied()
    return pointer(*place, at)


def _key(node: Any, token: str) -> str | int:
    """Where the token leads in this container: in a list at most to its end."""
    if isinstance(node, list) and token.isdecimal():
        return min(int(token), len(node))
    if isinstance(node, dict):
        return token
    raise _occupied()


def _occupied() -> InvalidInputError:
    return InvalidInputError(
        "Something else stands where this was taken out.", "Write it into the persona in Edit."
    )


def _evidence(proposal: Rejected, path: str, raw_text: str) -> Evidence | None:
    start, end = proposal.start, proposal.end
    if start is not None and end is not None and raw_text[start:end].strip():
        return evidence_for_words(raw_text, path, start, end, proposal.value)
    return evidence_for_value(raw_text, path, proposal.value)
