"""Evidence follows a person's edits and never ends up under a claim it does not support."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.checking import (
    Evidence,
    Reason,
    Rejected,
    accept,
    claims_of_persona,
    evidence_for_words,
    follow_edits,
)
from services.evidence.edits import evidence_of_new
from services.evidence.pointers import nodes, pointer, resolve, tokens

TEXT = "Priya Raman leads procurement in Leeds. She knows Python, Rust and SQL. Late invoices hurt."
PERSONA: dict[str, Any] = {
    "name": "Priya Raman",
    "skills": ["Python", "Rust", "SQL"],
    "traits": ["Patient"],
    "jobs": [{"title": "lead", "place": "Leeds"}, {"title": "buyer", "place": "York"}],
}


def at(path: str, quote: str) -> Evidence:
    start = TEXT.index(quote)
    return Evidence(path, quote, start, start + len(quote), "stated", 100.0, "openai")


EVIDENCE = [
    at("/name", "Priya Raman"),
    at("/skills/0", "Python"),
    at("/skills/1", "Rust"),
    at("/skills/2", "SQL"),
    at("/traits/0", "Late invoices"),
    at("/jobs/0/place", "Leeds"),
]


def after(**changes: Any) -> dict[str, tuple[str, str]]:
    """What each pointer rests on, and whose it is, once these fields have been changed."""
    new = copy.deepcopy(PERSONA) | changes
    found = follow_edits(PERSONA, new, EVIDENCE, TEXT)
    assert all(item.holds(TEXT) for item in found)
    return {item.path: (item.quote, item.origin) for item in found}


UNCHANGED = {item.path: (item.quote, "model") for item in EVIDENCE}


def test_without_an_edit_all_stays() -> None:
    assert follow_edits(PERSONA, copy.deepcopy(PERSONA), EVIDENCE, TEXT) == EVIDENCE


def test_reordering_and_deleting_items_keeps_pointers_right() -> None:
    found = after(skills=["SQL", "Python"])

    assert found["/skills/0"] == ("SQL", "model")
    assert found["/skills/1"] == ("Python", "model")
    assert "/skills/2" not in found


def test_a_changed_value_loses_the_evidence_of_the_model() -> None:
    assert "/traits/0" not in after(traits=["Impatient"])
    assert "/name" not in after(name="Priya R.")


def test_a_changed_or_new_value_whose_words_stand_in_the_text_is_the_persons() -> None:
    found = after(
        name="priya raman leads procurement", city="LEEDS", traits=["Patient", "invoices"]
    )

    assert found["/name"] == ("Priya Raman leads procurement", "human")
    assert found["/city"] == ("Leeds", "human")
    assert found["/traits/0"] == ("Late invoices", "model")
    assert found["/traits/1"] == ("invoices", "human")


@pytest.mark.parametrize(
    "value", ["Py", "ython", "", None, True, 12, ["x"], {"y": "zz"}, "no such words"]
)
def test_what_does_not_stand_in_the_text_as_words_gets_no_evidence(value: Any) -> None:
    assert after(note=value) == UNCHANGED


def test_an_object_in_a_list_is_followed_when_moved_and_changed() -> None:
    moved = after(jobs=[{"title": "buyer", "place": "York"}, {"title": "head", "place": "Leeds"}])

    assert moved["/jobs/1/place"] == ("Leeds", "model")
    assert "/jobs/0/place" not in moved


def test_words_moved_to_another_field_keep_their_evidence() -> None:
    new = copy.deepcopy(PERSONA)
    new["values"] = [new.pop("traits")[0]]

    found = {item.path: item for item in follow_edits(PERSONA, new, EVIDENCE, TEXT)}

    assert found["/values/0"].quote == "Late invoices"
    assert found["/values/0"].origin == "human"


def test_repeated_items_each_keep_one_evidence() -> None:
    old = {"skills": ["SQL", "SQL", "Python"]}
    evidence = [at("/skills/0", "SQL"), at("/skills/1", "Python"), at("/skills/2", "Python")]

    found = follow_edits(old, {"skills": ["Python", "SQL", "SQL"]}, evidence, TEXT)

    assert [item.path for item in found] == ["/skills/0", "/skills/1", "/skills/2"]


def test_when_the_text_changes_words_are_followed_and_lost_ones_dropped() -> None:
    text = "Notes. " + TEXT.replace("Rust", "Go")

    found = follow_edits(PERSONA, PERSONA, EVIDENCE, text)

    assert all(item.holds(text) for item in found)
    assert {item.path for item in EVIDENCE} - {item.path for item in found} == {"/skills/1"}


def test_one_and_true_are_different_values() -> None:
    old, new = {"a": 1, "b": True}, {"a": True, "b": 1}

    assert follow_edits(old, new, [at("/a", "Leeds"), at("/b", "Leeds")], TEXT) == []


WORDS = ["Python", "Rust", "SQL", "Leeds", "Patient", "Kind", "R"]


@given(st.lists(st.sampled_from(WORDS), max_size=8), st.data())
def test_any_reordering_and_deleting_keeps_each_value_with_its_words(
    items: list[str], data: st.DataObject
) -> None:
    old = {"list": items}
    evidence = [
        at(f"/list/{i}", TEXT[i * 2 : i * 2 + 5 + WORDS.index(v)]) for i, v in enumerate(items)
    ]
    kept = data.draw(st.permutations(range(len(items))))[: data.draw(st.integers(0, len(items)))]
    new = {"list": [items[i] for i in kept]}

    found = follow_edits(old, new, evidence, TEXT)

    assert [item.path for item in found] == [f"/list/{i}" for i in range(len(kept))]
    for item in found:
        assert len(item.quote) == 5 + WORDS.index(resolve(new, item.path))
        assert item.origin == "model"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.text(max_size=4), JSON, max_size=5)


@given(DOCUMENTS, DOCUMENTS)
def test_for_any_documents_evidence_stays_with_equal_values(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    evidence = [
        Evidence(path, TEXT[:5], 0, 5, "stated", 100.0, path) for path, _ in claims_of_persona(old)
    ]

    for item in follow_edits(old, new, evidence, TEXT):
        assert item.holds(TEXT)
        if item.origin == "model":
            assert resolve(new, item.path) == resolve(old, item.engine)


@given(DOCUMENTS)
def test_every_pointer_leads_to_its_value(document: dict[str, Any]) -> None:
    for path, value in nodes(document):
        assert resolve(document, path) is value
        assert pointer(*tokens(path)) == path


def test_pointers_are_escaped_and_misses_named() -> None:
    document = {"a/b": {"m~n": [1, {"": 2}]}}

    assert dict(nodes(document))["/a~1b/m~0n/1/"] == 2
    for path in ("/x", "/a~1b/m~0n/2", "/a~1b/m~0n/x", "/a~1b/m~0n/0/y"):
        with pytest.raises(KeyError):
            resolve(document, path)
    with pytest.raises(ValueError, match="not a JSON Pointer"):
        resolve(document, "a")


def test_claims_are_all_values_but_the_summary_and_nothing() -> None:
    persona = {"name": "Ann", "summary": "Ann.", "age": 0, "x": [{"y": ["", None, False]}], "z": []}

    assert claims_of_persona(persona) == [("/name", "Ann"), ("/age", 0), ("/x/0/y/2", False)]


def test_a_deep_document_does_not_exhaust_the_stack() -> None:
    deep: Any = "leaf"
    for _ in range(3_000):
        deep = {"a": deep}

    assert len(claims_of_persona(deep)) == 1


# What a person adds


def test_marked_words_become_a_persons_evidence() -> None:
    start = TEXT.index("Late")

    found = evidence_for_words(TEXT, "/traits/0", start, start + 13, "late INVOICES")

    assert found == Evidence(
        "/traits/0", "Late invoices", start, start + 13, "stated", 100.0, "human", "human"
    )
    assert evidence_for_words(TEXT, "/traits/0", start, 9_999, "Anxious").support == "inferred"
    assert evidence_for_words("cafe\u0301!", "/a", 0, 4).quote == "cafe\u0301"


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 3), (-4, 0), (9_999, 10_000), (5, 6)])
def test_nothing_marked_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        evidence_for_words(TEXT, "/a", start, end)


def test_an_accepted_proposal_is_the_persons_claim() -> None:
    sql = TEXT.index("SQL")
    located = Rejected("skills", "Databases", "SQL", Reason.DUPLICATE, sql, sql + 3)
    unlocated = Rejected("skills", "Cooking", "cooks", Reason.NO_SOURCE)
    replacing = Rejected("name", "Priya", "x", Reason.OTHER_VALUE_KEPT)

    persona, evidence = PERSONA, EVIDENCE
    for proposal in (located, unlocated, replacing, unlocated):
        persona, evidence = accept(persona, evidence, proposal, TEXT)

    found = {item.path: (item.quote, item.origin) for item in evidence}
    assert persona == PERSONA | {
        "name": "Priya",
        "skills": ["Python", "Rust", "SQL", "Databases", "Cooking"],
    }
    assert found == UNCHANGED | {"/skills/3": ("SQL", "human"), "/name": ("Priya", "human")}
    assert PERSONA["skills"] == ["Python", "Rust", "SQL"]


def test_accepting_begins_a_list_where_the_field_is_one() -> None:
    persona, _ = accept({}, [], Rejected("goals", "Rest", "", Reason.NO_SOURCE), TEXT)

    assert persona == {"goals": ["Rest"]}


VALUES = st.sampled_from(
    ["Priya", "priya  raman", "Rust", "Leeds.", "York", "", "  ", 7, True, None]
)
TREES = st.recursive(
    VALUES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc/~"), below),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["name", "summary", "skills", "a/b"]), TREES))
def test_the_evidence_of_a_new_persona_is_that_of_an_edit_from_none(
    persona: dict[str, Any],
) -> None:
    assert evidence_of_new(persona, TEXT) == follow_edits({}, persona, [], TEXT)
