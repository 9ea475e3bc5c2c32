"""Every page as people see and hear it: pictures for reviewers, and axe-core's verdict."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard
from tests.isolated import ROOT
from tests.zips import zip_of

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
INTERVIEW = (ROOT / "pages" / "samples" / "interview.txt").read_text("utf-8")
SIZES = {1280: 800, 420: 900}
# Faults of Streamlit 1.67 itself, which a dashboard cannot mend: axe's rule and where it is.
STREAMLITS_FAULTS: tuple[tuple[str, str], ...] = ()
BATCH = "6a1f9c1e-0000-4000-8000-0000000000ab"
FAULTS_OF_SIGHT = (Path(__file__).parent / "faults_of_sight.js").read_text("utf-8")
Keep = Callable[[Page, str], Path]


def show_personas(analyst: Analyst) -> None:
    analyst.open()
    expect(analyst.listed().first).to_be_visible()
    analyst.page.keyboard.press("j")
    analyst.page.keyboard.press("p")
    expect(analyst.page.get_by_role("region", name="Preview")).to_contain_text("Pain points")


def show_generate(analyst: Analyst) -> None:
    analyst.open("generate")
    analyst.paste(INTERVIEW)


def show_persona(analyst: Analyst) -> None:
    analyst.open(f"persona?id={newest(analyst.dashboard)}")
    expect(analyst.heading()).to_have_text("Nadia Ferreira")


def show_editor(analyst: Analyst) -> None:
    show_persona(analyst)
    analyst.edit_json()
    analyst.write_json('{\n  "name": "Nadia"\n  "role": 1\n}')
    expect(analyst.page.get_by_role("alert")).to_be_visible()


def show_review(analyst: Analyst) -> None:
    analyst.open("review")
    expect(analyst.button("Start reviewing")).to_be_visible()


def show_import(analyst: Analyst) -> None:
    analyst.open("import")


def show_status(analyst: Analyst) -> None:
    analyst.open("status")
    expect(analyst.page.get_by_text("Versions, for a report of a fault")).to_be_visible()


def show_export(analyst: Analyst) -> None:
    analyst.open()
    analyst.button("Export").click()
    expect(analyst.download_link()).to_be_visible()


def show_many(analyst: Analyst) -> None:
    analyst.open("generate?many=1")
    archive = zip_of({"a.txt": "Ana Ruiz is a nurse.", "b.txt": "Bo bakes.", "c.png": b"\x89PNG"})
    file = {"name": "interviews.zip", "mimeType": "application/zip", "buffer": archive}
    analyst.page.locator("input[type=file]").set_input_files(file)
    analyst.button("Read interviews.zip").click()
    expect(analyst.button("Download all problems")).to_be_visible()


def show_batch(analyst: Analyst) -> None:
    """One of four states at once: at its cap, with failures."""
    analyst.dashboard.sql(
        "insert into generation_batches (id, name, engine, state, pause_reason, cap_usd, spent_usd)"
        " values (%s, 'Interviews', 'openai', 'paused', 'cap', 2, 1.9) on conflict do nothing",
        [BATCH],
    )
    analyst.dashboard.sql(
        "insert into generation_requests (id, batch_id, position, raw_text, engine, status,"
        " error_kind, error, persona_id) select gen_random_uuid(), %s, n, 'x', 'openai',"
        " (array['queued', 'failed', 'cancelled', 'saved'])[1 + n %% 4], 'timeout',"
        " 'No answer came in time. Run it again.', (select id from personas limit 1)"
        " from generate_series(1, 40) n on conflict do nothing",
        [BATCH],
    )
    analyst.open(f"batch?id={BATCH}")
    expect(analyst.button("Run these again")).to_be_visible()


def show_batches(analyst: Analyst) -> None:
    show_batch(analyst)
    analyst.open("batches")


PAGES = {
    "personas": show_personas,
    "generate": show_generate,
    "persona": show_persona,
    "editor": show_editor,
    "review": show_review,
    "import": show_import,
    "status": show_status,
    "export": show_export,
    "many": show_many,
    "batch": show_batch,
    "batches": show_batches,
}


def newest(dashboard: Dashboard) -> str:
    found = dashboard.sql(
        "select id::text from personas where raw_text = %s order by created_at desc limit 1",
        [INTERVIEW.strip()],
    )
    return str(found[0][0])


@pytest.fixture(scope="module")
def furnished(browser: Browser, dashboard: Dashboard) -> Dashboard:
    """The dashboard with a list worth looking at."""
    dashboard.empty()
    dashboard.sql(
        "insert into personas (raw_text, persona, created_at) select 'Notes ' || n,"
        " jsonb_build_object('name', (array['Ana Ruiz','Bo Lind','Chidi Okafor'])[1 + n % 3],"
        " 'role', (array['Nurse','Baker, night shift','Head of logistics'])[1 + n % 3], 'summary',"
        " 'Wants shorter handovers and a quiet hour for the records. ' || repeat('And more. ', n)),"
        " now() - n * interval '7 hours' from generate_series(1, 40) as n"
    )
    page = browser.new_page()
    analyst = Analyst(page, dashboard)
    analyst.generate(INTERVIEW.strip())
    analyst.open_saved()
    page.close()
    return dashboard


def faults_of_access(page: Page) -> list[str]:
    """What axe-core finds moderate or graver, one line each, but for Streamlit's own faults."""
    page.evaluate(AXE)
    found = page.evaluate(
        """async () => {
            const { violations } = await axe.run();
            return violations
                .filter(({ impact }) => impact !== "minor")
                .flatMap(({ id, nodes }) => nodes.map((n) => [id, n.html.slice(0, 300)]));
        }"""
    )
    return [
        f"{rule}: {html}"
        for rule, html in found
        if not any(rule == known and mark in html for known, mark in STREAMLITS_FAULTS)
    ]


