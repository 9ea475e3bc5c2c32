"""What goes into a CSV comes back equal, and nothing in it runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personas.models import Persona
from tests.csv_personas import from_csv, to_csv

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝")

storable_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | storable_text,
    lambda children: st.lists(children) | st.dictionaries(storable_text, children),
    max_leaves=12,
)


def stored(persona: dict[str, Any], raw_text: str = "text") -> Persona:
    return Persona(id=uuid4(), raw_text=raw_text, persona=persona, created_at=AT, updated_at=AT)


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@given(st.lists(st.tuples(st.dictionaries(storable_text, json_values), storable_text), max_size=4))
def test_any_persona_comes_back_equal(rows: list[tuple[dict[str, Any], str]]) -> None:
    personas = [stored(persona, text) for persona, text in rows]
    assert list(from_csv(to_csv(personas).content)) == personas


@pytest.mark.parametrize(
    "value", ["5", "true", "null", "NaN", '"quoted"', "[1]", "{}", "", " 7 ", "'apostrophe", "1e5"]
)
def test_strings_that_look_like_json_stay_strings(value: str) -> None:
    (back,) = from_csv(to_csv([stored({"v": value})]).content)
    assert back.persona == {"v": value}


def test_values_keep_their_type() -> None:
    persona = {"i": 1, "f": 1.5, "b": True, "n": None, "l": [], "o": {}, "negative": -5}
    (back,) = from_csv(to_csv([stored(persona)]).content)
    assert back.persona == persona
    assert back.persona["b"] is True


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1+1", "＝1"],
)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    file = to_csv([stored({"field": text, "list": [text]}, raw_text=text)])
    body = cells(file.content)[1]
    assert not [cell for cell in body if cell.lstrip(" \n").startswith(FORMULA_STARTS)]
    (back,) = from_csv(file.content)
    assert (back.raw_text, back.persona["field"]) == (text, text)


def test_columns_are_stable_and_sorted() -> None:
    first, second = stored({"b": 1, "a": {"y": 1, "x": 2}}), stored({"c.d": 1, "b": 2})
    head = cells(to_csv([first, second]).content)[0]
    fixed = ["id", "created_at", "updated_at", "raw_text"]
    assert head == [*fixed, "persona.a.x", "persona.a.y", "persona.b", "persona.c\\.d"]
    assert head == cells(to_csv([second, first]).content)[0]


def test_the_file_says_it_is_utf8_and_counts_its_rows() -> None:
    file = to_csv([stored({"name": "Zoë 👩‍🔬 שלום"})])
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert file.rows == 1
    assert to_csv([]).rows == 0
