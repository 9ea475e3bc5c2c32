"""The differences between two personas."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.personas.differences.changes import Change, changes

scalars = st.none() | st.booleans() | st.integers() | st.text()
objects = st.recursive(
    st.dictionaries(st.text(), scalars),
    lambda children: st.dictionaries(st.text(), children | st.lists(children | scalars)),
    max_leaves=8,
)


def test_each_kind_names_its_path() -> None:
    old = {"name": "Ada", "role": "chemist", "skills": ["a", "b"], "a/b": {"~": 1}}
    new = {"name": "Ada", "skills": ["a", "c", "d"], "a/b": {"~": 2}, "age": 41}
    assert changes(old, new) == [
        Change("/age", "added", after=41),
        Change("/skills/1", "changed", "b", "c"),
        Change("/skills/2", "added", after="d"),
        Change("/a~1b/~0", "changed", 1, 2),
        Change("/role", "removed", before="chemist"),
    ]


def test_true_is_not_one() -> None:
    assert changes({"a": True}, {"a": 1}) == [Change("/a", "changed", True, 1)]


@given(objects)
def test_nothing_differs_from_itself(persona: dict[str, Any]) -> None:
    assert changes(persona, persona) == []
