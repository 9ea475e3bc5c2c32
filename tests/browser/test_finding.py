"""Search, filters and the address of the list in a real browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, expect

from services.cached.reads import FRESH_SECONDS
from tests.browser.analyst import Analyst


@pytest.fixture
def personas(analyst: Analyst) -> Analyst:
    """Thirty people in two towns; one text is hostile."""
    analyst.dashboard.empty()
    analyst.dashboard.sql(
        "insert into personas (raw_text, persona, created_at)"
        " select case when n = 7 then 'a <b>rare</b> <img src=x onerror=alert(1)> zebra'"
        " else 'plain words' end,"
        " jsonb_build_object('name', 'Person ' || n,"
        " 'location', case when n % 2 = 0 then 'Madrid' else 'Leeds' end),"
        " now() - n * interval '1 minute' from generate_series(1, 30) n"
    )
    time.sleep(FRESH_SECONDS)  # what an earlier test left is cached that long
    analyst.open()
    expect(analyst.listed()).to_have_count(25)
    return analyst


def search_box(analyst: Analyst) -> Locator:
    return analyst.page.get_by_role("searchbox", name="Search")


def search(analyst: Analyst, text: str) -> None:
    search_box(analyst).fill(text)
    search_box(analyst).press("Enter")


def test_a_search_marks_its_hits_and_runs_nothing(personas: Analyst) -> None:
    search(personas, "zebra")
    expect(personas.listed()).to_have_count(1)
    table = personas.page.get_by_role("table", name="Personas")
    expect(table.locator("mark")).to_have_text("zebra")
    expect(table).to_contain_text("rare")
    expect(table.locator("img, b")).to_have_count(0)
    expect(personas.page).to_have_url(re.compile(r"[?&]q=zebra\b"))


def test_search_filter_and_page_come_back_with_the_back_button(personas: Analyst) -> None:
    search(personas, "plain")
    expect(personas.page.get_by_text("1 to 25 of 29, newest first")).to_be_visible()
    personas.button("Next page").click()
    expect(personas.page.get_by_text("26 to 29 of 29, newest first")).to_be_visible()
    address = personas.page.url
    search(personas, "plain location:madrid")
    expect(personas.page.get_by_text("15 personas, newest first")).to_be_visible()
    personas.page.go_back()
    expect(personas.page.get_by_text("26 to 29 of 29, newest first")).to_be_visible()
    expect(personas.page).to_have_url(address)
    expect(search_box(personas)).to_have_value("plain")
    personas.reload()
    expect(personas.page.get_by_text("26 to 29 of 29, newest first")).to_be_visible()


def test_the_list_follows_what_is_typed_and_the_history_keeps_one_search(
    personas: Analyst,
) -> None:
    page, box = personas.page, search_box(personas)
    personas.button("Next page").click()
    expect(page.get_by_text("26 to 30 of 30")).to_be_visible()
    before, entries = page.url, page.evaluate("history.length")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("plain words locat", delay=200)
    expect(page).to_have_url(re.compile(r"q=plain\b"))  # the list has followed meanwhile
    page.keyboard.type("ion:madrid", delay=400)  # each letter meets the run of the one before
    expect(page.get_by_text("15 personas, newest first")).to_be_visible()
    expect(box).to_have_value("plain words location:madrid")
    expect(box).to_be_focused()
    assert page.evaluate("history.length") == entries + 1
    page.keyboard.press("Enter")
    expect(personas.listed().first).to_be_focused()
    page.go_back()
    expect(page.get_by_text("26 to 30 of 30")).to_be_visible()
    expect(page).to_have_url(before)
    expect(box).to_have_value("")


def test_a_name_of_blanks_is_opened_by_a_click(personas: Analyst) -> None:
    personas.dashboard.sql(
        'update personas set persona = persona || \'{"name": "   "}\' '
        "where persona->>'name' = 'Person 2'"
    )
    time.sleep(FRESH_SECONDS)
    personas.open()
    expect(personas.page.get_by_role("checkbox", name="Choose No name")).to_be_visible()
    personas.page.get_by_role("link", name="No name").click()
    expect(personas.heading()).to_have_text("No name")


def test_a_search_is_entered_and_emptied_by_key(personas: Analyst) -> None:
    page, box = personas.page, search_box(personas)
    address, entries = page.url, page.evaluate("history.length")
    box.fill("zebra")
    box.press("Enter")  # before the list has followed: the first row is gone to when it stands
    expect(personas.listed()).to_have_count(1)
    expect(personas.listed().first).to_be_focused()
    page.go_back()
    expect(personas.listed()).to_have_count(25)
    page.keyboard.press("/")
    page.keyboard.type("zebra")
    expect(personas.listed()).to_have_count(1)
    page.keyboard.press("Escape")
    expect(personas.listed()).to_have_count(25)
    expect(box).to_have_value("")
    expect(page).to_have_url(address)
    assert page.evaluate("history.length") == entries + 1  # the one that Back left
    personas.listed().first.focus()
    page.keyboard.press("?")
    expect(page.locator(".keys")).to_be_in_viewport(ratio=1)
    page.keyboard.press("?")
    expect(personas.listed().first).to_be_focused()


def test_the_filter_builder(personas: Analyst) -> None:
    page = personas.page
    page.get_by_role("button", name=re.compile("^filter_list Filters|^Filters")).click()
    page.get_by_role("button", name="A field of the persona").or_(
        page.get_by_role("radio", name="A field of the persona")
    ).click()
    field = page.get_by_role("combobox", name=re.compile("Which field"))
    field.fill("location")
    field.press("Enter")
    page.get_by_role("textbox", name="Value").fill("leeds")
    page.get_by_role("button", name="Add condition").click()
    expect(page.get_by_text("15 personas, newest first")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]where=any%3Alocation%3Dleeds"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("location is or contains leeds")).click()
    expect(page.get_by_text("1 to 25 of 30")).to_be_visible()


def test_ticks_outlast_what_others_add(personas: Analyst) -> None:
    page = personas.page

    def tick(name: str) -> Locator:
        return page.get_by_role("checkbox", name=f"Choose {name}", exact=True)

    tick("Person 2").click()
    tick("Person 3").click()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    personas.dashboard.sql(
        "insert into personas (raw_text, persona) values ('x', '{\"name\": \"Newcomer\"}')"
    )
    time.sleep(FRESH_SECONDS)
    tick("Person 4").click()
    expect(tick("Newcomer")).not_to_be_checked()
    for name in ("Person 2", "Person 3", "Person 4"):
        expect(tick(name)).to_be_checked()
    expect(page.get_by_text("3 chosen")).to_be_visible()


def test_all_that_match_go_to_the_trash(personas: Analyst) -> None:
    page = personas.page
    search(personas, "plain")
    expect(page.get_by_text("1 to 25 of 29")).to_be_visible()
    page.get_by_role("checkbox", name="Choose all on this page").click()
    page.get_by_text("All 29 that match").click()
    expect(page.get_by_text("29 chosen")).to_be_visible()
    personas.button("Move to trash").click()
    page.get_by_role("dialog").get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("29 personas moved to the trash.")).to_be_visible()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    left = personas.dashboard.sql("select count(*) from personas where deleted_at is null")
    assert left == [(1,)]
