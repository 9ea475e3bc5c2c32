"""What a reviewer does to one claim: pure functions from one state of a persona to the next.

    accept          the claim and its words agree: noted beside its evidence
    take_out        the claim leaves the persona and becomes a proposal, so it can come back
    accept_proposal a proposal enters the persona as a person's claim
    add_words       words of the text are marked as evidence of a claim
    add_claim       a new claim from words of the text

Every function returns a new Review and leaves the one given as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from services.errors import InvalidInputError
from services.evidence.claims import (
    Evidence,
    Reason,
    Rejected,
    evidence_from_json,
    evidence_to_json,
    rejected_from_json,
    rejected_to_json,
)
from services.evidence.edits import evidence_for_words, follow_edits
from services.evidence.pointers import children, claims_of_persona, pointer, resolve, tokens
from services.evidence.proposals import accept as enter
from services.evidence.schema import SUMMARY
from services.evidence.summary import resummarised


@dataclass(frozen=True)
class Review:
    """A persona under review: its text, its JSON, the evidence, and the proposals kept out."""

    raw_text: str
    persona: dict[str, Any]
    evidence: tuple[Evidence, ...]
    proposals: tuple[Rejected, ...]
    generation: dict[str, Any] | None = None

    @classmethod
    def of(
        cls,
        raw_text: str,
        persona: dict[str, Any],
        evidence: list[dict[str, Any]],
        generation: dict[str, Any] | None,
    ) -> Review:
        """The review of a stored persona; entries that do not hold in its text are left out."""
        proposals = rejected_from_json((generation or {}).get("rejected"))
        found = evidence_from_json(evidence, raw_text)
        return cls(raw_text, persona, tuple(found), tuple(proposals), generation)

    def columns(self) -> dict[str, Any]:
        """What to store: persona, evidence and generation, all three together."""
        generation = {**(self.generation or {}), "rejected": rejected_to_json(self.proposals)}
        return {
            "persona": self.persona,
            "evidence": evidence_to_json(self.evidence),
            "generation": generation,
        }

    def value(self, path: str) -> Any:
        """The claim at `path`. Raises InvalidInputError if there is none."""
        claims = dict(claims_of_persona(self.persona))
        if path not in claims:
            raise _gone()
        return claims[path]

    def where(self, path: str, says: Callable[[Any], bool]) -> str:
        """Where the claim stands now that stood at `path` and of whose value `says` is true.

        What others did meanwhile may have moved it within its list. Raises InvalidInputError if it
        is not there any more.
        """
        claims = dict(claims_of_persona(self.persona))
        if path in claims and says(claims[path]):
            return path
        above = pointer(*tokens(path)[:-1])
        try:
            beside = resolve(self.persona, above)
        except KeyError:
            beside = None
        found = children(above, beside) if isinstance(beside, list) else ()
        moved = [at for at, value in found if says(value)]
        if len(moved) != 1:
            raise _gone()
        return moved[0]


def accept(review: Review, path: str) -> Review:
    """Note that a person agreed with the claim at `path` and its words."""
    review.value(path)
    evidence = tuple(
        replace(item, accepted=True) if item.path == path else item for item in review.evidence
    )
    return replace(review, evidence=evidence)


def take_out(review: Review, path: str) -> Review:
    """Take the claim at `path` out of the persona; it stays as a proposal."""
    value = review.value(path)
    words = next((item for item in review.evidence if item.path == path), None)
    field, *inside = tokens(path)
    in_list = len(inside) == 1 and isinstance(review.persona[field], list)
    plain = isinstance(value, str) and (not inside or in_list)
    proposal = Rejected(
        field=field,
        value=str(value),
        quote=words.quote if words else "",
        reason=Reason.TAKEN_OUT,
        start=words.start if words else None,
        end=words.end if words else None,
        path="" if plain else path,
        original=None if plain else value,
    )
    persona = _without(review.persona, path)
    return replace(_changed(review, persona), proposals=(*review.proposals, proposal))


def accept_proposal(review: Review, proposal: Rejected) -> Review:
    """Put a proposal into the persona as a person's claim; its words, if any, come with it.

    The value of a single field that it replaces becomes a proposal in its turn.
    """
    if proposal not in review.proposals:
        raise _gone()
    left = list(review.proposals)
    left.remove(proposal)
    return _entered(replace(review, proposals=tuple(left)), proposal)


def accept_both(review: Review, proposal: Rejected) -> Review:
    """Put a proposal beside the value of its single field; each keeps its words.

    What differs between the texts is then said in one value: "Leeds; York".
    """
    if proposal not in review.proposals:
        raise _gone()
    path = pointer(proposal.field)
    value = f"{review.value(path)}; {proposal.value}"
    words = [item for item in review.evidence if item.path == path]
    left = dismiss_proposal(review, proposal)
    changed = _changed(left, {**review.persona, proposal.field: value})
    for start, end in [*((item.start, item.end) for item in words), (proposal.start, proposal.end)]:
        if start is not None and end is not None:
            changed = add_words(changed, path, start, end)
    return changed


def dismiss_proposal(review: Review, proposal: Rejected) -> Review:
    """Forget a proposal for good."""
    left = tuple(item for item in review.proposals if item != proposal)
    return replace(review, proposals=left)


def add_words(review: Review, path: str, start: int, end: int) -> Review:
    """Mark raw_text[start:end] as evidence of the claim at `path`, beside what it has already."""
    value = review.value(path)
    found = replace(_words(review.raw_text, path, start, end, value), accepted=True)
    same = {(item.path, item.start, item.end) for item in review.evidence}
    if (found.path, found.start, found.end) in same:
        return accept(review, path)
    return replace(review, evidence=(*review.evidence, found))


def add_claim(review: Review, field: str, value: str, start: int, end: int) -> Review:
    """A new claim of a person, resting on raw_text[start:end]."""
    if not value.strip():
        raise InvalidInputError("The claim is empty.", "Say in a few words what the text states.")
    words = _words(review.raw_text, pointer(field), start, end, value)
    claim = Rejected(field, value.strip(), words.quote, Reason.TAKEN_OUT, words.start, words.end)
    return _entered(review, claim)


def _entered(review: Review, claim: Rejected) -> Review:
    review = _make_room(review, claim)
    before = {item.path for item in review.evidence}
    persona, found = enter(review.persona, review.evidence, claim, review.raw_text)
    evidence = tuple(
        item if item.path in before else replace(item, accepted=True) for item in found
    )
    return replace(review, persona=resummarised(review.persona, persona), evidence=evidence)


def _make_room(review: Review, claim: Rejected) -> Review:
    """Without the value of the single field that the claim would replace."""
    field = claim.field
    present = review.persona.get(field)
    if claim.path not in ("", pointer(field)) or present in (None, "") or field == SUMMARY:
        return review
    if isinstance(present, dict):
        raise InvalidInputError(
            f"“{field}” holds several values, which one claim would replace.",
            "Change them in Edit.",
        )
    return review if isinstance(present, list) else take_out(review, pointer(field))


def _gone() -> InvalidInputError:
    return InvalidInputError(
        "This claim is not there any more.", "Somebody changed the persona. Reload the page."
    )


def _words(raw_text: str, path: str, start: int, end: int, value: Any) -> Evidence:
    try:
        return evidence_for_words(raw_text, path, start, end, value)
    except ValueError:
        raise InvalidInputError(
            "No words are marked.", "Select the words in the text first."
        ) from None


def _changed(review: Review, persona: dict[str, Any]) -> Review:
    """The review of the changed persona: evidence follows."""
    persona = resummarised(review.persona, persona)
    evidence = follow_edits(review.persona, persona, review.evidence, review.raw_text)
    return replace(review, persona=persona, evidence=tuple(evidence))


def _without(persona: dict[str, Any], path: str) -> dict[str, Any]:
    """The persona without the value at `path`, and without what that leaves empty."""
    changed = deepcopy(persona)
    _remove(changed, tokens(path))
    return changed


def _remove(node: Any, steps: list[str]) -> None:
    key: Any = int(steps[0]) if isinstance(node, list) else steps[0]
    if len(steps) > 1:
        _remove(node[key], steps[1:])
    if len(steps) == 1 or node[key] in ({}, []):
        del node[key]
