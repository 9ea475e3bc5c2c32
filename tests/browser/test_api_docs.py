"""The documentation of the API in a real browser, with a key from the page API keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.analyst import Analyst


def test_a_key_is_made_and_an_operation_tried(
    analyst: Analyst, screenshot: Callable[[Page, str], Path]
) -> None:
    page = analyst.page
    analyst.open("api-keys")
    page.get_by_role("textbox", name="Name of the program").fill("Browser")
    analyst.button("Make a key").click()
    key = page.get_by_test_id("stCode").inner_text().strip()
    screenshot(page, "api-keys")

    page.console_errors.clear()  # Streamlit looks for its server below the page's address first
    page.goto(f"{analyst.dashboard.url}/api")
    expect(page.get_by_role("heading", name="Personas", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(key)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    operation = page.locator(".opblock").filter(has_text="What this key may do")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer).to_contain_text('"scope": "read"')
    expect(answer).to_contain_text("through key Browser")
    screenshot(page, "api-docs")
    assert page.console_errors == []
