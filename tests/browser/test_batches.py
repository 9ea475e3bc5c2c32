"""Many texts from an archive to reviewed personas, in a real browser: it survives what it must."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.analyst import Analyst
from tests.zips import zip_of

TEXTS = 40
SLOW = 40  # sentences of a text: so that a batch of them can be paused
PLACES = ("Leeds", "Graz", "Porto", "Malmö")
FINISHED_MS = 60_000


def interview(number: int) -> str:
    more = "I spend hours every week on chasing people for paperwork. " * SLOW
    return (
        f"My name is Ana Ruiz {number}. I work as a nurse in {PLACES[number % 4]}. {more}"
        "I want to see every shift on one screen."
    )


def interviews() -> bytes:
    files: dict[str, str | bytes] = {
        f"round 1/{number:03}.txt": interview(number) for number in range(TEXTS)
    }
    files["round 1/000 again.txt"] = interview(0)
    files["round 1/empty.txt"] = ""
    files["round 1/notes.txt"] = "..."  # nothing about a person: the riskiest
    return zip_of(files)


@pytest.fixture
def starter(analyst: Analyst) -> Analyst:
    analyst.dashboard.empty()
    analyst.dashboard.sql("truncate generation_batches cascade")
    return analyst


def test_an_archive_becomes_personas_through_pause_and_reload(starter: Analyst) -> None:
    page = starter.page
    starter.open("generate")
    page.get_by_text("Many texts", exact=True).click()
    expect(starter.heading()).to_have_text("Generate personas")
    starter.settled()
    file = {"name": "interviews.zip", "mimeType": "application/zip", "buffer": interviews()}
    page.locator("input[type=file]").set_input_files(file)
    starter.button("Read interviews.zip").click()
    starter.button("Download all problems").wait_for()
    starter.reload()  # what was read is still there
    starter.button(f"Draft {TEXTS + 1} texts").click()

    expect(starter.heading()).to_have_text("interviews")
    starter.button("Pause").click()
    expect(page.get_by_text("Nothing is drafted until you resume.")).to_be_visible()
    (waiting,) = starter.dashboard.sql("select queued from generation_batches")
    assert waiting > (0,), "it was over before it could be paused"
    starter.button("Cancel").click()  # asks at once, and not again
    asked = page.get_by_role("dialog").get_by_test_id("stCaptionContainer")
    expect(asked).to_have_css("opacity", "0.8")  # with enough contrast there, too
    starter.button("Keep going").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    starter.reload()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    starter.button("Resume").click()
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=FINISHED_MS)
    expect(page.get_by_text(f"{TEXTS + 1} drafted")).to_be_visible()

    page.get_by_role("link", name="Review the riskiest first").click()
    expect(page.get_by_text(f"{TEXTS + 1} waiting")).to_be_visible()
    starter.button("Start reviewing").click()
    expect(starter.heading()).to_have_text("No name")
    starter.menu("Batches").click()
    page.get_by_role("link", name="interviews").click()
    page.get_by_role("link", name="See them in the list").click()
    expect(page.get_by_text(re.compile(f"of {TEXTS + 1}, newest first"))).to_be_visible()
    assert starter.dashboard.sql("select count(*) from personas") == [(TEXTS + 1,)]
