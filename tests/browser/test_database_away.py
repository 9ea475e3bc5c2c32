"""The database is killed under an open page: the page says so, and goes on without a click."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard

BACK_MS = 120_000


@pytest.fixture
def own_dashboard() -> Iterator[Dashboard]:
    dashboard = Dashboard()
    try:
        dashboard.start()
        yield dashboard
    finally:
        dashboard.remove()


def kill_database(dashboard: Dashboard) -> None:
    """PostgreSQL and the gateway in front of it, at once."""
    stack = dashboard.folder / "stack"
    pid = int((stack / "postgres" / "postmaster.pid").read_text().split()[0])
    gateways = [one for one in psutil.process_iter() if _works_in(one, f"{stack}/gateways/")]
    for process in (psutil.Process(pid), *gateways):
        process.kill()


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:
        return process.cwd().startswith(folder)
    except psutil.Error:
        return False


def test_the_page_goes_on_by_itself_with_what_was_typed(
    page: Page, own_dashboard: Dashboard
) -> None:
    analyst = Analyst(page, own_dashboard)
    analyst.open()
    own_dashboard.sql(
        "insert into personas (raw_text, persona) values ('Ada said so.', '{\"name\": \"Ada\"}')"
    )
    (persona_id,) = own_dashboard.sql("select id::text from personas")[0]
    analyst.open(f"persona?id={persona_id}")
    analyst.edit_json()
    analyst.write_json('{"name": "Ada Byron"}')
    expect(page.get_by_text("1 unsaved change")).to_be_visible()
    page.wait_for_timeout(6_000)  # until nothing is fresh any more
    kill_database(own_dashboard)
    analyst.button("Save changes").click()
    expect(page.get_by_text("The local Supabase cannot be reached").first).to_be_visible()
    expect(page.get_by_text("is being started again").first).to_be_visible()
    expect(page.get_by_text("tables are missing")).to_have_count(0)
    expect(page.get_by_text("1 unsaved change")).to_be_visible(timeout=BACK_MS)
    analyst.button("Save changes").click()
    expect(page.get_by_text("version 2, changed")).to_be_visible()
    assert own_dashboard.sql("select persona ->> 'name' from personas") == [("Ada Byron",)]
    assert "Traceback" not in own_dashboard.log()
