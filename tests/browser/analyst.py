"""What an analyst does in the browser, by what an analyst sees: roles, labels and words."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.dashboard import Dashboard

MODEL_PATIENCE_MS = 90_000
PERSONA_ID = re.compile(r"/persona\?id=([0-9a-f-]{36})(?:&|$)")
REQUEST_ID = re.compile(r"/generate\?request=([0-9a-f-]{36})$")


class Analyst:
    """One browser tab on one dashboard."""

    def __init__(self, page: Page, dashboard: Dashboard) -> None:
        self.page = page
        self.dashboard = dashboard

    def open(self, path: str = "") -> None:
        """Go to an address of the dashboard and wait until its page stands."""
        self.page.goto(f"{self.dashboard.url}/{path}")
        self.settled()

    def reload(self) -> None:
        """Load the page again and wait until it stands."""
        self.page.reload()
        self.settled()

    def settled(self) -> None:
        """Wait until the page is drawn and no run is under way."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )
        expect(self.page.get_by_test_id("stMain").locator("h1, [role=alert]").first).to_be_visible()
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)

    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def menu(self, name: str) -> Locator:
        """The entry of the menu at the top."""
        return self.page.get_by_test_id("stTopNavLinkContainer").get_by_role("link", name=name)

    def text_box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Text about the person")

    def paste(self, text: str) -> None:
        """Put the text into the box, as pasting does, and leave the box."""
        self.text_box().fill(text)
        self.text_box().blur()
        expect(self.page.get_by_text(f"{len(text):,} characters")).to_be_visible()

    def generate(self, text: str) -> str:
        """Paste the text and start; the id of the request, as the address shows it."""
        self.open("generate")
        self.paste(text)
        self.button("Generate persona").click()
        return self.request_id()

    def request_id(self) -> str:
        expect(self.page).to_have_url(REQUEST_ID)
        return self._id_in_address(REQUEST_ID)

    def saved(self) -> Locator:
        return self.page.get_by_text(re.compile("^Saved: "))

    def open_saved(self) -> str:
        """From the finished generation to the persona; its id."""
        expect(self.saved()).to_be_visible(timeout=MODEL_PATIENCE_MS)
        self.page.get_by_role("link", name="Open and review").click()
        return self.persona_id()

    def persona_id(self) -> str:
        expect(self.page).to_have_url(PERSONA_ID)
        return self._id_in_address(PERSONA_ID)

    def edit_json(self) -> Locator:
        """Choose the JSON editor; the box with the text."""
        self.view("Edit")
        self.view("JSON")
        box = self.page.get_by_role("textbox", name="Persona as JSON")
        expect(box).to_be_visible()
        return box

    def view(self, name: str) -> None:
        """Choose a view of the persona."""
        radio = self.page.get_by_role("radio", name=name, exact=True)
        radio.or_(self.button(name)).click()

    def more(self, name: str) -> None:
        """Press a button of the menu More of a persona."""
        self.button("More").click()
        self.button(name).click()

    def write_json(self, text: str) -> None:
        self.page.get_by_role("textbox", name="Persona as JSON").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def listed(self) -> Locator:
        """The links to the personas in the list, from top to bottom."""
        return self.page.get_by_role("table", name="Personas").get_by_role("link")

    def back_to_list(self) -> None:
        """Back from a persona that was opened in the list."""
        self.page.go_back()
        expect(self.heading()).to_have_text("Personas")

    def download_link(self, label: str = "CSV") -> Locator:
        """The link in the export dialog."""
        return self.page.get_by_role("link", name=f"Download {label}", exact=True)

    def download_csv(self) -> bytes:
        """Export all personas, as the list offers it."""
        self.button("Export").click()
        with self.page.expect_download(timeout=MODEL_PATIENCE_MS) as download:
            self.download_link().click(timeout=MODEL_PATIENCE_MS)
        return download.value.path().read_bytes()

    def _id_in_address(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self.page.url)
        assert found, self.page.url
        return found.group(1)
