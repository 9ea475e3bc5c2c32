"""Chunks cover the text without gap or overlap and are cut where a reader would pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.text.chunking import Chunk, estimate_tokens, split_text
from services.evidence.text.graphemes import is_boundary

PIECES = st.sampled_from(
    [
        *("word", ". ", "。", " ", "\n", "\r\n", "\r\n\r\n", "e\u0301\u0316"),
        *("👩\u200d🚀", "👍🏽", "한", "\u1112\u1161\u11ab"),
    ]
)


@given(st.text(max_size=200) | st.lists(PIECES, max_size=80).map("".join), st.integers(1, 40))
def test_chunks_are_the_text_cut_between_characters(text: str, size: int) -> None:
    chunks = split_text(text, size)

    assert "".join(chunk.text for chunk in chunks) == text
    end = 0
    for chunk in chunks:
        assert chunk.start == end < chunk.end
        assert chunk.text == text[chunk.start : chunk.end]
        assert is_boundary(text, chunk.start)
        end = chunk.end


@given(st.text(alphabet="ab .\n", max_size=300), st.integers(2, 40))
def test_no_chunk_is_longer_than_asked(text: str, size: int) -> None:
    assert all(len(chunk.text) <= size for chunk in split_text(text, size))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("aaaa bbbb. cc\ndd\n\nee ffffff", "aaaa bbbb. cc\ndd\n\n"),
        ("aaaa bbbb. cc\ndd ee ffffff gg", "aaaa bbbb. cc\n"),
        ("aaaa bbbb ccc. ee ffffff gggg", "aaaa bbbb ccc. "),
        ("aaaa bbbb cccc dddd eeee ffff", "aaaa bbbb cccc dddd "),
        ("a" * 25, "a" * 20),
    ],
    ids=["blank line", "line", "sentence", "word", "anywhere"],
)
def test_the_cut_is_at_the_best_pause(text: str, first: str) -> None:
    assert split_text(text, 20)[0] == Chunk(0, len(first), first)


def test_a_character_longer_than_a_chunk_stays_whole() -> None:
    letter = "e" + "\u0301" * 30

    assert [chunk.text for chunk in split_text(letter + "ab", 4)] == [letter, "ab"]


def test_short_and_empty_texts() -> None:
    assert split_text("") == []
    assert split_text("short") == [Chunk(0, 5, "short")]
    with pytest.raises(ValueError, match="at least 1"):
        split_text("text", 0)


def test_tokens_are_bytes_by_three_rounded_up() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("four") == 2
    assert estimate_tokens("漢字") == 2
    assert estimate_tokens("\ud800") == 1
