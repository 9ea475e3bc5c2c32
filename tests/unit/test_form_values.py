"""A persona in a form and back: what nobody touches stays, what is typed gets its kind."""

from __future__ import annotations

from typing import Any

import pytest

from pages.ui.persona.edit.form_values import Typed, edited, form_fields
from pages.ui.persona.edit.hints import type_hints

ODD = {
    "zeta": 1.0,
    "role": {"now": "nurse"},
    "skills": ["SQL", 3, True],
    "goals": ["", "rest"],
    "name": " Ada\r\nB ",
    "age": None,
}


def test_fields_stand_in_their_order_and_what_no_form_shows_is_json() -> None:
    fields = {field.name: field for field in form_fields(ODD)}
    assert list(fields)[:3] == ["name", "age", "role"]
    assert list(fields)[-1] == "zeta"
    assert {name for name, field in fields.items() if field.kind == "json"} == {"role", "goals"}
    assert fields["skills"].value == ["SQL", "3", "true"]
    assert not fields["zeta"].is_known
    assert form_fields({"zeta": ["a", blank := "\u2003\ufeff"], "note": blank})[-2].kind == "json"


def test_a_list_of_thousands_is_json() -> None:
    for number, kind in ((500, "list"), (20_000, "json")):
        (field,) = [one for one in form_fields({"zeta": ["a"] * number}) if one.name == "zeta"]
        assert field.kind == kind


@pytest.mark.parametrize(
    "edits",
    [[], [("zeta", "1.0"), ("skills", ["SQL", "3", "true"])], [("role", "x"), ("age", "")]],
)
def test_what_is_as_before_changes_nothing(edits: list[tuple[str, Typed]]) -> None:
    assert repr(edited(ODD, edits)["zeta"]) == "1.0"
    expected = {**ODD, "age": None}
    assert {**edited(ODD, edits), "age": None} == expected


@pytest.mark.parametrize(
    ("before", "name", "typed", "after"),
    [
        (None, "age", "36", 36),
        ("old", "age", "36", 36),
        ("35", "age", "36", "36"),
        (36, "age", "old", "old"),
        (None, "age", "9" * 20, "9" * 20),
        (None, "role", "36", "36"),
        (36, "age", "37\u00a0", 37),
        (None, "age", "\u2003 37", 37),
        (0.1234567, "zeta", "0.1234568", 0.1234568),
        (1e22, "zeta", "1e+23", 1e23),
        (1, "zeta", "1e400", "1e400"),
        (1, "zeta", "9007199254740993", "9007199254740993"),
        (1, "zeta", "2.5", 2.5),
        (True, "zeta", "false", False),
        ("a", "zeta", "", None),
        (["a", 1], "skills", ["1", "", "b"], [1, "b"]),
        (["a"], "skills", [" ", "\ufeff"], None),
        (["1", 1, "a"], "skills", ["1", "1", "b"], ["1", 1, "b"]),
        ([1], "skills", ["1", "1"], [1, 1]),
        (["a\r\nb\rc", "d"], "skills", ["a\nb\nc", "e"], ["a\r\nb\rc", "e"]),
        ("a\r\nb", "zeta", "a\nb", "a\r\nb"),
        ("a", "zeta", "x\x00\ud800y\u202e", "xy\u202e"),
        ("a", "zeta", None, None),
    ],
)
def test_what_is_typed_gets_its_kind(before: Any, name: str, typed: Typed, after: Any) -> None:
    base = {} if before is None else {name: before}
    found = edited(base, [(name, typed)]).get(name)
    assert repr(found) == repr(after)


def test_a_value_of_another_kind_has_a_hint() -> None:
    assert type_hints({"age": "old", "role": ["a"], "goals": "b", "zeta": []}) == {
        "age": "Age usually holds a number",
        "role": "Role usually holds one value",
        "goals": "Goals usually holds a list: [ … ]",
    }
