"""Edit two fields, draft anew: both stay, the others are proposed. In a real browser."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from services.evidence.summary import write_summary
from tests.browser.analyst import Analyst

TEXT = "Ana Ruiz is a nurse in Leeds. She uses Excel. She wants shorter handovers."
MORE = "Ana Ruiz is a nurse in York. She uses Tableau."


def choose_view(analyst: Analyst, name: str) -> None:
    views = analyst.page.get_by_test_id("stButtonGroup")
    views.get_by_role("radio", name=name).or_(views.get_by_role("button", name=name)).click()


def stored(analyst: Analyst, persona_id: str) -> dict[str, object]:
    ((persona,),) = analyst.dashboard.sql(
        "select persona from personas where id = %s", [persona_id]
    )
    return dict(persona)


def edit(analyst: Analyst, persona_id: str, **fields: object) -> dict[str, object]:
    edited = {**stored(analyst, persona_id), **fields}
    analyst.edit_json()
    analyst.write_json(json.dumps(edited))
    analyst.button("Save changes").click()
    expect(analyst.page.get_by_text("No changes against the stored version.")).to_be_visible()
    edited["summary"] = write_summary(edited)  # nobody wrote it: it follows the claims
    return edited


def add_text(analyst: Analyst, label: str, text: str) -> None:
    choose_view(analyst, "Regenerate")
    analyst.page.get_by_text("Add a text", exact=True).click()
    analyst.page.get_by_label("What it is").fill(label)
    analyst.page.get_by_role("textbox", name="New text").fill(text)
    analyst.page.get_by_role("textbox", name="New text").blur()
    analyst.button("Add text").click()
    expect(analyst.page.get_by_test_id("stMarkdown").get_by_text(label)).to_be_visible()


def regenerate(analyst: Analyst) -> None:
    analyst.page.get_by_test_id("stBaseButton-primary").get_by_text("Regenerate").click()
    expect(analyst.page.get_by_text("Drafted by the offline engine")).to_be_visible()


def test_two_edited_fields_stay_and_the_others_are_proposed(analyst: Analyst) -> None:
    analyst.generate(TEXT)
    persona_id = analyst.open_saved()
    edited = edit(analyst, persona_id, role="ward sister", name="Ana R.")
    add_text(analyst, "Call of May", MORE)
    regenerate(analyst)
    analyst.reload()  # the draft waits
    choose_view(analyst, "Regenerate")
    expect(analyst.page.get_by_text("set by a person")).to_have_count(2)
    expect(analyst.page.get_by_role("checkbox", name="Role: take new")).not_to_be_checked()
    expect(analyst.page.get_by_role("checkbox", name="Skills: add")).to_be_checked()
    assert stored(analyst, persona_id) == edited
    analyst.button("Apply 1 of 3 changes").click()
    expect(analyst.page.get_by_text("Saved as version 4.")).to_be_visible()
    after = stored(analyst, persona_id)
    assert (after["name"], after["role"]) == ("Ana R.", "ward sister")
    assert after["skills"] == ["Excel", "Tableau"]


def test_contradicting_texts_show_both_quotes_and_which_text_says_what(analyst: Analyst) -> None:
    analyst.generate(TEXT)
    persona_id = analyst.open_saved()
    add_text(analyst, "Call of May", MORE)
    regenerate(analyst)
    analyst.button("Apply 1 of 1 change").click()
    expect(analyst.page.get_by_text("Saved as version 3.")).to_be_visible()
    choose_view(analyst, "Review")
    main = analyst.page.get_by_test_id("stMain")
    main.get_by_text("The texts disagree: Location").click()
    for quote in ("“Ana Ruiz is a nurse in Leeds.”", "“Ana Ruiz is a nurse in York.”"):
        expect(main.get_by_text(quote, exact=True)).to_be_visible()
    expect(main.get_by_text("stated · Call of May")).to_be_visible()
    analyst.button("Take York").click()
    expect(main.get_by_text("The texts disagree")).to_have_count(0)
    assert stored(analyst, persona_id)["location"] == "York"


def test_a_text_being_added_is_kept_when_the_tab_closes(analyst: Analyst) -> None:
    analyst.generate(TEXT)
    persona_id = analyst.open_saved()
    choose_view(analyst, "Regenerate")
    analyst.page.get_by_text("Add a text", exact=True).click()
    analyst.page.get_by_role("textbox", name="New text").click()
    analyst.page.keyboard.insert_text("Ana said on the pho")
    expect(analyst.page.get_by_text("Unsaved draft kept")).to_be_visible()
    context = analyst.page.context
    analyst.page.close()
    again = Analyst(context.new_page(), analyst.dashboard)
    again.open(f"persona?id={persona_id}")
    choose_view(again, "Regenerate")
    again.button("Continue").click()
    expect(again.page.get_by_role("textbox", name="New text")).to_have_value("Ana said on the pho")
