"""Evidence follows edits: what a person changes in a persona, its evidence must not misquote.

unchanged value, also in another place of its list   keeps its evidence, under the new pointer
changed or new value whose words stand in the text   gets evidence of origin "human"
changed or new value otherwise                       has no evidence: it is the person's word
deleted value                                        takes its evidence with it
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from services.evidence.claims import Evidence, Support
from services.evidence.pointers import claims_of_persona, nodes, pointer
from services.evidence.text.alignment import Aligner
from services.evidence.text.graphemes import boundary_at_or_after, boundary_at_or_before

HUMAN = "human"
_SHORTEST_LOOKUP = 3  # characters; shorter values stand in any text by chance
_MOST_LOOKUPS = 1_000  # of new values in the text; a whole pasted document may have more
_MOST_COMPARISONS = 100_000  # of changed list items with each other, before going by position


def follow_edits(
    old_persona: dict[str, Any],
    new_persona: dict[str, Any],
    evidence: Iterable[Evidence],
    raw_text: str,
) -> list[Evidence]:
    """The evidence of `new_persona`, given that of `old_persona`; every entry holds in `raw_text`.

    Any nested JSON will do. In the order of the new persona's values. If the raw text was edited
    too, words that stand elsewhere in it are followed there, and words that are gone are dropped.
    """
    aligner = Aligner(raw_text)
    moves = moved_places(old_persona, new_persona)
    refiled = _refiled(old_persona, new_persona, moves)
    kept: dict[str, list[Evidence]] = defaultdict(list)
    for item in evidence:
        path = moves.get(item.path, refiled.get(item.path))
        held = _held(item, aligner)
        if path is not None and held:
            origin = held.origin if item.path in moves else "human"
            kept[path].append(replace(held, path=path, origin=origin))
    settled = {*moves.values(), *refiled.values()}
    changed = [claim for claim in claims_of_persona(new_persona) if claim[0] not in settled]
    for path, value in changed[:_MOST_LOOKUPS]:
        found = evidence_for_value(aligner, path, value)
        if found:
            kept[path].append(found)
    return [item for path, _ in nodes(new_persona) for item in kept.get(path, [])]


def evidence_of_new(persona: dict[str, Any], raw_text: str) -> list[Evidence]:
    """The evidence of a persona that nobody has seen before: follow_edits from none, but faster."""
    aligner = Aligner(raw_text)
    claims = claims_of_persona(persona)[:_MOST_LOOKUPS]
    found = (evidence_for_value(aligner, path, value) for path, value in claims)
    return [item for item in found if item]


def evidence_for_value(text: str | Aligner, path: str, value: Any) -> Evidence | None:
    """Evidence for a value a person gave, if it stands in the text in so many words."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    written = str(value).strip()
    aligner = text if isinstance(text, Aligner) else Aligner(text)
    if len(written) < _SHORTEST_LOOKUP:
        return _evidence_for_number(aligner.text, path, written)
    found = aligner.find_literal(written)
    if found is None:
        return None
    quote = aligner.text[found.start : found.end]
    return Evidence(
        path, quote, found.start, found.end, "stated", found.score, HUMAN, origin="human"
    )


def _evidence_for_number(text: str, path: str, written: str) -> Evidence | None:
    """Evidence for two digits that stand in the text alone ("36,") and once: an age, say."""
    if not re.fullmatch(r"[1-9][0-9]", written):
        return None
    found = [*re.finditer(rf"(?<![\w.,:/-]){written}(?!\w|[.,:/-]\d)", text)]
    if len(found) != 1:
        return None
    start, end = found[0].span()
    return Evidence(path, written, start, end, "stated", 100.0, HUMAN, origin="human")


def evidence_for_words(
    raw_text: str, path: str, start: int, end: int, value: Any = None
) -> Evidence:
    """Evidence from words a person marked: raw_text[start:end], widened to whole characters.

    "stated" if `value` stands in them, else "inferred". Raises ValueError if nothing is marked.
    """
    start, end = max(0, start), min(end, len(raw_text))
    if start >= end or not raw_text[start:end].strip():
        raise ValueError("no words are marked")
    start = boundary_at_or_before(raw_text, start)
    end = boundary_at_or_after(raw_text, end)
    quote = raw_text[start:end]
    stands = value is not None and Aligner(quote).find_literal(str(value)) is not None
    support: Support = "stated" if stands else "inferred"
    return Evidence(path, quote, start, end, support, 100.0, HUMAN, origin="human")


