"""What `plain` makes of people's text before markdown sees it. The browser test sees the rest."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.inert import plain, whole_characters

ESCAPED = re.compile(
    rf"(?:\\[{re.escape(string.punctuation)}]|[^{re.escape(string.punctuation)}])*"
)
INVISIBLE = re.compile("[\u2060\u2068\u2069]")


@given(st.text())
def test_no_character_is_left_that_markdown_could_read(text: str) -> None:
    result = plain(text)
    assert ESCAPED.fullmatch(result)
    assert "\n" not in result and result == result.strip()


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zs", "Zl", "Zp"])))
def test_the_visible_characters_are_those_of_the_text(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", INVISIBLE.sub("", plain(text))) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  Ada \n\t Lovelace ", "Ada Lovelace"),
        ("Ada \u202egnidaelsim", "Ada gnidaelsim"),
        ("a\x00b\x1bc", "a\ufffdb\ufffdc"),
        ("עדה", "\u2068עדה\u2069"),
        ("😀👩\u200d👧", "😀👩\u200d👧"),
        ("", ""),
    ],
)
def test_one_line_without_tricks(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_long_text_is_cut() -> None:
    assert plain("word " * 100, most=20) == "word word word word…"
    assert plain("short", most=20) == "short"


def test_lone_surrogates_can_be_sent() -> None:
    whole_characters("a\ud83d b\udc00").encode("utf-8")
