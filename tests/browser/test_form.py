"""A persona edited in a form of fields, with words of the text picked as evidence."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, expect

from services.evidence.summary import write_summary
from tests.browser.analyst import Analyst
from tests.browser.test_evidence_review import SELECT_WORDS
from tests.browser.test_look import faults_of_access

TEXT = (
    "Ana Ruiz is a nurse in Leeds. She uses Excel and SQL. She wants shorter handovers, and on "
    "most days she is the last one to leave the ward."
)


@pytest.fixture
def persona_id(analyst: Analyst) -> str:
    analyst.generate(TEXT)
    persona_id = analyst.open_saved()
    analyst.view("Edit")
    expect(box(analyst, "Role")).to_have_value("nurse")
    return persona_id


def box(analyst: Analyst, name: str) -> Locator:
    return analyst.page.get_by_role("textbox", name=name, exact=True)


def mark(analyst: Analyst, words: str) -> None:
    text = analyst.page.locator(".evidence .text")
    text.evaluate(SELECT_WORDS, words)


def stored(analyst: Analyst, persona_id: str) -> tuple[dict, list[dict], int]:
    rows = analyst.dashboard.sql(
        "select persona, evidence, version from personas where id = %s", [persona_id]
    )
    return rows[0]


def test_two_fields_and_picked_words_survive_a_reload_and_make_one_version(
    analyst: Analyst, persona_id: str
) -> None:
    page = analyst.page
    box(analyst, "Role").fill("ward sister")
    box(analyst, "Skills 2").press("Enter")
    box(analyst, "Skills 3").fill("Tableau")
    box(analyst, "Role").focus()
    mark(analyst, "the last one to leave the ward")
    analyst.button("Evidence of Role").click()
    expect(page.get_by_text("picked, not saved")).to_be_visible()
    analyst.reload()
    analyst.button("Continue").click()
    expect(box(analyst, "Role")).to_have_value("ward sister")
    expect(box(analyst, "Skills 3")).to_have_value("Tableau")
    expect(page.get_by_text("picked, not saved")).to_be_visible()
    expect(page.get_by_text("3 unsaved changes")).to_be_visible()
    assert faults_of_access(page) == []
    analyst.button("Save changes").click()
    expect(page.get_by_text("No changes against the stored version.")).to_be_visible()
    persona, evidence, version = stored(analyst, persona_id)
    assert (persona["role"], persona["skills"]) == ("ward sister", ["Excel", "SQL", "Tableau"])
    assert version == 2
    (words,) = [item for item in evidence if item["path"] == "/role"]
    assert (words["quote"], words["origin"]) == ("the last one to leave the ward", "human")
    assert analyst.dashboard.sql("select 1 from drafts") == []


def test_form_and_json_show_one_draft_and_hostile_values_stay_inert(
    analyst: Analyst, persona_id: str
) -> None:
    page = analyst.page
    hostile = "<img src=x onerror=alert(1)> \u202eevil"
    persona, _, _ = stored(analyst, persona_id)
    analyst.edit_json()
    typed = {**persona, "team": {"lead": True}, "note": hostile, "age": "old"}
    typed |= {"constructor": "a", "__proto__": "b"}  # names that every object of JavaScript has
    analyst.write_json(json.dumps(typed))
    expect(page.get_by_text("Age usually holds a number")).to_be_visible()
    analyst.view("Form")
    expect(page.get_by_text("Age usually holds a number")).to_be_visible()
    expect(box(analyst, "Note")).to_have_value(hostile)
    expect(page.locator(".form img")).to_have_count(0)
    expect(page.locator(".form").get_by_text("[", exact=False)).to_have_count(0)
    box(analyst, "Age").fill("36")
    page.get_by_role("button", name="Take out Skills 1").click()
    expect(page.get_by_text("Skills › 1")).to_be_visible()
    box(analyst, "Summary").focus()
    expect(analyst.button("Choose a field first")).to_be_disabled()
    box(analyst, "Company").focus()
    mark(analyst, "the ward")
    analyst.button("Evidence of Company").click()
    expect(box(analyst, "Company")).to_have_value("the ward")
    analyst.button("Edit as JSON").click()
    changed = {**typed, "age": 36, "skills": ["SQL"], "company": "the ward"}
    analyst.write_json(json.dumps({**changed, "role": "matron"}))
    expect(page.get_by_text("matron").first).to_be_visible()
    analyst.view("Form")
    expect(box(analyst, "Role")).to_have_value("matron")
    expect(box(analyst, "Skills 1")).to_have_value("SQL")
    box(analyst, "Name of another field").fill("shift")
    analyst.button("Add value").click()
    box(analyst, "shift").fill("night")
    analyst.button("Save changes").click()
    expect(page.get_by_text("No changes against the stored version.")).to_be_visible()
    saved, evidence, _ = stored(analyst, persona_id)
    expected = {**changed, "role": "matron", "shift": "night"}
    assert saved == {**expected, "summary": write_summary(expected)}  # it follows the claims
    assert [item["quote"] for item in evidence if item["path"] == "/company"] == ["the ward"]
