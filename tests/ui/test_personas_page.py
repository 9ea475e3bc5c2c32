"""The list of personas: what is stored, newest first, page by page, with the page in the URL."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services.personas.export import from_csv, to_csv
from services.personas.generation_requests import NewRequest, get_generation_requests
from tests.ui.conftest import (
    button,
    component_data,
    listed_names,
    open_page,
    store,
    stored_personas,
    text_of,
)


def numbered(count: int) -> list[dict[str, str]]:
    return [{"name": f"Persona {number:02}"} for number in range(1, count + 1)]


def turn_to(at: AppTest, number: int) -> AppTest:
    at.get("pagination")[0].set_value(number)
    return at.run()


def test_an_empty_list_leads_to_generate() -> None:
    at = open_page("personas")
    assert "No personas yet" in text_of(at)
    assert "Export CSV" not in text_of(at)
    button(at, "Generate your first persona").click().run()
    assert at.title[0].value == "Generate a persona"


def test_the_newest_persona_stands_first_with_role_and_summary() -> None:
    store(
        {"name": "Ada Older", "role": "pilot", "summary": "Flies at night."},
        {"name": "Bo Newer", "role": "baker", "summary": "Up at three."},
    )
    rows = component_data(open_page("personas"), "table-")["rows"]
    assert [(row["name"], row["role"], row["summary"]) for row in rows] == [
        ("Bo Newer", "baker", "Up at three."),
        ("Ada Older", "pilot", "Flies at night."),
    ]
    newest_first = sorted(stored_personas(), key=lambda one: one.created_at, reverse=True)
    assert [row["id"] for row in rows] == [str(one.id) for one in newest_first]


@pytest.mark.parametrize("size", [10, 25, 50, 100])
def test_every_page_size_shows_every_persona_once(size: int) -> None:
    store(*numbered(52))
    at = open_page("personas", size=str(size))
    names = listed_names(at)
    assert len(names) == min(size, 52)
    for number in range(2, -(-52 // size) + 1):
        names += listed_names(turn_to(at, number))
    assert names == [f"Persona {number:02}" for number in range(52, 0, -1)]
    assert "of 52, newest first" in text_of(at)


def test_page_and_size_come_from_the_address() -> None:
    store(*numbered(25))
    at = open_page("personas", size="10", page="3")
    assert listed_names(at) == [f"Persona {number:02}" for number in range(5, 0, -1)]
    assert "21 to 25 of 25" in text_of(at)


@pytest.mark.parametrize(
    "query",
    [{"page": "99"}, {"page": "-1"}, {"page": "two"}, {"size": "7"}, {"size": "<b>"}],
    ids=str,
)
def test_nonsense_in_the_address_shows_a_page_of_the_list(query: dict[str, str]) -> None:
    store(*numbered(12))
    at = open_page("personas", **query)
    assert not at.exception
    assert not at.error
    assert set(listed_names(at)) <= {persona.persona["name"] for persona in stored_personas()}
    assert listed_names(at)


def test_a_larger_page_size_on_the_last_page_still_shows_rows() -> None:
    store(*numbered(12))
    at = open_page("personas", size="10", page="2")
    at.selectbox(key="size").set_value(100).run()
    assert not at.exception
    assert len(listed_names(at)) == 12


def test_a_persona_of_another_session_is_listed_at_the_next_run() -> None:
    store({"name": "Ada"})
    at = open_page("personas")
    store({"name": "Bo"})
    assert listed_names(at.run()) == ["Bo", "Ada"]


def test_values_of_any_kind_are_listed() -> None:
    store({}, {"name": None}, {"name": 7, "role": ["a"]}, {"name": "<b>Eve</b>"})
    assert not open_page("personas").exception
    assert listed_names(open_page("personas"))[0] == "<b>Eve</b>"


def test_what_has_no_persona_yet_is_announced() -> None:
    requests = get_generation_requests()
    request = requests.submit(NewRequest(id=NEW_ID, raw_text="Ada.", engine="offline"), "gone")
    assert "no persona yet" not in text_of(open_page("personas"))  # it may still be running
    requests.close(request.id, "failed", kind="timeout", error="The model did not answer.")
    st.cache_data.clear()
    assert "**1** generation has no persona yet; the text is kept." in text_of(
        open_page("personas")
    )
    assert requests.read(request.id).raw_text == "Ada."


def test_the_export_offers_every_persona() -> None:
    stored = store(*numbered(30))
    at = open_page("personas", size="10")
    button(at, "Export CSV").click().run()
    assert "**30** personas" in text_of(at)
    assert [one.id for one in from_csv(to_csv(stored_personas()).content)] == [
        one.id for one in reversed(stored)
    ]


NEW_ID = "0b6cf1a4-27f3-4a2c-8a5e-0f4b6c1d2e3f"
