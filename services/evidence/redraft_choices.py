"""A new draft taken over: the persona with the differences that the analyst chose."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.evidence.claims import (
    Evidence,
    Reason,
    evidence_to_json,
    rejected_from_json,
    rejected_to_json,
)
from services.evidence.edits import follow_edits
from services.evidence.pointers import is_within, pointer
from services.evidence.redraft import Difference, Redraft, Version, differences, proposals_of
from services.evidence.review import Review
from services.evidence.summary import resummarised
from services.evidence.value_origins import follow_origins

Decisions = Callable[[Review], Review]


def regenerated(
    current: Version,
    draft: Redraft,
    taken: Collection[str],
    decisions: Decisions = lambda review: review,
) -> dict[str, Any]:
    """The columns of the persona with the differences whose keys are in `taken`: one new version.

    Persona, evidence, generation and value origins belong together. Keys that are no difference
    (any more) take nothing. `decisions` is what a person did to the claims that come of it.
    """
    chosen = [difference for difference in differences(current, draft) if difference.key in taken]
    persona, drafted_at = _applied(current.persona, chosen)
    summarised = resummarised(current.persona, persona)
    origins = follow_origins(current.persona, summarised, current.origins, by="model")
    evidence = evidence_to_json(_evidence(current, draft, summarised, drafted_at))
    generation = _generation(current, draft)
    review = decisions(Review.of(current.raw_text, summarised, evidence, generation))
    return {**review.columns(), "origins": follow_origins(summarised, review.persona, origins)}


def _applied(
    persona: dict[str, Any], chosen: Sequence[Difference]
) -> tuple[dict[str, Any], dict[str, str]]:
    """A changed copy, and for each place that was taken over its place in the draft."""
    changed = copy.deepcopy(persona)
    drafted_at: dict[str, str] = {}
    for field in dict.fromkeys(difference.field for difference in chosen):
        mine = [difference for difference in chosen if difference.field == field]
        if mine[0].item:
            drafted_at |= _apply_items(changed, field, mine)
        elif mine[0].proposed is None:
            changed.pop(field, None)
        else:
            changed[field] = copy.deepcopy(mine[0].proposed)
            drafted_at[pointer(field)] = mine[0].drafted or ""
    return changed, drafted_at


def _apply_items(
    persona: dict[str, Any], field: str, chosen: Sequence[Difference]
) -> dict[str, str]:
    dropped = {difference.path for difference in chosen if difference.proposed is None}
    added = [difference for difference in chosen if difference.proposed is not None]
    before = persona.get(field) or []
    items = [item for i, item in enumerate(before) if pointer(field, i) not in dropped]
    places = {
        pointer(field, len(items) + number): difference.drafted or ""
        for number, difference in enumerate(added)
    }
    persona[field] = [*items, *(copy.deepcopy(difference.proposed) for difference in added)]
    if not persona[field]:
        del persona[field]
    return places


def _evidence(
    current: Version, draft: Redraft, persona: dict[str, Any], drafted_at: Mapping[str, str]
) -> list[Evidence]:
    """What stays keeps its words, what was taken over brings its own."""
    followed = follow_edits(current.persona, persona, current.evidence, current.raw_text)
    kept = [item for item in followed if _prefix(item.path, drafted_at) is None]
    drafted = [item for item in draft.evidence if item.holds(current.raw_text)]
    brought = [
        _moved(item, drafted_path, place)
        for place, drafted_path in drafted_at.items()
        for item in drafted
        if is_within(item.path, drafted_path)
    ]
    return [*kept, *brought]


def _moved(item: Evidence, drafted: str, place: str) -> Evidence:
    return replace(item, path=place + item.path[len(drafted) :])


def _prefix(path: str, places: Mapping[str, str]) -> str | None:
    return next((p for p in places if is_within(path, p)), None)


def _generation(current: Version, draft: Redraft) -> dict[str, Any]:
    """That of the draft; what a person took out before stays a proposal."""
    proposals = rejected_from_json(draft.generation.get("rejected"))
    proposals += [item for item in proposals_of(current) if item.reason == Reason.TAKEN_OUT]
    return {**draft.generation, "rejected": rejected_to_json(dict.fromkeys(proposals))}