@pytest.mark.parametrize("name", PAGES)
def test_no_fault_of_access(page: Page, furnished: Dashboard, screenshot: Keep, name: str) -> None:
    analyst = Analyst(page, furnished)
    PAGES[name](analyst)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            analyst.settled()
            screenshot(page, f"{name}-{scheme}-{width}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, "it scrolls sideways"
        assert faults_of_access(page) == []
    page.set_viewport_size({"width": 683, "height": 384})  # 1366 pixels at 200 %
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    analyst.settled()
    screenshot(page, f"{name}-forced-colours")
    page.keyboard.press("Tab")  # from now on the focus is shown
    assert page.evaluate(FAULTS_OF_SIGHT) == []


class TestAddresses:
    def test_each_page_has_its_title_and_address(
        self, analyst: Analyst, furnished: Dashboard
    ) -> None:
        for path, title in {
            "": "Personas",
            "generate": "Generate",
            "status": "Status",
            f"persona?id={newest(furnished)}": "Nadia Ferreira",
        }.items():
            analyst.open(path)
            expect(analyst.page).to_have_title(re.compile(f"^{title} · Persona dashboard$"))
            expect(analyst.page).to_have_url(f"{furnished.url}/{path}")

    def test_a_persona_by_its_address(self, analyst: Analyst, furnished: Dashboard) -> None:
        analyst.open(f"persona?id={newest(furnished)}")
        expect(analyst.heading()).to_have_text("Nadia Ferreira")

    def test_the_back_button(self, analyst: Analyst, furnished: Dashboard) -> None:
        persona_id = newest(furnished)
        analyst.open("?size=10")
        expect(analyst.listed()).to_have_count(10)
        analyst.page.get_by_role("link", name="Nadia Ferreira").click()
        expect(analyst.heading()).to_have_text("Nadia Ferreira")
        assert analyst.persona_id() == persona_id
        analyst.menu("Status").click()
        expect(analyst.heading()).to_have_text("Status")
        analyst.page.go_back()
        expect(analyst.heading()).to_have_text("Nadia Ferreira")
        assert analyst.persona_id() == persona_id
        analyst.back_to_list()
        expect(analyst.listed()).to_have_count(10)

    @pytest.mark.parametrize("path", ["_main", "state", "persona.py", "nothing"])
    def test_no_address_runs_a_file_past_the_navigation(
        self, analyst: Analyst, furnished: Dashboard, path: str
    ) -> None:
        """Streamlit serves a `pages` folder beside the main script by file name; ours is not."""
        analyst.page.goto(f"{furnished.url}/{path}?id={newest(furnished)}")
        expect(analyst.menu("Personas")).to_be_visible()
        expect(analyst.heading()).to_have_text("Personas")
        expect(analyst.page.get_by_role("dialog")).to_contain_text("Page not found")

    @pytest.mark.parametrize("path", ["ui/state", "pages/persona"])
    def test_no_address_below_another_shows_anything(
        self, analyst: Analyst, furnished: Dashboard, path: str
    ) -> None:
        analyst.page.goto(f"{furnished.url}/{path}?id={newest(furnished)}")
        analyst.page.wait_for_load_state("networkidle")
        assert "Nadia" not in analyst.page.locator("body").inner_text()

    @pytest.mark.parametrize("path", ["generate", "persona", "personas", "status"])
    def test_every_page_stands_inside_the_navigation(self, analyst: Analyst, path: str) -> None:
        analyst.open(path)
        expect(analyst.menu("Personas")).to_be_visible()
        expect(analyst.menu("Status")).to_be_visible()
