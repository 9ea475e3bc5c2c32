"""A persona holds what the text supports, whatever a model claims; each refusal has a reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.checking import (
    CheckedPersona,
    Coverage,
    Evidence,
    Reason,
    Rejected,
    check_claims,
    coverage,
    evidence_from_json,
    evidence_to_json,
    rejected_from_json,
    rejected_to_json,
    used_spans,
)
from services.evidence.schema import FIELDS, Claim
from services.evidence.support import is_placeholder
from services.evidence.text.chunking import split_text

TEXT = (
    "Interview with Priya Raman\r\n"
    "Priya is 38 and works as procurement lead at Northlake Care in Leeds. She has twelve years "
    "of experience.\n"
    "“I don’t like spreadsheets,” she says. She uses Python, React and React Native daily.\n"
    "She wants to cut supplier turnaround from 9 days to 4. Late invoices keep her up at night.\n"
    "She no longer works at Siemens. She never misses a stand-up. Her brother Tom is a nurse.\n"
)


def checked(*claims: tuple[str, str, str]) -> CheckedPersona:
    result = check_claims(TEXT, [Claim(*claim) for claim in claims], "test")
    for item in result.evidence:
        assert item.holds(TEXT)
    return result


def reason_for(field: str, value: str, quote: str) -> Reason:
    result = checked((field, value, quote))
    assert result.persona == {}
    (rejected,) = result.rejected
    assert rejected.explanation
    return rejected.reason


# What enters


def test_a_persona_is_built_from_supported_claims_in_the_order_of_the_fields() -> None:
    result = checked(
        ("goals", "Cut supplier turnaround to 4 days", "cut supplier turnaround from 9 days to 4"),
        ("skills", "React Native", "React and React Native daily"),
        ("skills", "Python", "She uses Python, React"),
        ("pain_points", "Late invoices", "Late invoices keep her up at night"),
        ("location", "Leeds", "Northlake Care in Leeds"),
        ("company", "Northlake Care", "works as procurement lead at Northlake Care"),
        ("role", "procurement lead", "works as procurement lead at Northlake Care"),
        ("age", "38", "Priya is 38"),
        ("name", "Priya Raman", "Interview with Priya Raman"),
    )

    assert list(result.persona.items()) == [
        ("name", "Priya Raman"),
        ("age", 38),
        ("role", "procurement lead"),
        ("company", "Northlake Care"),
        ("location", "Leeds"),
        (
            "summary",
            "Priya Raman, 38, procurement lead at Northlake Care in Leeds. "
            "Wants: Cut supplier turnaround to 4 days. Struggles with: Late invoices.",
        ),
        ("skills", ["Python", "React Native"]),
        ("goals", ["Cut supplier turnaround to 4 days"]),
        ("pain_points", ["Late invoices"]),
    ]
    assert result.rejected == []
    assert [item.path for item in result.evidence] == [
        *("/name", "/age", "/role", "/company", "/location"),
        *("/skills/0", "/skills/1", "/goals/0", "/pain_points/0"),
    ]
    assert result.coverage.claims_total == result.coverage.claims_with_source == 9


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        (("skills", "python", "She uses Python, React"), "stated"),
        (("company", "NORTHLAKE CARE", "lead at Northlake Care"), "stated"),
        (("traits", "Reliable", "She never misses a stand-up"), "inferred"),
        (("years_experience", "12", "She has twelve years of experience"), "inferred"),
    ],
)
def test_support_says_whether_the_value_stands_in_the_words(
    claim: tuple[str, str, str], support: str
) -> None:
    (item,) = checked(claim).evidence

    assert item.support == support
    assert item.origin == "model"
    assert item.engine == "test"


def test_an_altered_quote_is_stored_as_the_text_has_it_and_shown_as_approximate() -> None:
    result = checked(("pain_points", "Late invoices", "late invoices kept her awake at night"))

    (item,) = result.evidence
    assert item.quote == "Late invoices keep her up at night"
    assert item.approximate


def test_a_person_is_quoted_from_the_text_and_not_from_the_model() -> None:
    result = checked(("quotes", "i dont like spreadsheets she says", "I don't like spreadsheets"))

    assert result.persona == {"quotes": ["I don’t like spreadsheets,” she says"]}


def test_ages_in_words_stay_words() -> None:
    text = "Tom, thirty-eight, sells boats."

    result = check_claims(text, [Claim("age", "thirty-eight", "Tom, thirty-eight")], "test")
    as_number = check_claims(text, [Claim("age", "38", "Tom, thirty-eight")], "test")

    assert result.persona["age"] == "thirty-eight"
    assert as_number.persona["age"] == 38


# What a model may do wrong


@pytest.mark.parametrize(
    ("field", "value", "quote", "reason"),
    [
        ("values", "Honesty", "I always tell the truth to my clients", Reason.NO_SOURCE),
        ("skills", "Cooking", "", Reason.NO_SOURCE),
        ("skills", "Kubernetes", "She uses Python, React and Kubernetes daily", Reason.NO_SOURCE),
        ("location", "London", "Northlake Care in Leeds", Reason.VALUE_NOT_IN_TEXT),
        ("role", "nursing director", "Her brother Tom is a nurse", Reason.VALUE_NOT_IN_TEXT),
        ("quotes", "I adore spreadsheets", "I don't like spreadsheets", Reason.VALUE_NOT_IN_TEXT),
        ("age", "39", "Priya is 38", Reason.NUMBER_ALTERED),
        ("age", "39", "Priya is 39 and works as procurement lead", Reason.NUMBER_ALTERED),
        ("years_experience", "15", "She has fifteen years of experience", Reason.NUMBER_ALTERED),
        ("goals", "Turnaround of 3 days", "turnaround from 9 days to 4", Reason.NUMBER_ALTERED),
        ("interests", "Spreadsheets", "I do like spreadsheets, she says", Reason.NEGATION_FLIPPED),
        ("interests", "spreadsheets", "like spreadsheets", Reason.NEGATION_FLIPPED),
        ("interests", "Likes spreadsheets", "I don't like spreadsheets", Reason.NEGATION_FLIPPED),
        ("company", "Siemens", "works at Siemens", Reason.NEGATION_FLIPPED),
        ("skills", "Does not use Python", "She uses Python", Reason.NEGATION_FLIPPED),
        ("mood", "cheerful", "Priya is 38", Reason.UNKNOWN_FIELD),
    ],
)
def test_a_claim_the_text_does_not_support_is_rejected(
    field: str, value: str, quote: str, reason: Reason
) -> None:
    assert reason_for(field, value, quote) is reason


@pytest.mark.parametrize(
    "value",
    [
        *("null", "None", "UNKNOWN", "n/a", "N.A.", "-", "?", "", "  ", "…"),
        *("Not specified", "not mentioned.", "Not stated in the text", "The text does not say"),
        *("unspecified", "keine Angabe"),
    ],
)
def test_an_answer_that_nothing_is_known_is_no_claim(value: str) -> None:
    assert reason_for("role", value, "Priya is 38") is Reason.PLACEHOLDER


@pytest.mark.parametrize(
    "value", ["Nonna Null", "Notary", "Unknown Mortal Orchestra", "Nantes", "not afraid of numbers"]
)
def test_a_value_that_only_looks_like_nothing_is_a_claim(value: str) -> None:
    assert not is_placeholder(value)


def test_shifted_words_do_not_carry_a_value() -> None:
    result = checked(("goals", "Hire two more buyers", "wants to hire buyers from 9 days to 4"))

    assert result.persona == {}


def test_repeats_are_merged_and_the_first_value_is_kept() -> None:
    result = checked(
        ("skills", "Python", "She uses Python"),
        ("skills", "python", "uses Python, React"),
        ("skills", "React Native", "React and React Native"),
        ("skills", "React", "Python, React"),
        ("company", "Siemens", "She no longer works at Siemens"),
        ("company", "Northlake Care", "lead at Northlake Care"),
        ("location", "Leeds", "in Leeds"),
        ("location", "Northlake", "at Northlake Care"),
        ("name", "Priya", "Priya is 38"),
        ("name", "Priya Raman", "Interview with Priya Raman"),
    )

    assert result.persona["skills"] == ["Python", "React", "React Native"]
    assert result.persona["name"] == "Priya Raman"
    assert {(item.field, item.value, item.reason) for item in result.rejected} == {
        ("skills", "python", Reason.DUPLICATE),
        ("name", "Priya", Reason.DUPLICATE),
        ("company", "Siemens", Reason.NEGATION_FLIPPED),
        ("location", "Leeds", Reason.OTHER_VALUE_KEPT),
    }
    assert all(TEXT[item.start : item.end] for item in result.rejected)


@pytest.mark.parametrize(
    ("field", "value", "other"),
    [
        ("skills", "Windows 10", "Windows 11"),
        ("skills", "Java", "Java EE"),
        ("skills", "C#", "C++"),
    ],
)
def test_two_things_of_like_name_are_not_merged(field: str, value: str, other: str) -> None:
    text = f"He knows {value} and, since May, {other}."

    result = check_claims(text, [Claim(field, v, v) for v in (value, other)], "test")

    assert result.persona[field] == [value, other]


def test_answers_about_another_person_leave_nothing() -> None:
    result = checked(
        ("name", "Marcus Webb", "My name is Marcus Webb"),
        ("age", "52", "Marcus is 52 years old"),
        ("role", "pastry chef", "works as a pastry chef in Lyon"),
        ("skills", "Baking", "bakes two hundred croissants before dawn"),
    )

    assert result.persona == {}
    assert result.evidence == []
    assert len(result.rejected) == 4


def test_a_number_may_be_written_otherwise_but_not_be_another() -> None:
    text = "Dana, a 38-year-old welder, can’t wait to learn Rust and isn’t just a welder."

    def of(field: str, value: str, quote: str) -> dict[str, object]:
        return check_claims(text, [Claim(field, value, quote)], "test").persona

    assert of("age", "38 years old", "a 38-year-old welder")["age"] == "38 years old"
    assert of("age", "83", "a 38-year-old welder") == {}
    assert of("goals", "learn Rust", "can’t wait to learn Rust")["goals"] == ["learn Rust"]
    assert of("role", "welder", "isn’t just a welder")["role"] == "welder"


def test_values_are_one_line() -> None:
    result = check_claims(
        "He runs\r\n  the shop.", [Claim("skills", "runs\n the shop", "runs")], "test"
    )

    assert result.persona["skills"] == ["runs the shop"]


def test_what_a_database_cannot_hold_is_left_out_of_values() -> None:
    result = checked(("skills", "Py\x00thon\ud800", "She uses Python"))

    assert result.persona == {"skills": ["Python"]}


def test_quotes_are_looked_for_in_the_chunk_the_engine_saw() -> None:
    text = "She likes Python.\n\nLater, in another talk:\n\nHe likes Python.\n"
    chunk = split_text(text, 45)[1]

    result = check_claims(text, [Claim("skills", "Python", "likes Python")], "test", [chunk])

    assert result.evidence[0].start == text.rindex("likes")


CLAIMS = st.builds(
    Claim,
    st.sampled_from([spec.name for spec in FIELDS] + ["other"]),
    st.text(max_size=30) | st.sampled_from(TEXT.split()),
    st.text(max_size=30)
    | st.builds(lambda a, b: TEXT[a : a + b], st.integers(0, len(TEXT)), st.integers(0, 80)),
)


@given(st.lists(CLAIMS, max_size=12))
def test_for_any_claims_every_value_has_words_and_every_claim_an_answer(
    claims: list[Claim],
) -> None:
    result = check_claims(TEXT, claims, "test")

    assert all(item.holds(TEXT) for item in result.evidence)
    assert result.coverage.claims_total == result.coverage.claims_with_source
    assert len(result.evidence) + len(result.rejected) == len(claims)
    assert result == check_claims(TEXT, claims, "test")
    json.dumps(result.persona)


# How much is covered


def evidence(path: str, start: int, end: int, text: str = TEXT) -> Evidence:
    return Evidence(path, text[start:end], start, end, "stated", 100.0, "test")


def test_coverage_counts_claims_and_joined_passages() -> None:
    found = [evidence("/a", 0, 10), evidence("/b", 5, 20), evidence("/b", 30, 40)]

    assert used_spans(found) == [(0, 20), (30, 40)]
    assert coverage(TEXT, found) == Coverage(2, 2, 30, len(TEXT))
    persona = {"a": "x", "b": "y", "c": ["z", None, ""], "summary": "all of it"}
    assert coverage(TEXT, found, persona) == Coverage(3, 2, 30, len(TEXT))
    assert coverage(TEXT, found).share_used == pytest.approx(30 / len(TEXT))
    assert coverage("", []).share_used == 0


# As stored


def test_evidence_and_proposals_survive_storing() -> None:
    result = checked(
        ("name", "Priya Raman", "Interview with Priya Raman"),
        ("age", "39", "Priya is 38"),
        ("skills", "Cooking", "she cooks for her friends"),
    )

    stored = json.loads(json.dumps(evidence_to_json(result.evidence)))
    proposals = json.loads(json.dumps(rejected_to_json(result.rejected)))

    assert evidence_from_json(stored, TEXT) == result.evidence
    assert rejected_from_json(proposals) == result.rejected


@pytest.mark.parametrize(
    "stored",
    [
        *(None, "x", {}, [None], [{"path": "/a"}]),
        [{"path": 1, "quote": "Inter", "start": 0, "end": 5, "support": "stated"}],
        [{"path": "/a", "quote": "I", "start": True, "end": 2, "support": "stated"}],
        [{"path": "/a", "quote": "", "start": 5, "end": 5, "support": "stated"}],
        [{"path": "/a", "quote": "I", "start": 0, "end": 1, "support": "proved"}],
        [{"path": "/a", "quote": "wrong", "start": 0, "end": 5, "support": "stated"}],
    ],
)
def test_stored_entries_of_another_form_are_left_out(stored: object) -> None:
    assert evidence_from_json(stored, TEXT) == []
    assert rejected_from_json(stored) == []


def test_entries_from_before_scores_and_origins_are_read() -> None:
    old = [{"path": "/a", "quote": "Inter", "start": 0, "end": 5, "support": "stated"}]

    assert evidence_from_json(old, TEXT) == [
        Evidence("/a", "Inter", 0, 5, "stated", 0.0, "", "model")
    ]


def test_a_proposal_without_words_keeps_its_reason() -> None:
    proposal = Rejected("age", "39", "", Reason.PLACEHOLDER)

    assert rejected_to_json([proposal])[0]["reason"] == "placeholder"
