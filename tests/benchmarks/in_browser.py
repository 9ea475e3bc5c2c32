"""A browser on a dashboard, for what only an analyst's view can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect, sync_playwright

from tests.browser.analyst import Analyst
from tests.browser.conftest import CHROMIUM_OPTIONS, VIEWPORT, find_chromium
from tests.browser.dashboard import Dashboard

PATIENCE_MS = 120_000


@contextmanager
def analyst_of(dashboard: Dashboard) -> Iterator[Analyst]:
    """An analyst in a headless Chromium, with more patience than in a test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        page = browser.new_context(viewport=VIEWPORT).new_page()
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield Analyst(page, dashboard)
        browser.close()


def open_list(analyst: Analyst, path: str = "") -> None:
    """Open an address of the list, until its first row stands there."""
    analyst.page.goto(f"{analyst.dashboard.url}/{path}")
    expect(analyst.listed().first).to_be_visible()
