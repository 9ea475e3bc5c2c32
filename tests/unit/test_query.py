"""A query survives its address, whatever people type; nonsense in an address is refused."""

from __future__ import annotations

import base64
import contextlib
from datetime import date
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidInputError
from services.personas.finding.conditions import KINDS, MAX_DEPTH, Condition, Days
from services.personas.finding.query import (
    COVERAGES,
    FIRST,
    LAST,
    MAX_TEXT,
    SORTS,
    PersonaQuery,
    Position,
)
from services.personas.paths import join_path, split_path

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
names = texts.filter(lambda text: text.strip() == text != "")
paths = (
    st.lists(names, min_size=1, max_size=MAX_DEPTH)
    .map(join_path)
    .filter(lambda path: path == path.strip() and not path.startswith("persona."))
)
conditions = st.builds(Condition, st.sampled_from(KINDS), paths, names)
days = st.builds(Days, st.none() | st.dates(), st.none() | st.dates())
queries = st.builds(
    PersonaQuery,
    text=texts.filter(lambda text: ":" not in text) | st.just('nurse skills:"Power BI"'),
    conditions=st.lists(conditions, max_size=4).map(tuple),
    statuses=st.lists(st.sampled_from(["draft", "in_review"]), unique=True).map(tuple),
    engines=st.lists(st.sampled_from(["", "offline", "openai"]), unique=True).map(tuple),
    created=days,
    updated=days,
    coverage=st.none() | st.sampled_from(COVERAGES),
    sort=st.sampled_from(SORTS),
    descending=st.booleans(),
)
positions = st.one_of(
    st.just(FIRST),
    st.just(LAST),
    st.builds(Position, st.booleans(), texts, st.none() | st.integers(min_value=0)),
)


@given(queries)
def test_a_query_survives_its_address(query: PersonaQuery) -> None:
    address = urlencode(query.to_url(), doseq=True)
    assert PersonaQuery.from_url(parse_qs(address, strict_parsing=bool(address))) == query


@given(positions)
def test_a_position_survives_its_address(position: Position) -> None:
    assert Position.from_url(position.to_url()) == position


@given(st.lists(names, min_size=1, max_size=6))
def test_a_path_survives_its_dots(names: list[str]) -> None:
    assert split_path(join_path(names)) == names


@given(st.text(max_size=80))
def test_an_address_of_nonsense_is_refused_and_nothing_else(nonsense: str) -> None:
    for read in (Position.from_url, Condition.from_text, Days.from_text):
        with contextlib.suppress(InvalidInputError):
            read(nonsense)


@pytest.mark.parametrize(
    "parameters",
    [
        {"sort": ["age"]},
        {"coverage": ["most"]},
        {"created": ["yesterday"]},
        {"updated": ["2026-01-01"]},
        {"where": ["like:name=x"]},
        {"where": ["is:=x"]},
        {"where": ["is:name"]},
        {"where": ["has:a.b.c.d.e"]},
        {"where": ["has:x"] * 21},
        {"q": ["x" * (MAX_TEXT + 1)]},
        {"q": ["x\x00"]},
        {"q": ["a.b.c.d.e:x"]},
        {"q": ['location:""']},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(parameters: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidInputError):
        PersonaQuery.from_url(parameters)


def test_conditions_can_be_written_in_the_search_box() -> None:
    query = PersonaQuery('nurse location:Madrid -night skills:"Power BI" address.city:Leeds')
    assert query.words == "nurse -night"
    assert query.all_conditions == (
        Condition("any", "location", "Madrid"),
        Condition("any", "skills", "Power BI"),
        Condition("any", "address.city", "Leeds"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "at 12:30",
        "https://example.org",
        '"note: well"',
        "so: she",
        ":",
        '"said name:Ana today"',
        'a -"b:c d"',
    ],
)
def test_other_colons_are_words(text: str) -> None:
    query = PersonaQuery(text)
    assert query.words == text
    assert query.all_conditions == ()


def test_the_prefix_persona_may_be_written() -> None:
    assert Condition("is", " persona.location ", " Madrid ") == Condition(
        "is", "location", "Madrid"
    )


def test_days_are_whole_days_in_utc() -> None:
    range_ = Days(date(2026, 1, 1), date(2026, 1, 31))
    assert range_.bounds() == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    assert Days().bounds() == (None, None)
    assert Days(date.min, date.max).bounds() == ("0001-01-01T00:00:00Z", None)


def test_only_what_is_asked_is_in_the_request_and_the_address() -> None:
    assert PersonaQuery().to_request() == {}
    assert PersonaQuery().to_url() == {}
    assert not PersonaQuery(sort="name", descending=False).is_filtered
    assert PersonaQuery(engines=("",)).to_request() == {"engine": [""]}
    assert PersonaQuery(engines=("",)).to_url() == {"engine": ["-"]}


def test_a_position_is_not_guessed() -> None:
    for wrong in (
        '["x"]',
        "[1,null,0]",
        "[false,7,1]",
        "[false,0,1]",
        "[false,[],1]",
        "[true,{},null]",
        "[false,false,1]",
        f'[true,"{"x" * 1001}",1]',
        '[false,["x"],1]',
        '[true,"v",-1]',
        '[true,"v",true]',
        '[true,"\\u0000",1]',
        '[true,"\\ud800",1]',
    ):
        with pytest.raises(InvalidInputError):
            Position.from_url(base64.urlsafe_b64encode(wrong.encode()).decode())