def _held(item: Evidence, aligner: Aligner) -> Evidence | None:
    """The evidence where its words stand now, None if they are gone."""
    if item.holds(aligner.text):
        return item
    found = aligner.find_literal(item.quote, near=item.start)
    if found is None or found.method != "exact":
        return None
    quote = aligner.text[found.start : found.end]
    return replace(item, quote=quote, start=found.start, end=found.end)


def moved_places(old: Any, new: Any) -> dict[str, str]:
    """Old pointer → new pointer, of every container that stays and every unchanged value.

    Items of a list are followed to where they stand now.
    """
    moves: dict[str, str] = {}
    pairs: list[tuple[str, Any, str, Any]] = [("", old, "", new)]
    while pairs:
        old_path, old_node, new_path, new_node = pairs.pop()
        if isinstance(old_node, dict) and isinstance(new_node, dict):
            moves[old_path] = new_path
            for key in old_node.keys() & new_node.keys():
                step = pointer(key)
                pairs.append((old_path + step, old_node[key], new_path + step, new_node[key]))
        elif isinstance(old_node, list) and isinstance(new_node, list):
            moves[old_path] = new_path
            for i, j in _paired_items(old_node, new_node):
                pairs.append(
                    (old_path + pointer(i), old_node[i], new_path + pointer(j), new_node[j])
                )
        elif _key(old_node) == _key(new_node):
            moves[old_path] = new_path
    return moves


def _refiled(old: Any, new: Any, moves: dict[str, str]) -> dict[str, str]:
    """Old pointer → new pointer, of words that left one field and stand in another now."""
    taken = set(moves.values())
    places: dict[str, deque[str]] = defaultdict(deque)
    for path, value in claims_of_persona(new):
        if path not in taken and _is_words(value):
            places[_key(value)].append(path)
    return {
        path: places[_key(value)].popleft()
        for path, value in claims_of_persona(old)
        if path not in moves and _is_words(value) and places[_key(value)]
    }


def _is_words(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) >= _SHORTEST_LOOKUP


def _paired_items(old: list[Any], new: list[Any]) -> list[tuple[int, int]]:
    """Which item of the new list each old one became: equal ones first, then the most alike."""
    pairs = _equal_items(old, new)
    left = sorted(set(range(len(old))) - {i for i, _ in pairs})
    open_places = sorted(set(range(len(new))) - {j for _, j in pairs})
    return pairs + _alike_items(old, new, left, open_places)


def _equal_items(old: list[Any], new: list[Any]) -> list[tuple[int, int]]:
    old_keys, new_keys = [_key(item) for item in old], [_key(item) for item in new]
    pairs = [(i, i) for i, (a, b) in enumerate(zip(old_keys, new_keys, strict=False)) if a == b]
    in_place = {i for i, _ in pairs}
    places: dict[str, deque[int]] = defaultdict(deque)
    for j, key in enumerate(new_keys):
        if j not in in_place:
            places[key].append(j)
    for i, key in enumerate(old_keys):
        if i not in in_place and places[key]:
            pairs.append((i, places[key].popleft()))
    return pairs


def _alike_items(
    old: list[Any], new: list[Any], left: list[int], open_places: list[int]
) -> list[tuple[int, int]]:
    """Changed objects and lists, paired by the values they share; scalars are not alike."""
    left = [i for i in left if isinstance(old[i], dict | list)]
    open_places = [j for j in open_places if isinstance(new[j], dict | list)]
    if len(left) * len(open_places) > _MOST_COMPARISONS:
        free = set(open_places)
        return [(i, i) for i in left if i in free]
    contents = {("old", i): _contents(old[i]) for i in left}
    contents |= {("new", j): _contents(new[j]) for j in open_places}
    ranked = sorted(
        (-len(contents["old", i] & contents["new", j]), abs(i - j), i, j)
        for i in left
        for j in open_places
    )
    pairs: list[tuple[int, int]] = []
    for shared, _, i, j in ranked:
        if shared and i in left and j in open_places:
            pairs.append((i, j))
            left.remove(i)
            open_places.remove(j)
    return pairs


def _contents(node: Any) -> set[tuple[str, str]]:
    return {
        (path, _key(value)) for path, value in nodes(node) if not isinstance(value, dict | list)
    }


def _key(node: Any) -> str:
    return json.dumps(node, sort_keys=True, ensure_ascii=True, default=str)
