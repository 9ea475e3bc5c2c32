"""Files out and in, in a real browser: what was exported comes back, problems are named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.analyst import Analyst

ROWS = 120
LONG = 8_000  # takes long enough to be seen while it runs


@pytest.fixture
def importer(analyst: Analyst) -> Analyst:
    analyst.dashboard.empty()
    analyst.dashboard.sql("truncate import_jobs cascade")
    return analyst


def give(analyst: Analyst, name: str, content: bytes) -> None:
    analyst.open("import")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    analyst.page.locator("input[type=file]").set_input_files(file)
    analyst.button("Check the file").click()
    expect(analyst.page.get_by_text("Stored already", exact=True)).to_be_visible()


def interviews(mark: str, count: int = ROWS) -> bytes:
    """A file of so many rows, one of them without a text."""
    rows = [f'"{mark}, interview {n}: <b>late</b>",Person {n}' for n in range(count)]
    rows[7] = ",Nobody"
    return "\n".join(["Interview,Name", *rows]).encode()


def test_import_names_problems_and_saves_the_rest_once(importer: Analyst) -> None:
    page = importer.page
    file = interviews(uuid4().hex)
    give(importer, "interviews.csv", file)
    with page.expect_download() as download:
        importer.button("Download all problems").click()
    problems = Path(download.value.path()).read_text("utf-8-sig")
    assert problems.splitlines() == ["row,problem", "9,The text is empty."]
    assert importer.dashboard.sql("select count(*) from personas") == [(0,)]
    importer.button(f"Import {ROWS - 1} personas").click()
    expect(page.get_by_text(f"{ROWS - 1} personas saved.")).to_be_visible()
    page.get_by_role("link", name="See the personas").click()
    expect(page.get_by_text(f"of {ROWS - 1}, newest first")).to_be_visible()
    give(importer, "again.csv", file)
    expect(
        page.get_by_text("Nothing to save: every good row is stored already, as it is.")
    ).to_be_visible()
    assert importer.dashboard.sql("select count(*) from personas") == [(ROWS - 1,)]


def test_an_import_survives_its_tab(browser: Browser, importer: Analyst) -> None:
    give(importer, "interviews.csv", interviews(uuid4().hex, LONG))
    importer.button(f"Import {LONG - 1:,} personas").click()
    expect(importer.page.get_by_text("You can close this page")).to_be_visible()
    address = importer.page.url
    importer.page.close()
    context = browser.new_context()
    later = context.new_page()
    later.goto(address)
    expect(later.get_by_text(f"{LONG - 1:,} personas saved.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("label", ["JSON Lines", "Excel", "Parquet", "CSV"])
def test_export_and_import_in_every_format(importer: Analyst, label: str) -> None:
    page, sql = importer.page, importer.dashboard.sql
    sql(
        "insert into personas (raw_text, persona) select 'Text ' || n, "
        "jsonb_build_object('name', '=1+' || n, 'n', n) from generate_series(1, 60) as n"
    )
    before = sql("select id, raw_text, persona, created_at, updated_at from personas order by id")
    page.wait_for_timeout(5_500)  # what this process wrote to the database, the list learns late
    importer.open("")
    importer.button("Export").click()
    page.get_by_role("dialog").get_by_text(label, exact=True).click()
    with page.expect_download() as download:
        importer.download_link(label).click()
    assert re.search(r"personas-60-rows-", download.value.suggested_filename)
    expect(page.get_by_text("Complete: 60 personas")).to_be_visible()
    with page.expect_download() as manifest:
        importer.page.get_by_role("link", name="Download manifest").click()
    assert json.loads(Path(manifest.value.path()).read_text())["rows"] == 60
    importer.dashboard.empty()
    give(importer, download.value.suggested_filename, Path(download.value.path()).read_bytes())
    importer.button("Import 60 personas").click()
    expect(page.get_by_text("60 personas saved.")).to_be_visible()
    after = sql("select id, raw_text, persona, created_at, updated_at from personas order by id")
    assert after == before


def test_a_link_for_another_browser_says_so(browser: Browser, importer: Analyst) -> None:
    importer.dashboard.sql("insert into personas (raw_text, persona) values ('Ada', '{}')")
    importer.page.wait_for_timeout(5_500)
    importer.open("")
    importer.button("Export").click()
    address = importer.download_link().evaluate("link => link.href")
    context = browser.new_context()
    stranger = context.new_page()
    stranger.goto(str(address))
    expect(stranger.get_by_text("This export link was made for another browser.")).to_be_visible()
    context.close()
