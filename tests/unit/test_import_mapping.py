"""Which column becomes what, before anybody chooses."""

from __future__ import annotations

import pytest

from services.importing.mapping import TARGETS, guess_mapping, is_like_text, mapping_fault


def test_an_export_is_recognised_as_it_is() -> None:
    heads = ["id", "created_at", "updated_at", "raw_text", "persona.name", "persona.a\\.b"]
    assert guess_mapping([*heads, "status", "reviewed_by"]) == {head: head for head in heads}


def test_a_foreign_file_is_guessed_by_its_heads() -> None:
    assert guess_mapping(["No", "Transcript ", "Name", "Pain points", "Secret"]) == {
        "Transcript ": "raw_text",
        "Name": "persona.name",
        "Pain points": "persona.pain_points",
    }


@pytest.mark.parametrize(
    ("head", "is_text"),
    [
        ("My name is Ann and I bake.", True),
        ("I said: “It is never quiet in here!”\n", True),
        ("我叫安，在利兹的一家面包店工作，每天凌晨三点起床。", True),
        ("word " * 50, True),
        ("Transcript", False),
        ("Notes etc.", False),
        ("What do you like about your work, and what would you rather do without?", False),
        ("In your own words: how do you use the till, at busy times and at others", False),
    ],
)
def test_a_head_that_looks_like_a_text_is_told_from_one_that_does_not(
    head: str, is_text: bool
) -> None:
    assert is_like_text(head) is is_text


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ({}, "text"),
        ({"a": "id"}, "text"),
        ({"a": "raw_text", "b": "raw_text"}, "Two columns"),
        ({"a": "raw_text", "c": "persona.name"}, "no column c"),
        *(
            ({"a": "raw_text", "b": target}, f"Column b cannot become {target}: choose raw_text")
            for target in ("x", "", "status", "created_by", "updated_by", "deleted_at", "origin")
        ),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(mapping: dict[str, str], word: str) -> None:
    assert word in str(mapping_fault(mapping, ["a", "b"]))


def test_a_good_mapping_has_no_fault() -> None:
    for target in (*TARGETS[1:], "persona.name", "persona.a.b", "persona."):
        assert mapping_fault({"a": "raw_text", "b": target}, ["a", "b"]) is None
