"""Where does it say that? Claims and their words, side by side in the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.analyst import Analyst
from tests.isolated import ROOT

INTERVIEW = (ROOT / "pages" / "samples" / "interview.txt").read_text("utf-8")
FILLER = "The weather was grey and the tea was warm. " * 60
SELECT_WORDS = """(text, words) => {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const at = node.data.indexOf(words);
    if (at >= 0) return getSelection().setBaseAndExtent(node, at, node, at + words.length);
  }
}"""


@pytest.fixture
def persona_id(analyst: Analyst) -> str:
    """A long text, its persona drafted and open for review."""
    analyst.generate(f"{INTERVIEW}\n\n{FILLER}\n\nI hope to learn Dutch. {uuid4().hex}")
    persona = analyst.open_saved()
    expect(analyst.page.get_by_text("claims with source")).to_be_visible()
    return persona


def claim(page: Page, words: str) -> Locator:
    return page.locator(".claim", has_text=words).first


def stored(analyst: Analyst, persona_id: str) -> tuple[dict, list[dict], str]:
    rows = analyst.dashboard.sql(
        "select persona, evidence, raw_text from personas where id = %s", [persona_id]
    )
    return rows[0]


def test_a_claim_scrolls_to_its_words_and_words_choose_their_claim(
    analyst: Analyst, persona_id: str
) -> None:
    page = analyst.page
    far = page.locator("mark", has_text="learn Dutch")
    expect(far).not_to_be_in_viewport()
    claim(page, "learn Dutch").locator(".choose").click()
    expect(page.locator("mark.active")).to_contain_text("learn Dutch")
    expect(far).to_be_in_viewport()
    page.locator("mark", has_text="Rotterdam").first.click()
    expect(page.locator("mark.active").first).to_contain_text("Rotterdam")
    chosen = page.locator(".claim.active").get_attribute("data-path")
    _, evidence, raw_text = stored(analyst, persona_id)
    assert any(
        item["path"] == chosen and "Rotterdam" in raw_text[item["start"] : item["end"]]
        for item in evidence
    )


def test_the_keys_go_through_the_claims_accept_and_take_out(
    analyst: Analyst, persona_id: str
) -> None:
    page = analyst.page
    first = page.locator(".claim").first
    first.locator(".choose").click()
    expect(first).to_have_class(re.compile("active"))
    page.keyboard.press("ArrowDown")
    second = page.locator(".claim").nth(1)
    expect(second).to_have_class(re.compile("active"))
    path = second.get_attribute("data-path")
    page.keyboard.press("a")
    expect(page.get_by_text("1 accepted")).to_be_visible()
    expect(page.get_by_text("· version 2")).to_be_visible()
    expect(page.get_by_text("was saved meanwhile")).to_have_count(0)
    _, evidence, _ = stored(analyst, persona_id)
    assert [item["path"] for item in evidence if item["accepted"]] == [path]
    page.keyboard.press("ArrowUp")
    expect(second).to_have_class(re.compile("active"))
    page.keyboard.press("a")  # once more: it goes on
    expect(page.locator(".claim").nth(2)).to_have_class(re.compile("active"))

    goal = claim(page, "learn Dutch")
    goal.locator(".choose").click()
    expect(goal).to_have_class(re.compile("active"))
    page.keyboard.press("r")
    expect(goal).to_have_count(0)
    persona, _, _ = stored(analyst, persona_id)
    assert "learn Dutch" not in str(persona)
    with page.expect_download() as download:
        analyst.more("Download JSON")
    assert json.loads(download.value.path().read_text("utf-8")) == persona

    page.get_by_text(re.compile("^Kept out of the persona")).click()
    analyst.settled()
    kept = page.get_by_test_id("stExpander").filter(has_text="learn Dutch")
    kept.get_by_role("button", name="Accept").last.click()
    expect(claim(page, "learn Dutch")).to_be_visible()
    persona, _, _ = stored(analyst, persona_id)
    assert "learn Dutch" in str(persona["goals"])

    page.get_by_role("radio", name="History").or_(analyst.button("History")).first.click()
    for words in ("Accepted: ", "Taken out: Goals", "Accepted, though kept out: Goals"):
        expect(page.get_by_test_id("stRadio").get_by_text(words).first).to_be_visible()


@pytest.mark.parametrize("pause", [0, 30, 120, 450])
def test_keys_at_any_speed_do_what_they_are_pressed_for(
    analyst: Analyst, persona_id: str, pause: int
) -> None:
    page = analyst.page
    page.locator(".claim .choose").first.click()
    values = page.locator(".claim .value").all_text_contents()
    for key in ("a", "ArrowDown", "r", "ArrowDown", "a", "k", "k", "a", "a"):
        page.keyboard.press(key)
        page.wait_for_timeout(pause)
    expect(page.get_by_text("3 accepted")).to_be_visible()
    left = [value for value in values if value != values[2]]
    expect(page.locator(".claim .value")).to_have_text(left)
    marked = page.locator(".claim", has_text="✓ accepted").locator(".value")
    expect(marked).to_have_text([values[0], values[3], values[4]])
    expect(claim(page, values[5])).to_have_class(re.compile("active"))
    analyst.settled()


def test_a_key_held_down_goes_on_but_stores_once(analyst: Analyst, persona_id: str) -> None:
    page = analyst.page
    page.locator(".claim .choose").first.click()
    for _ in range(60):
        page.keyboard.down("ArrowDown")  # repeats, as long as it is not let go
    expect(page.locator(".claim").last).to_have_class(re.compile("active"))
    page.keyboard.up("ArrowDown")
    page.locator(".claim .choose").first.click()
    for _ in range(20):
        page.keyboard.down("a")
    page.keyboard.up("a")
    expect(page.get_by_text("1 accepted")).to_be_visible()
    analyst.settled()
    _, evidence, _ = stored(analyst, persona_id)
    assert len({item["path"] for item in evidence if item["accepted"]}) == 1


def test_a_claim_that_somebody_moved_is_the_one_that_is_taken_out(
    analyst: Analyst, persona_id: str
) -> None:
    goals = stored(analyst, persona_id)[0]["goals"]
    assert len(goals) > 2
    expect(claim(analyst.page, goals[1])).to_be_visible()
    other = Analyst(analyst.page.context.new_page(), analyst.dashboard)
    other.open(f"persona?id={persona_id}")
    other.button(f"Take out: {goals[0]}").click()
    expect(other.button(f"Take out: {goals[0]}")).to_have_count(0)
    analyst.button(f"Take out: {goals[1]}").click()
    expect(analyst.button(f"Take out: {goals[1]}")).to_have_count(0)
    assert stored(analyst, persona_id)[0]["goals"] == goals[2:]


def test_marked_words_become_a_claim_with_exactly_these_words(
    analyst: Analyst, persona_id: str
) -> None:
    page = analyst.page
    page.locator(".text").evaluate(SELECT_WORDS, "the tea was warm")
    page.get_by_role("button", name="Use selected words").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("the tea was warm")
    dialog.get_by_role("combobox", name="Field").click()
    page.get_by_role("option", name="Interests").click()
    dialog.get_by_role("textbox", name="Claim").fill("tea")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_have_count(0)
    expect(claim(page, "tea")).to_be_visible()
    persona, evidence, raw_text = stored(analyst, persona_id)
    assert "tea" in persona["interests"]
    (item,) = [e for e in evidence if e["origin"] == "human"]
    assert raw_text[item["start"] : item["end"]] == item["quote"] == "the tea was warm"


def test_evidence_follows_an_edit_in_the_json(analyst: Analyst, persona_id: str) -> None:
    persona, evidence, _ = stored(analyst, persona_id)
    words = {item["quote"] for item in evidence if item["path"].startswith("/goals/")}
    edited = {**persona, "goals": persona["goals"][::-1], "role": "harbour pilot"}
    analyst.edit_json()
    analyst.write_json(json.dumps(edited))
    analyst.button("Save changes").click()
    expect(analyst.page.get_by_text("No changes against the stored version")).to_be_visible()
    _, evidence, raw_text = stored(analyst, persona_id)
    goals = {item["path"]: item["quote"] for item in evidence if "/goals/" in item["path"]}
    assert set(goals.values()) == words
    assert all(edited["goals"][int(path.rsplit("/", 1)[1])] in goals[path] for path in goals)
    assert not [item for item in evidence if item["path"] == "/role"]
    assert all(raw_text[item["start"] : item["end"]] == item["quote"] for item in evidence)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 420)])
def test_the_review_is_readable_and_accessible(
    analyst: Analyst,
    persona_id: str,
    screenshot: Callable[[Page, str], Path],
    scheme: str,
    width: int,
) -> None:
    page = analyst.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    analyst.open(f"persona?id={persona_id}")
    expect(page.locator("mark").first).to_be_visible()
    claim(page, "Rotterdam").locator(".choose").click()
    expect(page.locator("mark.active").first).to_be_visible()
    screenshot(page, f"review-{scheme}-{width}")
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document.querySelector('[data-testid=stMain]'))")
    serious = [
        (fault["id"], fault["nodes"][0]["target"])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []
