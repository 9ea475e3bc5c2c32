"""Words picked for values that are not saved yet: they follow their value, and become evidence."""

from __future__ import annotations

from typing import Any

import pytest

from services.evidence.picked_words import (
    PickedWords,
    follow_picked,
    picked_at,
    picked_from_json,
    picked_to_json,
    with_picked,
)

TEXT = "Ada 👩‍🔬 leads a team. She plans the week."
OLD = {"role": "team", "skills": ["SQL", "Excel", "R"]}


def picked(path: str, quote: str = "leads a team") -> PickedWords:
    return PickedWords(path, TEXT.index(quote), quote)


@pytest.mark.parametrize(
    ("new", "path", "follows"),
    [
        ({**OLD, "role": "head"}, "/role", "/role"),
        ({"skills": OLD["skills"]}, "/role", "/role"),
        ({**OLD, "skills": ["Excel", "R"]}, "/skills/1", "/skills/0"),
        ({**OLD, "skills": ["SQL", "Word", "R"]}, "/skills/1", "/skills/1"),
        ({**OLD, "skills": ["SQL", "R"]}, "/skills/1", None),
        ({**OLD, "skills": ["SQL", "Excel"]}, "/skills/2", None),
    ],
)
def test_they_follow_their_value(new: dict[str, Any], path: str, follows: str | None) -> None:
    assert [words.path for words in follow_picked([picked(path)], OLD, new)] == (
        [follows] if follows else []
    )


def test_they_become_a_person_s_evidence_where_value_and_words_are_there() -> None:
    elsewhere = PickedWords("/role", 0, "plans the week")
    gone = PickedWords("/role", 3, "was never said")
    found = with_picked(
        [], [picked("/role"), picked("/company"), elsewhere, gone, picked("/role")], OLD, TEXT
    )
    assert [(item.path, item.quote) for item in found] == [
        ("/role", "leads a team"),
        ("/role", "plans the week"),
    ]
    assert all(item.holds(TEXT) and item.accepted for item in found)
    assert {item.origin for item in found} == {"human"}
    assert [item.support for item in found] == ["stated", "inferred"]


def test_they_are_whole_characters_as_their_evidence_is() -> None:
    cut = TEXT.index("👩") + 1
    words = picked_at(TEXT, "/role", cut, cut + 1)
    assert words and words.quote == "👩‍🔬"
    (item,) = with_picked([], [words], OLD, TEXT)
    assert (item.path, item.start, item.quote) == (words.path, words.start, words.quote)
    assert picked_at(TEXT, "/role", 3, 4) is None
    assert picked_at(TEXT, "/role", len(TEXT), len(TEXT) + 5) is None


def test_they_are_kept_as_json() -> None:
    words = (picked("/role"), picked("/skills/0", "👩‍🔬"))
    assert picked_from_json(picked_to_json(words)) == words
    for wrong in (None, 3, [1], [{"path": "/a"}], [{"path": "", "start": "x", "quote": ""}]):
        with pytest.raises(ValueError, match=r".+"):
            picked_from_json(wrong)
