"""Who set each field of a persona: a map from JSON Pointer to "model" or "human", kept with it.

    follow_origins(old, new, origins)        a person changed old into new
    follow_origins(..., by="model")          a generation did

A value that stays keeps its origin, also in another place of its list. A value that is new or
changed belongs to whoever changed it. What a person takes away is remembered as well, so that no
generation brings it back unasked: a removed field as "human" at its own pointer, a removed item of
a list as "human" at the pointer of the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.evidence.claims import Evidence, Origin
from services.evidence.edits import moved_places
from services.evidence.pointers import is_within, nodes, pointer
from services.evidence.schema import SUMMARY
from services.evidence.summary import write_summary

_SUMMARY = pointer(SUMMARY)
Origins = dict[str, Origin]


def all_of(persona: dict[str, Any], origin: Origin) -> Origins:
    """Every value of the persona with the same origin."""
    return {path: origin for path, _ in _leaves(persona)}


def origins_of(
    stored: Any, persona: dict[str, Any], evidence: Iterable[Evidence], *, generated: bool
) -> Origins:
    """The stored map, completed where it is silent (rows written before there was one).

    What it leaves out was set by a person if its evidence says so or if no engine drafted the
    persona, else by the model. Never raises.
    """
    known = _readable(stored)
    human = {item.path for item in evidence if item.origin == "human"}
    for path, _ in _leaves(persona):
        by_hand = path in human or not generated
        known.setdefault(path, "human" if by_hand else "model")
    return known


def follow_origins(
    old: dict[str, Any], new: dict[str, Any], origins: Mapping[str, Origin], by: Origin = "human"
) -> Origins:
    """The origins of `new`, given those of `old`, which `by` changed into it.

    Every value of `new` has an entry; what `origins` leaves out counts as the model's.
    """
    moves = moved_places(old, new)
    came_from = {new_path: old_path for old_path, new_path in moves.items()}
    followed: Origins = _removals(origins, old, new, moves)
    if by == "human":
        followed |= dict.fromkeys(_newly_removed(old, new, moves), "human")
    for path, _ in _leaves(new):
        before = came_from.get(path)
        followed[path] = by if before is None else origins.get(before, "model")
    if new.get(SUMMARY, "") == write_summary(new):  # written from the claims, by nobody
        followed.pop(_SUMMARY, None)
        followed |= {_SUMMARY: "model"} if SUMMARY in new else {}
    return followed


def set_by_human(origins: Mapping[str, Origin], path: str) -> bool:
    """Whether a person set, or took away, what stands at `path` or anything within it."""
    return any(origin == "human" and is_within(place, path) for place, origin in origins.items())


def _leaves(persona: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return ((path, value) for path, value in nodes(persona) if not isinstance(value, dict | list))


def _readable(stored: Any) -> Origins:
    if not isinstance(stored, dict):
        return {}
    return {
        path: "human" if origin == "human" else "model"
        for path, origin in stored.items()
        if origin in ("human", "model")
    }


def _removals(
    origins: Mapping[str, Origin], old: dict[str, Any], new: dict[str, Any], moves: dict[str, str]
) -> Origins:
    """What people took away earlier, as far as it did not come back."""
    leaves = {path for path, _ in _leaves(old)}
    places = dict(nodes(new))
    kept: Origins = {}
    for path, origin in origins.items():
        if path in leaves:
            continue
        place = moves.get(path, _in_moved_parent(path, moves))
        if place is not None and isinstance(places.get(place, []), list):
            kept[place] = origin
    return kept


def _newly_removed(
    old: dict[str, Any], new: dict[str, Any], moves: dict[str, str]
) -> Iterable[str]:
    """The pointers to mark for what `new` has no more; one for a whole branch."""
    there = {path for path, _ in nodes(new)}
    lists = {path for path, value in nodes(old) if isinstance(value, list)}
    for path, _ in nodes(old):
        parent = path.rpartition("/")[0]
        if not path or path in moves or parent not in moves:
            continue
        if parent in lists:
            yield moves[parent]
        elif (place := moves[parent] + path[len(parent) :]) not in there:
            yield place


def _in_moved_parent(path: str, moves: dict[str, str]) -> str | None:
    """Where a removed field stands now, whose object may have moved within a list."""
    parent, _, name = path.rpartition("/")
    return f"{moves[parent]}/{name}" if parent in moves else None
