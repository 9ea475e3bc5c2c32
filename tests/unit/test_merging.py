"""The three-way merge: nothing of either side is lost, and only true collisions ask."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personas.differences.three_way_merge import (
    ABSENT,
    Collision,
    merge,
    put,
    same,
    value_at,
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([1.0, 0.5])
    | st.text("ab~/é", max_size=3)
)
lists = st.lists(scalars, max_size=4)
values = st.recursive(
    scalars | lists,
    lambda inner: (
        st.dictionaries(st.sampled_from(["x", "y", "a/b"]), inner, max_size=3)
        | st.lists(inner, max_size=2)
    ),
    max_leaves=6,
)
personas = st.dictionaries(st.sampled_from(["name", "role", "goals", "~t/", ""]), values)


def paths(base: Any, theirs: Any, mine: Any) -> list[str]:
    return [collision.path for collision in merge(base, theirs, mine).collisions]


# ------------------------------------------------------------------ properties


@given(base=personas, edited=personas)
def test_an_edit_of_one_side_alone_is_taken_whole(
    base: dict[str, Any], edited: dict[str, Any]
) -> None:
    for theirs, mine in ((edited, base), (base, edited), (edited, edited)):
        found = merge(base, theirs, mine)
        assert found.collisions == ()
        assert same(found.persona, edited)


@given(base=personas, theirs=personas, mine=personas)
def test_the_sides_may_be_swapped(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    one, other = merge(base, theirs, mine), merge(base, mine, theirs)
    assert {c.path for c in one.collisions} == {c.path for c in other.collisions}
    for collision in one.collisions:
        assert same(value_at(one.persona, collision.path), collision.theirs)
        assert same(value_at(other.persona, collision.path), collision.mine)


@given(base=personas, theirs=personas, mine=personas)
def test_every_collision_is_one_and_has_all_three_values(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    for found in merge(base, theirs, mine).collisions:
        assert not same(found.theirs, found.mine)
        assert not same(found.base, found.theirs)
        assert not same(found.base, found.mine)
        assert same(value_at(theirs, found.path), found.theirs)
        assert same(value_at(mine, found.path), found.mine)


@given(base=personas, theirs=personas, mine=personas)
def test_what_only_one_side_changed_is_in_the_result(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    merged = merge(base, theirs, mine).persona
    for name in {*base, *theirs, *mine}:
        was, is_now, would_be = (side.get(name, ABSENT) for side in (base, theirs, mine))
        if same(was, is_now):
            assert same(merged.get(name, ABSENT), would_be)
        elif same(was, would_be):
            assert same(merged.get(name, ABSENT), is_now)


@given(base=personas, theirs=personas, mine=personas)
def test_the_choice_decides_and_merging_again_changes_nothing(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    before = deepcopy((base, theirs, mine))
    found = merge(base, theirs, mine)
    for side in ("theirs", "mine"):
        persona = found.resolved(dict.fromkeys((c.path for c in found.collisions), side))
        for collision in found.collisions:
            assert same(value_at(persona, collision.path), getattr(collision, side))
        assert same(merge(theirs, theirs, persona).persona, persona)
    assert json.dumps(before) == json.dumps((base, theirs, mine))


@given(base=st.sets(scalars, max_size=5), data=st.data())
def test_lists_keep_what_either_added_and_drop_what_either_removed(
    base: set[Any], data: st.DataObject
) -> None:
    items = list(base)
    removed = data.draw(st.sets(st.sampled_from(items))) if items else set()
    theirs = [item for item in items if item not in removed]
    mine = [*items, "added at the end"]
    found = merge({"l": items}, {"l": theirs}, {"l": mine})
    assert found.collisions == ()
    assert found.persona["l"] == [*theirs, "added at the end"]


# ------------------------------------------------------------------ examples


def test_different_fields_merge() -> None:
    base = {"name": "Ada", "address": {"city": "London", "zip": "1"}}
    theirs = {"name": "Ada", "address": {"city": "Bath", "zip": "1"}, "role": "analyst"}
    mine = {"name": "Ada King", "address": {"city": "London"}}
    found = merge(base, theirs, mine)
    assert found.collisions == ()
    assert found.persona == {"name": "Ada King", "address": {"city": "Bath"}, "role": "analyst"}


def test_the_same_field_collides_with_its_three_values() -> None:
    found = merge({"a": {"b/c": 1}}, {"a": {"b/c": 2}}, {"a": {"b/c": 3}})
    assert found.collisions == (Collision("/a/b~1c", 1, 2, 3),)


def test_an_object_taken_out_by_one_and_edited_by_the_other_collides_as_a_whole() -> None:
    base = {"a": {"b": 1, "c": 2}}
    found = merge(base, {}, {"a": {"b": 9, "c": 2}})
    assert found.collisions == (Collision("/a", {"b": 1, "c": 2}, ABSENT, {"b": 9, "c": 2}),)
    assert found.resolved({}) == {}
    assert found.resolved({"/a": "mine"}) == {"a": {"b": 9, "c": 2}}


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "merged"),
    [
        (["a"], ["a", "b"], ["a", "c"], ["a", "b", "c"]),
        (["a"], ["b", "a"], ["a", "c"], ["b", "a", "c"]),
        (["a", "b"], ["b"], ["a", "b", "c"], ["b", "c"]),
        (["a", "b", "c"], ["a"], ["b", "c"], []),
        (["a", "b"], ["x", "b"], ["a", "y"], ["x", "y"]),
        (["a"], ["a", "n"], ["a", "n", "m"], ["a", "n", "m"]),
        ([1, True, None], [1, True, None, "1"], [True, None], [True, None, "1"]),
    ],
)
def test_lists_that_merge(base: Any, theirs: Any, mine: Any, merged: Any) -> None:
    found = merge({"l": base}, {"l": theirs}, {"l": mine})
    assert (found.collisions, found.persona["l"]) == ((), merged)


@pytest.mark.parametrize(
    ("base", "theirs", "mine"),
    [
        (["a"], ["b"], ["c"]),  # both replaced it
        (["a"], ["b"], []),  # one replaced it, the other removed it
        (["a", "b"], ["b", "a"], ["a", "b", "c"]),  # another order
        (["a", "a"], ["a"], ["a", "a", "b"]),  # an item twice
        ([{"n": 1}], [{"n": 2}], [{"n": 1}, {"n": 3}]),  # objects inside
        ("a", ["a"], ["b"]),  # not a list before
    ],
)
def test_lists_that_collide(base: Any, theirs: Any, mine: Any) -> None:
    assert paths({"l": base}, {"l": theirs}, {"l": mine}) == ["/l"]


def test_numbers_are_compared_by_value_and_true_is_not_one() -> None:
    assert same({"a": [4, 10**22, 0]}, {"a": [4.0, 1e22, -0.0]})
    assert not same(1.0, True) and not same(4, 4.5) and not same(2**53, 2**53 + 1)
    assert merge({"a": 1}, {"a": 2}, {"a": 2.0}).collisions == ()
    assert merge({"a": 1}, {"a": True}, {"a": 1}).persona == {"a": True}
    assert paths({"a": 0}, {"a": True}, {"a": 1}) == ["/a"]


def test_put_makes_and_takes_out() -> None:
    persona: dict[str, Any] = {"a": {"b": 1}}
    put(persona, "/a/c/d", 2)
    put(persona, "/a/b", ABSENT)
    put(persona, "/x/y", ABSENT)
    assert persona == {"a": {"c": {"d": 2}}}
    with pytest.raises(ValueError, match="no object"):
        put(persona, "/a/c/d/e", 3)
