"""The list of personas: what is stored, newest first, page by page, with the page in the URL."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services.generation.batches import get_batches
from services.generation.requests import NewRequest, get_generation_requests
from services.personas import get_persona_repository
from services.personas.reviewing.workflow import Status, get_reviewing
from tests.csv_personas import from_csv, to_csv
from tests.supabase_double import SupabaseDouble, coded
from tests.ui.conftest import (
    button,
    component_data,
    listed_names,
    open_page,
    run_until,
    store,
    stored_personas,
    text_of,
)


def numbered(count: int) -> list[dict[str, str]]:
    return [{"name": f"Persona {number:02}"} for number in range(1, count + 1)]


def turn(at: AppTest, name: str = "Next page") -> AppTest:
    return button(at, name).click().run()


def address_of(at: AppTest) -> dict[str, str]:
    """The parameters of the address, of each the first value."""
    values = dict(at.query_params)
    return {name: value if isinstance(value, str) else value[0] for name, value in values.items()}


def search(at: AppTest, text: str) -> AppTest:
    """What the search box does in the browser: another text in the address, and page one."""
    at.query_params["q"] = text
    at.query_params.pop("at", None)
    return at.run()


def searched(at: AppTest) -> str:
    """What stands in the search box."""
    return str(component_data(at, "search")["text"])


def test_an_empty_list_leads_to_generate() -> None:
    at = open_page("personas")
    assert "No personas yet" in text_of(at)
    assert "export" not in {one.key for one in at.button}
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
    while not button(at, "Next page").disabled:
        names += listed_names(turn(at))
    assert names == [f"Persona {number:02}" for number in range(52, 0, -1)]
    assert re.search(r"\b52( personas)?, newest first", text_of(at))


def test_the_page_is_in_the_address() -> None:
    store(*numbered(25))
    at = turn(open_page("personas", size="10"))
    assert listed_names(at) == [f"Persona {number:02}" for number in range(15, 5, -1)]
    assert "11 to 20 of 25, newest first" in text_of(at)
    store(*numbered(5))  # what comes before the page does not move it
    again = open_page("personas", **address_of(at))
    assert listed_names(again) == listed_names(at)


def test_first_previous_next_and_last_page() -> None:
    store(*numbered(25))
    at = open_page("personas", size="10")
    assert button(at, "Previous page").disabled
    assert button(at, "First page").disabled
    turn(at, "Last page")
    assert listed_names(at) == [f"Persona {number:02}" for number in range(10, 0, -1)]
    assert button(at, "Next page").disabled
    assert "16 to 25 of 25" in text_of(at)
    turn(at, "Previous page")
    assert listed_names(at) == [f"Persona {number:02}" for number in range(20, 10, -1)]
    turn(at, "Previous page")  # five stand before: the first page is a whole one
    assert listed_names(at) == [f"Persona {number:02}" for number in range(25, 15, -1)]
    assert "1 to 10 of 25" in text_of(at)
    turn(turn(at), "First page")
    assert listed_names(at)[0] == "Persona 25"


NONSENSE = [
    {"at": "99"},
    {"at": "<b>"},
    {"at": "WzEsMiwzLDRd"},
    {"size": "7"},
    {"size": "<b>"},
    {"sort": "age"},
    {"where": "drop table"},
    {"created": "yesterday"},
    {"coverage": "all"},
]


@pytest.mark.parametrize("query", NONSENSE, ids=str)
def test_nonsense_in_the_address_shows_the_list(query: dict[str, str]) -> None:
    store(*numbered(12))
    at = open_page("personas", **query)
    assert not at.exception
    assert not at.error
    assert len(listed_names(at)) == 12
    assert ("Everything is shown" in text_of(at)) is ("size" not in query)


def test_a_larger_page_size_begins_where_the_page_did() -> None:
    store(*numbered(25))
    at = turn(open_page("personas", size="10"))
    at.selectbox(key="size").set_value(50).run()
    assert not at.exception
    assert listed_names(at) == [f"Persona {number:02}" for number in range(15, 0, -1)]
    assert address_of(at)["size"] == "50"


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("oldest first", ["Bo", "Cy", "Al"]),
        ("name A to Z", ["Al", "Bo", "Cy"]),
        ("name Z to A", ["Cy", "Bo", "Al"]),
    ],
)
def test_the_order_can_be_chosen(order: str, names: list[str]) -> None:
    store({"name": "Bo"}, {"name": "Cy"}, {"name": "Al"})
    at = open_page("personas")
    at.selectbox(key="order").set_value(order).run()
    assert listed_names(at) == names
    assert listed_names(open_page("personas", **address_of(at))) == names


class TestSearch:
    def test_a_search_shows_hits_and_stands_in_the_address(self) -> None:
        store({"name": "Ada"}, raw_text="She checks the price lists.")
        store({"name": "Bo"}, raw_text="He <b>bakes</b> bread & rolls.")
        at = search(open_page("personas"), "bread")
        assert listed_names(at) == ["Bo"]
        row = component_data(at, "table-")["rows"][0]
        assert ["bread", True] in row["snippet"]
        assert "1 persona, newest first" in text_of(at)
        assert address_of(at)["q"] == "bread"
        assert listed_names(open_page("personas", q="bread")) == ["Bo"]
        assert searched(open_page("personas", q="bread")) == "bread"

    def test_nothing_found_says_what_to_do(self) -> None:
        store({"name": "Ada"})
        at = search(open_page("personas"), "zebra")
        assert "Nothing matches" in text_of(at)
        button(at, "Show all personas").click().run()
        assert listed_names(at) == ["Ada"]
        assert searched(at) == ""

    def test_a_misspelt_name_offers_names_like_it(self) -> None:
        store({"name": "Nadia Ferreira"})
        at = search(open_page("personas"), "Nadja Fereira")
        assert "These names look like them" in text_of(at)
        assert listed_names(at) == ["Nadia Ferreira"]

    def test_a_search_that_takes_too_long_leaves_the_box_to_write_another(
        self, double: SupabaseDouble
    ) -> None:
        store({"name": "Ada"})
        with double.answering("rpc/search_personas", 500, coded("57014")):
            at = search(open_page("personas"), "a thing")
        assert "Narrow it" in text_of(at)
        assert searched(at) == "a thing"
        assert listed_names(search(at, "ada")) == ["Ada"]

    def test_a_search_begins_at_its_first_page(self) -> None:
        store(*numbered(30))
        at = search(turn(open_page("personas", size="10")), "persona")
        assert listed_names(at)[0] == "Persona 30"
        assert address_of(at)["size"] == "10"


def filter_by(what: str, at: AppTest) -> AppTest:
    """Choose which filter to set."""
    at.session_state["f-by"] = what
    return at.run()


class TestFilters:
    def test_a_condition_is_added_and_taken_away(self) -> None:
        store({"name": "Ada", "location": "Madrid"}, {"name": "Bo", "location": "Leeds"})
        at = filter_by("A field of the persona", open_page("personas"))
        at.selectbox(key="f-path").set_value("location")
        at.text_input(key="f-value").set_value("madrid")
        button(at, "Add condition").click().run()
        assert listed_names(at) == ["Ada"]
        assert address_of(at)["where"] == "any:location=madrid"
        button(at, "location is or contains madrid").click().run()
        assert listed_names(at) == ["Bo", "Ada"]
        assert "where" not in at.query_params

    def test_a_condition_without_a_value_is_refused_with_advice(self) -> None:
        store({"name": "Ada"})
        at = filter_by("A field of the persona", open_page("personas"))
        at.selectbox(key="f-path").set_value("location")
        button(at, "Add condition").click().run()
        assert "The filter has no value" in text_of(at)
        assert listed_names(at) == ["Ada"]

    def test_filters_of_the_address_are_shown_and_cleared(self) -> None:
        store({"name": "Ada", "age": 3}, {"name": "Bo"})
        at = open_page("personas", where="has:age", status="draft", created="2020-01-01..")
        assert listed_names(at) == ["Ada"]
        filter_by("Status", at)
        assert at.multiselect(key="f-status").value == ["draft"]
        assert "Created from" in text_of(filter_by("Created", at))
        button(at, "Clear filters").click().run()
        assert listed_names(at) == ["Bo", "Ada"]


class TestSeveralAtOnce:
    def choose(self, at: AppTest, number: int) -> AppTest:
        shown = component_data(at, "table-")
        ids = [row["id"] for row in shown["rows"][:number]]
        at.session_state["table-list"] = {"chosen": {"list": shown["list"], "ids": ids}}
        return at.run()

    def test_chosen_personas_go_to_the_trash_and_come_back(self) -> None:
        store(*numbered(4))
        at = self.choose(open_page("personas"), 2)
        assert "**2 chosen**" in text_of(at)
        button(at, "Move to trash").click().run()
        assert {one.persona["name"] for one in stored_personas()} == {"Persona 01", "Persona 02"}
        assert listed_names(at) == ["Persona 02", "Persona 01"]
        assert component_data(at, "notice-page")["text"] == "2 personas moved to the trash."
        undo(at)
        assert len(stored_personas()) == 4
        assert component_data(at, "notice-page")["text"] == "2 personas restored from the trash."

    def test_undo_leaves_in_the_trash_what_somebody_else_moved_there(self) -> None:
        store({"name": "Ada"}, {"name": "Bo"})
        bo = next(one for one in stored_personas() if one.persona["name"] == "Bo")
        at = self.choose(open_page("personas"), 2)
        get_persona_repository().delete(bo.id, author="eve")  # the page does not know yet
        button(at, "Move to trash").click().run()
        assert "1 persona moved to the trash." in component_data(at, "notice-page")["text"]
        undo(at)
        assert [one.persona["name"] for one in stored_personas()] == ["Ada"]
        assert component_data(at, "notice-page")["text"] == "1 persona restored from the trash."

    def test_moves_that_cannot_work_say_why_and_the_others_tell_what_came_of_them(self) -> None:
        ada, bo, cy = store({"name": "Ada"}, {"name": "Bo"}, {"name": "Cy"})
        at = self.choose(open_page("personas"), 3)
        approve = button(at, "Approve")
        assert approve.disabled
        assert approve.help == "Only for personas that are in review; chosen are 3 draft"
        get_reviewing().set_statuses([ada.id, bo.id], Status.IN_REVIEW, "eve")
        st.cache_data.clear()
        at.run()
        get_reviewing().set_statuses([bo.id], Status.REJECTED, "eve")  # the page does not know yet
        button(at, "Approve 2").click().run()
        assert component_data(at, "notice-page")["text"] == (
            "1 persona approved. 2 personas stayed as before: 2 cannot be approved, only what is "
            "in review. Some of their claims have no source."
        )
        undo(at)
        statuses = {one.id: one.status for one in stored_personas()}
        assert statuses == {ada.id: "in_review", bo.id: "rejected", cy.id: "draft"}

    def test_all_that_match_change_their_status(self) -> None:
        store(*numbered(14), raw_text="yes")
        store({"name": "Other"}, raw_text="no")
        at = self.choose(open_page("personas", size="10", q="yes"), 10)
        next(box for box in at.checkbox if box.label == "All 14 that match").check().run()
        button(at, "Send to review").click().run()
        at.button(key="bulk-agree").click().run()
        moved = {one.persona["name"]: one.status for one in stored_personas()}
        assert moved.pop("Other") == "draft"
        assert set(moved.values()) == {"in_review"}
        assert len(moved) == 14

    def test_all_that_match_are_drafted_anew_as_a_batch(self) -> None:
        store(*numbered(14), raw_text="Ann bakes bread, yes.")
        store({"name": "Other"}, raw_text="no")
        at = self.choose(open_page("personas", size="10", q="yes"), 10)
        next(box for box in at.checkbox if box.label == "All 14 that match").check().run()
        button(at, "Draft anew").click().run()
        run_until(at, lambda at: any(one.label == "Draft 14 texts" for one in at.button))
        button(at, "Draft 14 texts").click().run()
        run_until(at, lambda _: all(one.total == 14 for one in get_batches().recent()))
        (batch,) = get_batches().recent()
        assert {item.kind for item in get_batches().items(batch.id)} == {"regenerate"}


def undo(at: AppTest) -> None:
    """Press Undo in the notice, which needs a browser; what it runs does not."""
    told = at.session_state["notice"]
    at.session_state["notice"] = replace(told, text=told.undo(), number=told.number + 1)
    at.run()


def test_what_is_not_drafted_shows_its_text_and_can_be_asked_for() -> None:
    store({"name": "Ada", "role": "pilot"})
    store({}, raw_text="The export takes too long.")
    at = open_page("personas", coverage="empty")
    (row,) = component_data(at, "table-")["rows"]
    assert (row["name"], row["beginning"]) == (None, "The export takes too long.")
    rows = component_data(search(open_page("personas"), "expor"), "table-")["rows"]
    assert [row["beginning"] for row in rows] == ["The export takes too long."]


def test_a_persona_of_another_session_is_listed_at_the_next_run() -> None:
    store({"name": "Ada"})
    at = open_page("personas")
    store({"name": "Bo"})
    assert listed_names(at.run()) == ["Bo", "Ada"]


def test_values_of_any_kind_are_listed() -> None:
    store({}, {"name": None}, {"name": 7, "role": ["a"]}, {"name": "<b>Eve</b>"})
    assert not open_page("personas").exception
    assert listed_names(open_page("personas"))[0] == "<b>Eve</b>"


def test_a_name_that_nobody_can_see_is_none() -> None:
    stored = store({"name": "   "}, {"name": "\u200b\u2060"}, {"name": " Ada "})
    assert listed_names(open_page("personas")) == [" Ada ", None, None]
    for persona in stored[:2]:
        assert open_page("persona", id=str(persona.id)).title[0].value == "No name"


def test_what_has_no_persona_yet_is_announced() -> None:
    requests = get_generation_requests()
    request = requests.submit(NewRequest(id=NEW_ID, raw_text="Ada.", engine="offline"), "gone")
    assert "no persona yet" not in text_of(open_page("personas"))  # it may still be running
    requests.close(request.id, "gone", "failed", kind="timeout", error="The model did not answer.")
    st.cache_data.clear()
    assert "**1** generation has no persona yet; the text is kept." in text_of(
        open_page("personas")
    )
    assert requests.read(request.id).raw_text == "Ada."


def test_the_export_offers_every_persona() -> None:
    stored = store(*numbered(30))
    at = open_page("personas", size="10")
    button(at, "Export").click().run()
    assert "**30** personas" in text_of(at)
    assert [one.id for one in from_csv(to_csv(stored_personas()).content)] == [
        one.id for one in reversed(stored)
    ]


NEW_ID = "0b6cf1a4-27f3-4a2c-8a5e-0f4b6c1d2e3f"
