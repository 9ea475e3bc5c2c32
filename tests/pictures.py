"""The pictures of docs/pages.md, of invented people, taken anew: `make pictures`."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.benchmarks.in_browser import analyst_of
from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard
from tests.isolated import ROOT
from tests.zips import zip_of

FOLDER = ROOT / "docs" / "pages"
INTERVIEW = (ROOT / "pages" / "samples" / "interview.txt").read_text("utf-8").strip()
PEOPLE = (
    ("Ana Ruiz", "nurse", "Leeds", "approved"),
    ("Bo Lind", "baker, night shift", "Malmö", "in_review"),
    ("Chidi Okafor", "head of logistics", "Lagos", "draft"),
    ("Dana Weiss", "lift technician", "Graz", "draft"),
)


def main() -> None:
    """Draw every page once and keep its picture."""
    FOLDER.mkdir(exist_ok=True)
    dashboard = Dashboard()
    try:
        dashboard.start()
        furnish(dashboard)
        with analyst_of(dashboard) as analyst:
            take_all(analyst)
    finally:
        dashboard.remove()


def furnish(dashboard: Dashboard) -> None:
    """A list worth looking at."""
    for number in range(12):
        name, role, place, status = PEOPLE[number % len(PEOPLE)]
        persona = {"name": name, "role": role, "location": place}
        persona["summary"] = f"{name} works as {role} in {place} and wants shorter handovers."
        dashboard.sql(
            "insert into personas (raw_text, persona, status, created_at) values"
            " (%s, %s, 'draft', now() - %s * interval '7 hours')",
            [f"{name}, {role}, lives in {place}.", json.dumps(persona), number + 1],
        )
        if status != "draft":
            dashboard.sql("update personas set status = 'in_review' where name = %s", [name])
            dashboard.sql("update personas set status = %s where name = %s", [status, name])
    dashboard.sql(
        "insert into personas (raw_text, persona) values"
        " ('The export takes too long, and I cannot find my drafts.', '{}')"
    )


def take_all(analyst: Analyst) -> None:
    """Each page as an analyst meets it on the way."""
    page = analyst.page
    analyst.open("generate")
    take(analyst, "generate")
    analyst.generate(INTERVIEW)
    analyst.open_saved()
    expect(page.locator(".claim").first).to_be_visible()
    page.locator(".claim .choose").nth(5).click()
    take(analyst, "persona")
    analyst.view("Edit")
    page.get_by_role("textbox", name="Role", exact=True).focus()
    take(analyst, "edit")
    analyst.view("History")
    take(analyst, "history")
    analyst.open()
    expect(analyst.listed().first).to_be_visible()
    page.keyboard.press("p")
    page.keyboard.press("j")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("Goals")
    take(analyst, "preview")
    page.keyboard.press("p")
    for box in page.get_by_role("checkbox", name="Choose ").all()[3:6]:
        box.click()
    expect(page.get_by_text("3 chosen")).to_be_visible()
    take(analyst, "personas")
    take_batch(analyst)
    for path in ("review", "import", "status"):
        analyst.open(path)
        take(analyst, path)
    page.set_viewport_size({"width": 390, "height": 800})
    analyst.open()
    take(analyst, "personas-narrow")


def take_batch(analyst: Analyst) -> None:
    """An archive as it is looked at, and the batch that comes of it."""
    page = analyst.page
    analyst.open("generate?many=1")
    files: dict[str, str | bytes] = {
        f"{name}.txt": f"My name is {name}, {role} in {place}. I want shorter handovers."
        for name, role, place, _ in PEOPLE
    }
    files |= {"Dana Weiss (copy).txt": files["Dana Weiss.txt"], "badge.png": b"\x89PNG"}
    file = {"name": "interviews.zip", "mimeType": "application/zip", "buffer": zip_of(files)}
    page.locator("input[type=file]").set_input_files(file)
    analyst.button("Read interviews.zip").click()
    expect(page.get_by_text("What cannot be read")).to_be_visible()
    take(analyst, "many")
    analyst.button(f"Draft {len(PEOPLE)} texts").click()
    expect(page.get_by_text("Finished", exact=True)).to_be_visible()
    analyst.dashboard.sql(
        "update generation_requests set status = 'failed', error_kind = 'timeout', error ="
        " 'The model server did not answer in time. Run it again.' where label like 'Bo%'"
    )
    page.reload()
    expect(page.get_by_text("1 text without a persona")).to_be_visible()
    take(analyst, "batch")


def take(analyst: Analyst, name: str) -> Path:
    """Keep the picture of what is on the screen."""
    analyst.settled()
    path = FOLDER / f"{name}.jpg"
    analyst.page.screenshot(path=path, type="jpeg", quality=72)
    return path


if __name__ == "__main__":
    main()
