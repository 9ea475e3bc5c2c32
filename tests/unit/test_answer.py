"""Answers are read tolerantly; what has no words of the text stays a proposal."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engines.model.answer import parse_answer
from services.errors import InvalidOutputError
from services.evidence.checking import check_claims
from services.evidence.claims import Reason
from services.evidence.schema import Claim, claims_of

TEXT = "Mara Quill, 41, keeps the lighthouse of Port Ellery. She paints boats on rainy days."


def claims(content: str) -> tuple[Claim, ...]:
    return claims_of(parse_answer(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"age": 41}', Claim("age", "41", "")),
        ('{"age": {"value": 41, "quote": 41}}', Claim("age", "41", "41")),
        ('{"age": {"value": 41.0, "quote": "41"}}', Claim("age", "41", "41")),
        ('{"name": "Mara Quill"}', Claim("name", "Mara Quill", "")),
        ('{"goals": "to paint boats"}', Claim("goals", "to paint boats", "to paint boats")),
        ('{"quotes": [{"quote": "not lost"}]}', Claim("quotes", "not lost", "not lost")),
        (
            '{"PainPoints": [{"text": "rain", "evidence": "on rainy days"}]}',
            Claim("pain_points", "rain", "on rainy days"),
        ),
    ],
)
def test_values_written_otherwise_are_read(content, expected):
    assert claims(content) == (expected,)


@pytest.mark.parametrize(
    "value", ["null", "true", "[]", "{}", '""', "[null]", '[""]', '{"value": null}', "[[1]]"]
)
def test_what_says_nothing_is_no_claim(value):
    assert claims(f'{{"name": {value}, "goals": {value}}}') == ()


def test_a_value_without_words_stays_a_proposal():
    checked = check_claims(TEXT, claims('{"name": "Mara Quill", "age": 41}'), "openai", ())
    assert checked.persona.get("name") is None
    assert {rejected.reason for rejected in checked.rejected} == {Reason.NO_SOURCE}


def test_a_long_value_is_looked_for_in_the_text():
    content = '{"interests": ["paints boats on rainy days", "reads the old almanacs"]}'
    checked = check_claims(TEXT, claims(content), "openai", ())
    assert checked.persona["interests"] == ["paints boats on rainy days"]


@given(st.text())
def test_any_text_is_an_answer_or_an_invalid_output(content):
    with suppress(InvalidOutputError):
        parse_answer(content)


@pytest.mark.parametrize("content", ["{" * 100_000, "[" * 100_000, '{"a":' * 50_000, '"{' * 50_000])
def test_of_any_depth_ends(content):
    with pytest.raises(InvalidOutputError):
        parse_answer(content)
