"""Links of exports: whole, in time, and in the browser they were made for."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from services.exports.links import VALID_SECONDS, LinkError, make_link, read_link
from services.exports.options import ExportOptions
from services.personas.finding.conditions import Condition
from services.personas.finding.query import PersonaQuery

OPTIONS = ExportOptions(
    format="xlsx",
    persona="json",
    raw_text=False,
    columns=("id", "persona.a\\.b"),
    query=PersonaQuery("late -early", (Condition("is", "location", "Madrid"),), ("draft",)),
    ids=("0b6cf1a4-27f3-4a2c-8a5e-0f4b6c1d2e3f",),
)


def test_a_link_brings_back_what_it_was_made_for() -> None:
    token = make_link(OPTIONS, "ada")
    assert read_link(token, "ada").options == OPTIONS
    assert (
        read_link(token, "ada").export_id != read_link(make_link(OPTIONS, "ada"), "ada").export_id
    )


def test_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    token = make_link(OPTIONS, "ada")
    made = int(time.time())
    later = made + VALID_SECONDS - 60
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: later)
    assert read_link(token, "ada").options == OPTIONS
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: later + 120)
    with pytest.raises(LinkError, match=r"expired\. Open the list"):
        read_link(token, "ada")


@pytest.mark.parametrize("thief", ["bo", None, ""])
def test_another_browser_cannot_use_it(thief: str | None) -> None:
    with pytest.raises(LinkError, match="another browser"):
        read_link(make_link(OPTIONS, "ada"), thief)


def test_a_browser_without_cookies_gets_a_link_of_its_own() -> None:
    assert read_link(make_link(OPTIONS, None), None).options == OPTIONS


@given(st.integers(min_value=0), st.sampled_from("aZ09-_."))
def test_no_altered_link_works(place: int, char: str) -> None:
    token = make_link(OPTIONS, None)
    place %= len(token) - 1  # the last one holds two bits that say nothing
    assume(token[place] != char)
    with pytest.raises(LinkError, match="altered"):
        read_link(token[:place] + char + token[place + 1 :], None)


@given(st.text())
def test_no_text_is_a_link(text: str) -> None:
    with pytest.raises(LinkError):
        read_link(text, None)
