"""Review by keyboard in a real browser: one persona after another, nothing typed lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard

NAMES = ("First", "Second", "Third")  # in the order of the queue: the riskiest first
TEXT = "We met in May.\nThey like chess."


@pytest.fixture
def waiting(dashboard: Dashboard) -> Iterator[dict[str, UUID]]:
    """Three personas in review, by name."""
    dashboard.empty()
    for place, name in enumerate(NAMES):
        persona = {"name": name, "skills": [f"skill {n}" for n in range(len(NAMES) - place)]}
        dashboard.sql(
            "insert into personas (raw_text, persona) values (%s, %s)", [TEXT, json.dumps(persona)]
        )
    dashboard.sql("update personas set status = 'in_review', updated_by = 'eve@example.org'")
    yield dict(dashboard.sql("select persona ->> 'name', id from personas"))  # type: ignore[arg-type]
    dashboard.empty()


def statuses(dashboard: Dashboard) -> dict[str, str]:
    rows = dashboard.sql("select persona ->> 'name', status from personas")
    return dict(rows)  # type: ignore[arg-type]


def press(analyst: Analyst, key: str, then: str) -> None:
    """Press a key and wait for the page with this heading."""
    analyst.page.keyboard.press(key)
    expect(analyst.heading()).to_have_text(then)
    analyst.settled()


def test_a_reviewer_goes_through_the_queue_by_keyboard(
    analyst: Analyst, waiting: dict[str, UUID], screenshot: Callable[[Page, str], Path]
) -> None:
    page, dashboard = analyst.page, analyst.dashboard
    analyst.open("review?show=in_review")
    expect(page.get_by_text("3 claims without source")).to_be_visible()
    screenshot(page, "review-queue")
    analyst.button("Start reviewing").click()
    expect(analyst.heading()).to_have_text("First")
    analyst.settled()
    press(analyst, "n", "Second")
    page.go_back()
    expect(analyst.heading()).to_have_text("First")
    analyst.settled()
    press(analyst, "n", "Second")
    press(analyst, "n", "Third")
    press(analyst, "p", "Second")
    screenshot(page, "review-one")
    press(analyst, "Shift+A", "Third")
    assert statuses(dashboard) == {
        "First": "in_review",
        "Second": "approved",
        "Third": "in_review",
    }
    press(analyst, "p", "First")
    press(analyst, "Shift+X", "Third")
    press(analyst, "Shift+A", "Review")
    expect(page.get_by_text("That was the last one.")).to_be_visible()
    assert statuses(dashboard) == {"First": "rejected", "Second": "approved", "Third": "approved"}
    (author,) = {row[0] for row in dashboard.sql("select reviewed_by from personas")}
    assert str(author).startswith("browser-")


def test_keys_typed_into_a_note_move_nothing_and_the_note_goes_with_the_move(
    analyst: Analyst, waiting: dict[str, UUID]
) -> None:
    page, dashboard = analyst.page, analyst.dashboard
    analyst.open(f"review?show=in_review&id={waiting['First']}")
    page.get_by_role("button", name=re.compile("Note")).click()
    note = page.get_by_role("textbox", name="Note for the next move (optional)")
    note.press_sequentially("No, Paris is wrong. N p A X")
    expect(analyst.heading()).to_have_text("First")
    expect(page.get_by_text("Unsaved draft kept")).to_be_visible()
    analyst.open(f"review?show=in_review&id={waiting['First']}")  # a reload loses nothing
    page.get_by_role("button", name="Note (draft kept)").click()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(note).to_have_value("No, Paris is wrong. N p A X")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Reject")).click()
    expect(analyst.heading()).to_have_text("Second")
    stored = dashboard.sql(
        "select status, review_note from personas where id = %s", [waiting["First"]]
    )
    assert stored == [("rejected", "No, Paris is wrong. N p A X")]
    assert dashboard.sql("select count(*) from drafts") == [(0,)]


def test_the_keys_of_the_claims_work_on_arrival(analyst: Analyst, waiting: dict[str, UUID]) -> None:
    page = analyst.page
    analyst.open(f"review?show=in_review&id={waiting['First']}")
    expect(page.locator(".claim .choose").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".claim.active")).to_have_count(1)


def test_a_move_pressed_at_once_comes_after_what_was_done_to_claims(
    analyst: Analyst, waiting: dict[str, UUID]
) -> None:
    page, dashboard = analyst.page, analyst.dashboard
    analyst.open(f"review?show=in_review&id={waiting['First']}")
    expect(page.locator(".claim .choose").first).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "r", "r", "Shift+A"):
        page.keyboard.press(key)
    expect(analyst.heading()).to_have_text("Second")
    stored = dashboard.sql(
        "select persona -> 'skills', status from personas where id = %s", [waiting["First"]]
    )
    assert stored == [(["skill 2"], "approved")]


def test_two_reviewers_of_one_persona(analyst: Analyst, waiting: dict[str, UUID]) -> None:
    """Who comes second is told; nothing is overwritten."""
    page, dashboard = analyst.page, analyst.dashboard
    analyst.open(f"review?show=in_review&id={waiting['First']}")
    dashboard.sql(
        "update personas set status = 'rejected', updated_by = 'eve' where id = %s",
        [waiting["First"]],
    )
    page.get_by_role("button", name=re.compile("^Approve")).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody changed this persona")
    expect(page.get_by_test_id("stMain")).to_contain_text(re.compile("Rejected.*by eve", re.DOTALL))
    assert statuses(dashboard)["First"] == "rejected"


def test_a_comment_on_the_claim_that_is_chosen(analyst: Analyst, waiting: dict[str, UUID]) -> None:
    page, dashboard = analyst.page, analyst.dashboard
    analyst.open(f"persona?id={waiting['First']}")
    page.get_by_text("skill 1").click()
    page.get_by_text("Comments", exact=True).click()
    expect(page.get_by_role("combobox", name="About")).to_have_value("Skills: skill 1")
    box = page.get_by_role("textbox", name="Comment", exact=True)
    box.fill("Where does this stand?\n<b>bold</b>")
    box.blur()
    analyst.button("Add comment").click()
    expect(page.get_by_text("Comments (1 open)")).to_be_visible()
    expect(page.get_by_role("region", name="Comment")).to_contain_text("<b>bold</b>")
    expect(box).to_have_value("")
    analyst.button("Resolve").click()
    expect(page.get_by_text("Comments (0 open)")).to_be_visible()
    stored = dashboard.sql("select path, about, resolved_by from persona_comments")
    assert [(row[0], row[1]) for row in stored] == [("/skills/1", "skill 1")]
    assert str(stored[0][2]).startswith("browser-")


def test_a_view_chosen_right_after_a_claim_is_shown(
    analyst: Analyst, waiting: dict[str, UUID]
) -> None:
    for _ in range(3):
        analyst.open(f"persona?id={waiting['First']}")
        analyst.page.locator(".claim .choose").last.click()
        analyst.settled()
        analyst.view("Edit")
        expect(analyst.page.get_by_role("textbox", name="Skills 1", exact=True)).to_be_visible()
