"""Which column becomes what, before anybody chooses."""

from __future__ import annotations

import pytest

from services.importing.mapping import guess_mapping, mapping_fault


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
    ("mapping", "word"),
    [({}, "text"), ({"a": "id"}, "text"), ({"a": "raw_text", "b": "raw_text"}, "Two columns")],
)
def test_a_mapping_that_cannot_be_used_says_why(mapping: dict[str, str], word: str) -> None:
    assert word in str(mapping_fault(mapping))


def test_a_good_mapping_has_no_fault() -> None:
    assert mapping_fault({"a": "raw_text", "b": "persona.name"}) is None
