"""A day of an analyst, by keyboard where it can be: back where one was, undone what was a slip."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.analyst import Analyst

TEN = [f"Waiting {number}" for number in range(1, 11)]


@pytest.fixture
def furnished(analyst: Analyst) -> Iterator[Analyst]:
    """Thirty personas whose text holds "nurse", in a list that is not cached."""
    dashboard = analyst.dashboard
    dashboard.empty()
    dashboard.sql(
        "insert into personas (raw_text, persona, created_at) select 'A nurse in Leeds, ' || n,"
        " jsonb_build_object('name', 'Person ' || n, 'location', 'Leeds'),"
        " now() - n * interval '1 minute'"
        " from generate_series(1, 30) n"
    )
    yield analyst
    dashboard.empty()


def status(analyst: Analyst, name: str) -> str:
    rows = analyst.dashboard.sql("select status from personas where name = %s", [name])
    return str(rows[0][0])


def test_the_way_back_leads_to_the_exact_address(furnished: Analyst) -> None:
    page = furnished.page
    furnished.open("?q=nurs&where=is%3Alocation%3DLeeds&size=10")
    furnished.button("Next page").click()
    expect(furnished.listed().first).to_have_text("Person 11")
    expect(page).to_have_url(re.compile("at="))
    address = page.url
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(furnished.heading()).to_have_text("Person 12")
    page.go_back()
    expect(furnished.listed().first).to_have_text("Person 11")
    assert page.url == address
    furnished.listed().first.click()
    expect(furnished.heading()).to_have_text("Person 11")
    furnished.settled()
    page.keyboard.press("n")
    expect(furnished.heading()).to_have_text("Person 12")
    furnished.view("History")
    expect(page).to_have_url(re.compile("view=history"))
    page.reload()
    expect(page.get_by_text("There is only this version")).to_be_visible()
    page.get_by_role("link", name="All personas").click()
    expect(furnished.listed().first).to_have_text("Person 11")
    assert page.url == address


def test_back_from_where_a_button_leads_is_one_step(furnished: Analyst) -> None:
    page = furnished.page
    furnished.open("batches")
    furnished.button("Draft many texts").click()
    expect(page).to_have_url(f"{furnished.dashboard.url}/generate?many=1")
    page.go_back()
    expect(furnished.heading()).to_have_text("Batches")
    expect(page).to_have_url(f"{furnished.dashboard.url}/batches")

    furnished.open("?size=10")
    furnished.listed().first.click()
    expect(furnished.heading()).to_have_text("Person 1")
    opened = page.url
    furnished.more("Delete")
    furnished.button("Delete persona").click()
    expect(furnished.heading()).to_have_text("Personas")
    expect(page).to_have_url(f"{furnished.dashboard.url}/?size=10")
    page.go_back()
    expect(page).to_have_url(opened)


def test_a_bulk_change_by_keyboard_alone_says_why_not_and_is_undone(furnished: Analyst) -> None:
    page = furnished.page
    furnished.open()
    expect(furnished.listed().first).to_be_visible()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_text("2 chosen")).to_be_visible()
    expect(furnished.button("Approve")).to_be_disabled()
    furnished.button("Send to review").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 personas sent to review.")).to_be_visible()
    assert [status(furnished, f"Person {n}") for n in (1, 2, 3)] == ["in_review"] * 2 + ["draft"]
    expect(furnished.button("Approve")).to_be_enabled()
    page.keyboard.press("z")
    expect(page.get_by_text("Undone: 2 personas as before.")).to_be_visible()
    assert status(furnished, "Person 1") == "draft"


def test_a_preview_beside_the_list_follows_the_keys_and_is_remembered(furnished: Analyst) -> None:
    page = furnished.page
    furnished.dashboard.sql(
        'update personas set persona = persona || \'{"goals": ["Fewer forms"]}\''
    )
    preview = page.get_by_role("region", name="Preview")
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: frames.append("")))
    furnished.open("?size=10")
    expect(furnished.listed()).to_have_count(10)
    expect(preview).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("p")
    expect(preview).to_contain_text("Fewer forms – no source")
    expect(preview).to_contain_text("0 % of the claims have words in the text")
    furnished.settled()
    asked = len(frames)
    page.keyboard.press("j")
    expect(preview.get_by_role("heading")).to_have_text("Person 2")
    expect(preview).to_contain_text("Fewer forms")
    assert len(frames) == asked, "the server was asked for what was at hand"
    page.reload()
    expect(furnished.listed()).to_have_count(10)
    furnished.listed().nth(2).focus()
    expect(preview).to_contain_text("Fewer forms")
    page.set_viewport_size({"width": 1000, "height": 800})
    expect(preview).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 800})
    preview.get_by_role("link", name="Open Person 3").click()
    expect(furnished.heading()).to_have_text("Person 3")


def test_ten_personas_reviewed_by_keyboard_alone(analyst: Analyst) -> None:
    page, dashboard = analyst.page, analyst.dashboard
    dashboard.empty()
    for name in TEN:
        persona = json.dumps({"name": name, "role": "nurse"})
        dashboard.sql(
            "insert into personas (raw_text, persona) values (%s, %s)", [f"{name}, nurse.", persona]
        )
    analyst.open("review")
    analyst.button("Start reviewing").focus()
    page.keyboard.press("Enter")
    for number in range(len(TEN)):
        expect(analyst.heading()).to_have_text(re.compile("^Waiting"))
        name = analyst.heading().inner_text()
        expect(page.locator(".claim .choose").first).to_be_focused()
        if number == 0:
            page.keyboard.press("a")  # why it does nothing is said
            expect(page.get_by_text(f"“{name}” has no source")).to_be_visible()
            page.keyboard.press("r")
            expect(page.get_by_text("Name taken out: Waiting")).to_be_visible()
            page.keyboard.press("z")
            expect(page.get_by_text("Undone.")).to_be_visible()
            expect(page.locator(".claim")).to_have_count(2)
        page.keyboard.press("Shift+A")
        expect(page.get_by_text(f"{name}: approved. 2 claims without source.")).to_be_visible()
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    assert {status(analyst, name) for name in TEN} == {"approved"}
    dashboard.empty()


def test_an_edited_export_is_applied_value_by_value(furnished: Analyst) -> None:
    page = furnished.page
    furnished.open("?size=10")
    rows = list(csv.DictReader(io.StringIO(furnished.download_csv().decode("utf-8-sig"))))
    for row in rows[:2]:
        row["persona.location"] = "York"
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    furnished.open("import")
    page.locator("input[type=file]").set_input_files(
        {"name": "edited.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}
    )
    furnished.button("Check the file").click()
    page.get_by_text("Location", exact=True).last.click()  # not the second
    furnished.button("Apply 1 value to 1 persona").click()
    expect(page.get_by_text("1 persona updated, each as a new version.")).to_be_visible()
    query = "select name, version from personas where persona ->> 'location' = 'York'"
    assert furnished.dashboard.sql(query) == [(rows[0]["persona.name"], 2)]


def test_the_main_path_by_keyboard_alone(analyst: Analyst) -> None:
    """From the menu to an approved persona and its CSV; no pointer is touched."""
    page = analyst.page
    analyst.open()
    tab_to(page, "link", "Generate")
    page.keyboard.press("Enter")
    expect(analyst.heading()).to_have_text("Generate a persona")
    analyst.settled()
    tab_to(page, "textbox", "Text about the person")
    page.keyboard.insert_text("Ann Lee is a data analyst in Lyon. She writes SQL every day.")
    tab_to(page, "button", "Generate persona")
    page.keyboard.press("Enter")
    expect(analyst.saved()).to_be_visible()
    tab_to(page, "link", "Open and review")
    page.keyboard.press("Enter")
    expect(analyst.heading()).to_have_text("Ann Lee")
    analyst.settled()
    tab_to(page, "button", "Approve")
    page.keyboard.press("Enter")
    expect(analyst.button("Approve")).to_have_count(0)
    analyst.settled()
    tab_to(page, "link", "Personas")
    page.keyboard.press("Enter")
    expect(analyst.heading()).to_have_text("Personas")
    analyst.settled()
    tab_to(page, "button", "Export")
    page.keyboard.press("Enter")
    expect(analyst.download_link()).to_be_visible()
    tab_to(page, "link", "Download CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert b"Ann Lee" in download.value.path().read_bytes()


def tab_to(page: Page, role: str, name: str, most: int = 80) -> None:
    """Press Tab until the focus is on what has this role and name."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    expect(wanted).to_be_visible()
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{name} is not reached by {most} presses of Tab")
