"""What is refused as a persona, where, and in which words; and that nothing else is."""

import datetime
import json
import math
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.errors import InvalidPersonaError
from services.personas.validation import (
    MAX_BYTES,
    MAX_DEPTH,
    check_persona,
    parse_persona,
    read_json,
)


def refused(call: Callable[..., object], value: object) -> InvalidPersonaError:
    with pytest.raises(InvalidPersonaError) as caught:
        call(value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1 "b": 2}', 1, 8, "comma is missing"),
        ('{\n  "a": 1\n  "b": 2\n}', 2, 9, "comma is missing"),
        ('{"a": [1, 2}', 1, 12, "does not close"),
        ('{"a": 1,}', 1, 9, "nothing follows the comma"),
        ('{"a": [1,]}', 1, 10, "nothing follows the comma"),
        ('{"a" 1}', 1, 6, "colon is missing"),
        ("{'a': 1}", 1, 2, "wrong quotes"),
        ('{"a": ‘b’}', 1, 7, "wrong quotes"),
        ("{a: 1}", 1, 2, "name of an entry"),
        ('{"a": b}', 1, 7, "double quotes"),
        ('{"a": True}', 1, 7, "small letters"),
        ('{"a": None}', 1, 7, "no None"),
        ('{"a": 01}', 1, 8, "cannot begin with 0"),
        ('{"a": +1}', 1, 7, "not a number"),
        ('{"a": .5}', 1, 7, "not a number"),
        ('{"a": 1.}', 1, 8, "not a number"),
        ('{"a": 0x1F}', 1, 8, "not a number"),
        ('{"a": }', 1, 7, "value is expected"),
        ('{"a": "b', 1, 7, "never closed"),
        ('{"a": "b\nc"}', 1, 9, "line break or tab"),
        (r'{"a": "C:\path"}', 1, 10, "backslash"),
        (r'{"a": "\u12"}', 1, 9, "four hexadecimal digits"),
        ('{"a": 1} x', 1, 10, "after the end"),
        ('{"a": 1', 1, 8, "ends too early"),
        ('{"a":\n\n', 3, 1, "ends too early"),
        ("{ // why\n}", 1, 3, "comments"),
        ("", 1, 1, "nothing here"),
        (" \n", 2, 1, "nothing here"),
        ("[1]", 1, 1, "this is a list"),
        (' "text"', 1, 2, "must be a JSON object"),
        ("null", 1, 1, "must be a JSON object"),
        ('{"a": 1,\n "b": {"c": 1,\n "c": 2}}', 3, 2, "“c” stands twice"),
        (r'{"a": 1, "\u0061": 2}', 1, 10, "“a” stands twice"),
        ('{"a": [1, NaN]}', 1, 11, "NaN"),
        ('{"a": -Infinity}', 1, 7, "Infinity"),
        ('{"a": nan}', 1, 7, "NaN"),
        ('{"a": 1e400}', 1, 7, "kept exactly"),
        ('{"a": 1e-400}', 1, 7, "kept exactly"),
        ('{"a": 1e-99999999999999999999}', 1, 7, "kept exactly"),
        ('{"a": 9007199254740993}', 1, 7, "kept exactly"),
        ('{"a": 0.12345678901234567891}', 1, 7, "kept exactly"),
        ('{"a": ' + "9" * 5000 + "}", 1, 7, "kept exactly"),
        (r'{"a": {"b": "x\u0000"}}', 1, 13, "NUL"),
        (r'{"\u0000": 1}', 1, 2, "NUL"),
        (r'{"a": "\ud83d"}', 1, 7, "half of a character"),
        ('{"é😀": 1,\n"é😀": NaN}', 2, 1, "stands twice"),
    ],
)
def test_text_is_refused_at_its_place(text: str, line: int, column: int, words: str) -> None:
    error = refused(parse_persona, text)
    assert (error.line, error.column) == (line, column), str(error)
    assert words in error.problem
    assert error.problem.startswith(f"Line {line}, column {column}: ")
    assert error.advice


def nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    return '{"a":' + opening * levels + closing * levels + "}"


@pytest.mark.parametrize("levels", [MAX_DEPTH, 900, 200_000])
def test_deep_nesting_is_refused_without_a_crash(levels: int) -> None:
    error = refused(parse_persona, nested(levels))
    assert "nested deeper" in error.problem
    assert error.column == MAX_DEPTH + 5


def test_the_deepest_allowed_nesting_is_read() -> None:
    parse_persona(nested(MAX_DEPTH - 1))


