"""Two edits of the same persona brought together, field by field; a three-way merge on JSON.

Of each value there are three states: `base`, from which both set out, `theirs` and `mine`.

only one side changed it              that side's value
both changed it to the same           that value
both are objects                      field by field
both are lists of different scalars   item by item (see below)
otherwise                             a collision: a person decides

Lists of scalars (text, numbers, true, false, null) whose items all differ are merged as sets that
keep an order: items that either side added are in, items that either side removed are out. They
collide as a whole if one side replaced an item that the other replaced or removed, or if a side
changed the order. Lists with objects, lists inside, or an item twice collide as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, Literal

from services.evidence.pointers import pointer, tokens

Side = Literal["theirs", "mine"]


class _Absent:
    """There is no such field."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __deepcopy__(self, memo: object) -> _Absent:
        return self


ABSENT = _Absent()


@dataclass(frozen=True)
class Collision:
    """A field that both changed, differently. Each value may be ABSENT."""

    path: str
    base: Any
    theirs: Any
    mine: Any


@dataclass(frozen=True)
class Merge:
    """What came out: `persona` has theirs where there is a collision."""

    persona: dict[str, Any]
    collisions: tuple[Collision, ...]

    def resolved(self, choices: Mapping[str, Side]) -> dict[str, Any]:
        """The persona with the chosen side at each collision; theirs where nothing is chosen."""
        persona = deepcopy(self.persona)
        for collision in self.collisions:
            if choices.get(collision.path) == "mine":
                put(persona, collision.path, collision.mine)
        return persona


def merge(base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> Merge:
    """Bring two edits of `base` together. The arguments stay as they are.

    Fields stand in their order, then what only mine has.
    """
    collisions: list[Collision] = []
    persona = _merge(base, theirs, mine, "", collisions)
    return Merge(deepcopy(persona), tuple(collisions))


def put(persona: dict[str, Any], path: str, value: Any) -> None:
    """Set the field at `path`, a pointer through objects, or take it out if `value` is ABSENT.

    Objects that are missing on the way are made. Raises ValueError if something else is there.
    """
    *parents, last = tokens(path)
    node: Any = persona
    for step in parents:
        if value is ABSENT and step not in node:
            return
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise ValueError("no object at this path")
    if value is ABSENT:
        node.pop(last, None)
    else:
        node[last] = deepcopy(value)


def value_at(persona: dict[str, Any], path: str) -> Any:
    """The value at `path`, a pointer through objects; ABSENT if there is none."""
    node: Any = persona
    for step in tokens(path):
        if not isinstance(node, dict) or step not in node:
            return ABSENT
        node = node[step]
    return node


def same(one: Any, other: Any) -> bool:
    """Equal as JSON, and to the database: the order of names does not matter, nor how a number is
    written (4.0 is 4); true is not 1."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return _key(one) == _key(other)


def _merge(base: Any, theirs: Any, mine: Any, path: str, collisions: list[Collision]) -> Any:
    if same(theirs, mine) or same(base, mine):
        return theirs
    if same(base, theirs):
        return mine
    if isinstance(theirs, dict) and isinstance(mine, dict):
        return _merge_objects(base, theirs, mine, path, collisions)
    together = _merge_lists(base, theirs, mine)
    if together is None:
        collisions.append(Collision(path, *deepcopy((base, theirs, mine))))
        return theirs
    return together


def _merge_objects(
    base: Any, theirs: dict[str, Any], mine: dict[str, Any], path: str, collisions: list[Collision]
) -> dict[str, Any]:
    before = base if isinstance(base, dict) else {}
    merged = {}
    for name in dict.fromkeys([*theirs, *mine]):
        was, is_now, would_be = (side.get(name, ABSENT) for side in (before, theirs, mine))
        value = _merge(was, is_now, would_be, path + pointer(name), collisions)
        if value is not ABSENT:
            merged[name] = value
    return merged


def _merge_lists(base: Any, theirs: Any, mine: Any) -> list[Any] | None:
    """The list with both edits, None if they collide."""
    before = [] if base is ABSENT else base
    if not all(_is_set_of_scalars(side) for side in (before, theirs, mine)):
        return None
    if not (_keeps_order(before, theirs) and _keeps_order(before, mine)):
        return None
    left, right = _Edits.between(before, theirs), _Edits.between(before, mine)
    if left.replaced & (right.replaced | right.removed) or right.replaced & left.removed:
        return None
    merged: dict[str, Any] = {}
    for place in range(len(before) + 1):
        items = [*left.added.get(place, []), *right.added.get(place, [])]
        if place < len(before) and place not in left.gone | right.gone:
            items.append(before[place])
        for item in items:
            merged.setdefault(_key(item), item)
    return list(merged.values())


@dataclass(frozen=True)
class _Edits:
    """What one side did to a list, by places of the base: added in front, replaced, removed."""

    added: dict[int, list[Any]]
    replaced: set[int]
    removed: set[int]

    @property
    def gone(self) -> set[int]:
        return self.replaced | self.removed

    @classmethod
    def between(cls, base: list[Any], side: list[Any]) -> _Edits:
        keys = [_key(item) for item in base], [_key(item) for item in side]
        edits = cls({}, set(), set())
        for tag, start, end, new_start, new_end in SequenceMatcher(
            None, *keys, autojunk=False
        ).get_opcodes():
            if tag in ("insert", "replace"):
                edits.added[start] = side[new_start:new_end]
            if tag in ("replace", "delete"):
                (edits.replaced if tag == "replace" else edits.removed).update(range(start, end))
        return edits


def _is_set_of_scalars(value: Any) -> bool:
    if not isinstance(value, list) or any(isinstance(item, dict | list) for item in value):
        return False
    return len({_key(item) for item in value}) == len(value)


def _keeps_order(base: list[Any], side: list[Any]) -> bool:
    before, after = [_key(item) for item in base], [_key(item) for item in side]
    kept = set(before) & set(after)
    return [key for key in before if key in kept] == [key for key in after if key in kept]


def _key(value: Any) -> str:
    return json.dumps(_by_value(value), sort_keys=True)


def _by_value(value: Any) -> Any:
    """With whole numbers as the database gives them back: without decimals."""
    match value:
        case float() if value.is_integer():
            return int(Decimal(repr(value)))
        case list():
            return [_by_value(item) for item in value]
        case dict():
            return {name: _by_value(item) for name, item in value.items()}
    return value
