"""What is typed is never lost: a closed tab, a page switch, a restart of the server."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.analyst import Analyst
from tests.browser.conftest import VIEWPORT
from tests.browser.dashboard import Dashboard

HALF = "Interview with Ana Ruiz, nurse in Leeds. She sa"
AGE = re.compile(r"Draft from (just now|\d+ min ago)")


@pytest.fixture
def analyst(page: Page, dashboard: Dashboard) -> Analyst:
    """Somebody whose browser keeps its cookies while tabs come and go."""
    dashboard.empty()
    return Analyst(page, dashboard)


def type_half(analyst: Analyst, text: str = HALF) -> None:
    """Type without ever leaving the box."""
    analyst.open("generate")
    analyst.text_box().click()
    analyst.page.keyboard.insert_text(text)


def kept(page: Page) -> None:
    expect(page.get_by_text(re.compile("Unsaved draft kept"))).to_be_visible()


def another_tab(analyst: Analyst) -> Analyst:
    """Close the tab and open another one of the same browser."""
    context = analyst.page.context
    analyst.page.close()
    page = context.new_page()
    return Analyst(page, analyst.dashboard)


def offer(analyst: Analyst) -> None:
    expect(analyst.page.get_by_text(AGE)).to_be_visible()


def no_offer(analyst: Analyst) -> None:
    analyst.settled()
    expect(analyst.page.get_by_text(AGE)).to_have_count(0)


def test_a_tab_closed_while_typing(analyst: Analyst) -> None:
    type_half(analyst)
    kept(analyst.page)
    analyst = another_tab(analyst)
    analyst.open("generate")
    offer(analyst)
    expect(analyst.text_box()).to_have_value("")
    analyst.button("Continue").click()
    expect(analyst.text_box()).to_have_value(HALF)
    no_offer(analyst)


def test_a_server_restarted_while_somebody_types(analyst: Analyst) -> None:
    type_half(analyst)
    kept(analyst.page)
    analyst.dashboard.kill()
    analyst.dashboard.start()
    analyst = another_tab(analyst)
    analyst.open("generate")
    offer(analyst)
    analyst.button("Continue").click()
    expect(analyst.text_box()).to_have_value(HALF)


def test_a_page_switched_once_the_draft_is_kept(analyst: Analyst) -> None:
    type_half(analyst)
    kept(analyst.page)
    analyst.open("status")
    analyst.open("generate")
    offer(analyst)
    analyst.button("Continue").click()
    expect(analyst.text_box()).to_have_value(HALF)


def test_a_dismissed_draft_is_gone(analyst: Analyst) -> None:
    type_half(analyst)
    kept(analyst.page)
    analyst.reload()
    offer(analyst)
    analyst.button("Dismiss").click()
    no_offer(analyst)
    assert analyst.dashboard.sql("select count(*) from drafts") == [(0,)]
    analyst.reload()
    no_offer(analyst)


def test_a_submitted_text_has_no_draft_any_more(analyst: Analyst) -> None:
    type_half(analyst, "Ana Ruiz is a nurse in Leeds.")
    kept(analyst.page)
    analyst.button("Generate persona").click()
    expect(analyst.saved()).to_be_visible()
    assert analyst.dashboard.sql("select body from drafts") == []
    analyst.open("generate")
    no_offer(analyst)


def test_two_tabs_keep_two_drafts(analyst: Analyst) -> None:
    type_half(analyst, "About Ana")
    kept(analyst.page)
    page = analyst.page.context.new_page()
    second = Analyst(page, analyst.dashboard)
    type_half(second, "About Bo")
    kept(page)
    bodies = analyst.dashboard.sql("select body from drafts order by body")
    assert bodies == [("About Ana",), ("About Bo",)]


def test_another_browser_is_offered_nothing(analyst: Analyst, browser: Browser) -> None:
    type_half(analyst)
    kept(analyst.page)
    context = browser.new_context(viewport=VIEWPORT)
    stranger = Analyst(context.new_page(), analyst.dashboard)
    stranger.open("generate")
    no_offer(stranger)
    context.close()


def test_typing_goes_on_while_drafts_are_kept(analyst: Analyst) -> None:
    """The rerun that keeps the draft must not move the cursor or eat a key."""
    analyst.open("generate")
    analyst.text_box().click()
    words = "one two three four five six seven eight nine ten"
    for word in words.split():
        analyst.page.keyboard.type(f"{word} ", delay=15)
        analyst.page.wait_for_timeout(350 if len(word) % 2 else 800)
    expect(analyst.text_box()).to_have_value(f"{words} ")
    kept(analyst.page)
    analyst.page.wait_for_timeout(1_500)
    assert analyst.dashboard.sql("select body from drafts") == [(f"{words} ",)]


def stored_persona(analyst: Analyst) -> str:
    """A persona in the database; its id."""
    ((persona_id,),) = analyst.dashboard.sql(
        "insert into personas (raw_text, persona)"
        " values ('Ada wrote this.', %s) returning id::text",
        ['{"name": "Ada Byron", "role": "analyst"}'],
    )
    return str(persona_id)


def edit_without_saving(analyst: Analyst, persona_id: str, text: str) -> None:
    analyst.open(f"persona?id={persona_id}")
    analyst.edit_json()
    analyst.write_json(text)
    kept(analyst.page)


def test_an_unsaved_edit_comes_back_in_another_tab_and_can_be_saved(analyst: Analyst) -> None:
    persona_id = stored_persona(analyst)
    edit_without_saving(analyst, persona_id, '{"name": "Ada King", "role": "analyst"}')
    analyst = another_tab(analyst)
    analyst.open(f"persona?id={persona_id}")
    expect(analyst.page.get_by_text("Unsaved edit from")).to_be_visible()
    analyst.button("Continue").click()
    expect(analyst.page.get_by_text("1 unsaved change")).to_be_visible()
    analyst.button("Save changes").click()
    expect(analyst.heading()).to_have_text("Ada King")
    assert analyst.dashboard.sql("select count(*) from drafts") == [(0,)]


def test_an_unsaved_edit_of_an_older_version_is_merged_when_saved(analyst: Analyst) -> None:
    persona_id = stored_persona(analyst)
    edit_without_saving(analyst, persona_id, '{"name": "Ada King", "role": "analyst"}')
    analyst.dashboard.sql(
        'update personas set persona = persona || \'{"role": "countess"}\' where id = %s',
        [persona_id],
    )
    analyst.page.wait_for_timeout(5_500)  # until the page's cache has run out
    analyst = another_tab(analyst)
    analyst.open(f"persona?id={persona_id}")
    expect(analyst.page.get_by_text("Unsaved edit of version 1 from")).to_be_visible()
    analyst.button("Continue").click()
    analyst.button("Save changes").click()
    expect(analyst.heading()).to_have_text("Ada King")
    assert analyst.dashboard.sql("select persona from personas where id = %s", [persona_id]) == [
        ({"name": "Ada King", "role": "countess"},)
    ]


def test_json_typed_while_the_server_is_away_is_still_there(analyst: Analyst) -> None:
    persona_id = stored_persona(analyst)
    edit_without_saving(analyst, persona_id, '{"name": "Ada King", "role": "analyst"}')
    analyst.dashboard.kill()
    analyst.write_json('{"name": "Ada King", "role": "countess"}')
    analyst.dashboard.start()
    said = analyst.page.get_by_text("2 unsaved changes")  # while it is drawn anew, twice
    expect(said.first).to_be_visible()
    analyst.button("Save changes").click()
    expect(analyst.heading()).to_have_text("Ada King")
    assert analyst.dashboard.sql("select persona from personas where id = %s", [persona_id]) == [
        ({"name": "Ada King", "role": "countess"},)
    ]
    assert analyst.dashboard.sql("select count(*) from drafts") == [(0,)]


def test_two_tabs_that_edit_one_persona_keep_two_drafts(analyst: Analyst) -> None:
    persona_id = stored_persona(analyst)
    edit_without_saving(analyst, persona_id, '{"name": "Ada King", "role": "analyst"}')
    second = Analyst(analyst.page.context.new_page(), analyst.dashboard)
    edit_without_saving(second, persona_id, '{"name": "Ada Byron", "role": "poet"}')
    analyst.write_json('{"name": "Ada King", "role": "analyst", "age": 36}')
    expect(analyst.page.get_by_text("2 unsaved changes")).to_be_visible()
    analyst.page.wait_for_timeout(1_000)
    bodies = [json.loads(body) for (body,) in analyst.dashboard.sql("select body from drafts")]
    assert sorted(body["role"] for body in bodies) == ["analyst", "poet"]
    assert [body["age"] for body in bodies if "age" in body] == [36]
    analyst.page.close()
    third = another_tab(second)
    third.open(f"persona?id={persona_id}")
    offers = third.page.get_by_text("Unsaved edit from")
    expect(offers).to_have_count(2)
    third.button("Continue").first.click()  # the latest
    third.button("Save changes").click()
    expect(third.heading()).to_have_text("Ada King")
    expect(third.page.get_by_text("Unsaved edit of version 1 from")).to_have_count(1)
    assert third.dashboard.sql("select count(*) from drafts") == [(1,)]


def test_unsaved_json_is_named_in_the_other_views_and_when_its_persona_is_erased(
    analyst: Analyst,
) -> None:
    persona_id = stored_persona(analyst)
    edit_without_saving(analyst, persona_id, '{"name": "Ada King", "role": "analyst"}')
    page = analyst.page
    page.get_by_role("radio", name="History").or_(analyst.button("History")).first.click()
    expect(page.get_by_text("Unsaved changes in Edit")).to_be_visible()
    analyst.dashboard.sql("update personas set deleted_at = now() where id = %s", [persona_id])
    analyst.dashboard.sql("select purge_persona(%s, 'eve')", [persona_id])
    page.wait_for_timeout(5_500)  # until the page's cache has run out
    page.get_by_role("radio", name="Review").or_(analyst.button("Review")).first.click()
    expect(page.get_by_text("What you had not saved, to copy:")).to_be_visible()
    expect(page.get_by_text("Ada King").first).to_be_visible()