def test_size_is_counted_in_bytes() -> None:
    fits = json.dumps({"a": "é" * (MAX_BYTES // 2 - 10)}, ensure_ascii=False)
    assert check_persona(parse_persona(fits))
    assert "larger than 5 MB" in refused(parse_persona, fits + " " * 20).problem
    assert "larger than 5 MB" in refused(check_persona, {"a": "é" * (MAX_BYTES // 2)}).problem


def test_what_is_allowed_stays_as_it_is() -> None:
    persona = {
        "name": "=HYPERLINK(1) <script> אבג 😀 e\u0301 \u2028 \x7f",
        "": {
            "10": [
                1,
                -0.5,
                1e20,
                10**23,
                2**53,
                1e308,
                5e-324,
                True,
                None,
                [],
                {},
            ]
        },
        "__proto__": "\ufeff\n\t\\ \"'",
    }
    assert parse_persona(json.dumps(persona)) == persona
    assert parse_persona("\ufeff" + json.dumps(persona, ensure_ascii=False)) == persona
    assert check_persona(persona) is persona


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1], "this is a list"),
        (None, "must be a JSON object"),
        ({"a": {"b": [1, math.nan]}}, "At a.b[1]: NaN"),
        ({"skills": [{"name": "x\x00"}]}, "At skills[0].name: it holds a NUL"),
        ({"a": "\udc00"}, "half of a character"),
        ({"a": {"x\x00": 1}}, "NUL"),
        ({"a": 2**53 + 1}, "kept exactly"),
        ({"a": 10**5000}, "kept exactly"),
        ({1: "a"}, "must be text"),
        ({"a": datetime.date(2026, 1, 1)}, "type date"),
        ({"a": {1, 2}}, "type set"),
        ({"a": b"x"}, "type bytes"),
    ],
)
def test_object_is_refused_with_its_path(value: object, words: str) -> None:
    error = refused(check_persona, value)
    assert words in error.problem
    assert error.line is None


def test_an_object_inside_itself_is_refused() -> None:
    loop: dict[str, object] = {}
    loop["a"] = loop
    assert "nested deeper" in refused(check_persona, loop).problem


def test_shared_parts_cannot_explode() -> None:
    value: dict[str, object] = {"a": 1}
    for _ in range(90):
        value = {"a": value, "b": value}
    assert "larger than" in refused(check_persona, value).problem


STRINGS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | STRINGS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4),
    max_leaves=20,
)
PERSONAS = st.dictionaries(STRINGS, VALUES, max_size=5)


@given(PERSONAS, st.booleans(), st.sampled_from([None, 2]))
def test_every_json_object_is_read_back_equal(
    persona: dict[str, object], ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(persona, ensure_ascii=ascii_only, indent=indent)
    assert parse_persona(text) == persona == check_persona(persona)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(1e23)
def test_a_float_the_database_spells_out_is_still_accepted(number: float) -> None:
    """jsonb keeps 1e23 as 100000000000000000000000; editing such a persona must stay possible."""
    spelled = format(Decimal(repr(number)), "f")
    assert float(parse_persona('{"a": ' + spelled + "}")["a"]) == number


def test_a_float_in_seventeen_digits_is_accepted() -> None:
    assert parse_persona('{"a": 0.10000000000000001}') == {"a": 0.1}


@settings(max_examples=100)
@given(PERSONAS, st.data())
def test_damaged_text_is_refused_in_words_or_read(
    persona: dict[str, object], data: st.DataObject
) -> None:
    text = json.dumps(persona, ensure_ascii=False, indent=data.draw(st.sampled_from([None, 1])))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))
    damaged = text[:start] + data.draw(st.text(max_size=3)) + text[end:]
    try:
        check_persona(parse_persona(damaged))
    except InvalidPersonaError as error:
        place_is_in_text(damaged, error)


@given(st.text(alphabet='{}[],:"\\ \n019.eE+-NaIfinitytrufalsn\x00\ud800é', max_size=30))
def test_any_text_is_refused_in_words_or_read(text: str) -> None:
    try:
        check_persona(parse_persona(text))
    except InvalidPersonaError as error:
        place_is_in_text(text, error)


def place_is_in_text(text: str, error: InvalidPersonaError) -> None:
    assert error.problem.endswith(".")
    assert error.advice.endswith((".", "!", ":"))
    assert error.line is not None and error.column is not None
    lines = text.split("\n")
    assert 1 <= error.line <= len(lines)
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1


def test_a_large_persona_is_read_fast() -> None:
    text = json.dumps({f"key {i}": {"value": "x" * 100, "score": i / 7} for i in range(6_000)})
    begun = time.monotonic()
    parse_persona(text)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ('{"a": {"b": 1, "b": 2}, "a": NaN}', (1, 16), "twice"),
        ('{"a": {"c": NaN, "b": 1, "b": 2}}', (1, 13), "NaN"),
        ('{"a": 1, "a": {"b": 1, "b": 2}}', (1, 10), "“a” stands twice"),
        ('{"x": ["a", "a", {"\\u0061": 1,\n"a": 2}]}', (2, 1), "“a” stands twice"),
        ('{"{\\"}": ":", "b": [{}, {"{\\"}": 1}], "{\\"}": 2}', (1, 39), "twice"),
        ('{"a": 1, "a": 2} "\\x', (1, 10), "twice"),
        ('{"a": 1e400, "b" 1}', (1, 7), "digits"),
        ('{"a": "\\u0000", "b" 1}', (1, 21), "colon"),
        ('{"a": ' + "9" * 5000 + ', "b" 1}', (1, 7), "digits"),
        ('{"a": "[[", "b": ' + "[" * 100 + "]" * 100 + "}", (1, 117), "deeper"),
        ('{"a": ' + "[" * 100_000, (1, 106), "deeper"),
        ('{"a": "\\ud83d\\ude00\\ude00"}', (1, 7), "half of a character"),
    ],
)
def test_the_first_fault_is_the_one_that_is_told(
    text: str, place: tuple[int, int], problem: str
) -> None:
    with pytest.raises(InvalidPersonaError, match=problem) as caught:
        parse_persona(text)
    assert (caught.value.line, caught.value.column) == place


def test_the_name_that_stands_twice_is_found_among_very_many() -> None:
    names = ",".join(f'"k{number}":1' for number in range(400_000))
    with pytest.raises(InvalidPersonaError, match="“k399999” stands twice"):
        read_json(f'{{{names},"k399999":2}}')


@pytest.mark.parametrize("end", ['{"a":1,"a":2}', "NaN", '"\\u0000"', "[" * 100 + "]" * 100, "1 1"])
def test_something_at_the_end_of_five_megabytes_is_refused(end: str) -> None:
    text = '{"list":[' + '{"a":1,"b":"x"},' * 320_000 + end + "]}"
    with pytest.raises(InvalidPersonaError):
        parse_persona(text)
