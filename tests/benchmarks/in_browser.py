"""What an analyst feels: `python -m tests.benchmarks.in_browser`.

From a click or an address to what is drawn, in a headless Chromium on a dashboard of its own; then,
with empty caches, how far each page moves while it loads (Cumulative Layout Shift), how many bytes
come, and what answers with a fault; and the list through a slow line: when something is drawn
(First Contentful Paint), and when its rows are. Trust ratios: the machine does other things too.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.analyst import Analyst
from tests.browser.conftest import CHROMIUM_OPTIONS, VIEWPORT, find_chromium
from tests.browser.dashboard import Dashboard
from tests.isolated import ROOT
from tests.zips import zip_of

PATIENCE_MS = 120_000
ROUNDS = 15
PERSONAS = 200
INTERVIEW = (ROOT / "pages" / "samples" / "interview.txt").read_text("utf-8").strip()
SHIFTS = """window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
QUIET_MS = 2_000  # after which nothing moves any more
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""400 kbit/s; latency in ms, throughput in bytes a second."""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@contextmanager
def analyst_of(dashboard: Dashboard) -> Iterator[Analyst]:
    """An analyst in a headless Chromium, with more patience than in a test."""
    with _browser() as browser:
        page = browser.new_context(viewport=VIEWPORT).new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield Analyst(page, dashboard)


def open_list(analyst: Analyst, path: str = "") -> None:
    """Open an address of the list, until its first row stands there."""
    analyst.page.goto(f"{analyst.dashboard.url}/{path}")
    expect(analyst.listed().first).to_be_visible()


def main() -> None:
    """Furnish, measure, print."""
    dashboard = Dashboard()
    try:
        dashboard.start()
        with analyst_of(dashboard) as analyst:
            persona_id = _furnish(analyst)
            batch_id = _furnish_batch(analyst)
            times = _times(analyst, persona_id)
        for name, values in times.items():
            p95 = sorted(values)[round(len(values) * 0.95) - 1]
            print(f"{name:24}p50 {statistics.median(values):6.0f} ms   p95 {p95:6.0f} ms", end="")
            print(f"   {len(values)} runs")
        print(f"\n{'cold':24}{'shift':>7}{'KB':>8}   faults")
        for path in (
            *("", f"persona?id={persona_id}", "generate", "generate?many=1", "review", "import"),
            *("batches", f"batch?id={batch_id}", "trash", "api-keys", "status"),
        ):
            with _browser() as browser:
                shift, size, faults = _cold(browser, f"{dashboard.url}/{path}")
            name = path if "id=" not in path else path.partition("?")[0]
            print(f"{name or 'list':24}{shift:7.3f}{size / 1e3:8.0f}   {faults}")
        with _browser() as browser:
            painted, drawn = _slow(browser, dashboard.url)
        print(
            f"\nlist at 400 kbit/s, 150 ms: something after {painted:.0f} ms, rows {drawn:.0f} ms"
        )
    finally:
        dashboard.remove()


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


def _furnish(analyst: Analyst) -> str:
    """Some hundred personas in a row, and one with claims; its id."""
    persona = json.dumps({"role": "nurse", "summary": "Wants shorter handovers. " * 8})
    analyst.dashboard.sql(
        "insert into personas (raw_text, persona, created_at) select 'A nurse, ' || n,"
        " %s::jsonb || jsonb_build_object('name', 'Person ' || n), now() - n * interval '1 hour'"
        " from generate_series(1, %s) n",
        [persona, PERSONAS],
    )
    analyst.generate(INTERVIEW)
    return analyst.open_saved()


def _furnish_batch(analyst: Analyst) -> str:
    """A finished batch, and something in the trash; the batch's id."""
    page = analyst.page
    texts = {f"{n}.txt": f"I am nurse {n} and I want shorter handovers." for n in range(4)}
    analyst.open("generate?many=1")
    archive = {"name": "texts.zip", "mimeType": "application/zip", "buffer": zip_of(texts)}
    page.locator("input[type=file]").set_input_files(archive)
    analyst.button("Read texts.zip").click()
    analyst.button("Draft 4 texts").click()
    page.get_by_text("Finished", exact=True).wait_for()
    analyst.dashboard.sql("update personas set deleted_at = now() where name = 'Person 200'")
    return page.url.partition("batch?id=")[2]


def _times(analyst: Analyst, persona_id: str) -> dict[str, list[float]]:
    """Milliseconds of each step, from what begins it to what it draws."""
    page = analyst.page
    rows, claims = analyst.listed(), page.locator(".claim")
    times: dict[str, list[float]] = {}

    def measure(name: str, begin: Callable[[], object], drawn: Callable[[], object]) -> None:
        page.wait_for_timeout(150)
        began = time.perf_counter()
        begin()
        drawn()
        times.setdefault(name, []).append((time.perf_counter() - began) * 1000)

    def visible(text: str) -> Callable[[], object]:
        return lambda: page.get_by_text(text).first.wait_for()

    def search(words: str) -> None:
        box = page.get_by_role("searchbox")
        box.fill(words)
        box.press("Enter")

    address = f"{analyst.dashboard.url}/persona?id={persona_id}"
    heading = analyst.heading()
    for _ in range(ROUNDS):
        measure("list by address", lambda: page.goto(analyst.dashboard.url), rows.first.wait_for)
        measure("turn page", analyst.button("Next page").click, visible("26 to 50"))
        measure("search", lambda: search("Person 77"), lambda: rows.get_by_text("77").wait_for())
        analyst.open()
        measure("list to claims", rows.first.click, claims.first.wait_for)
        analyst.settled()
        for view, shown in (("History", "There is only this version"), ("Review", "claims with")):
            choice = page.get_by_role("radio", name=view).or_(analyst.button(view)).first
            measure("views", choice.click, visible(shown))
        measure("persona by address", lambda: page.goto(address), claims.first.wait_for)
        analyst.open("review")
        analyst.button("Start reviewing").click()
        analyst.settled()
        page.get_by_role("button", name="Next").first.wait_for()  # what hears the key
        other = partial(expect(heading).not_to_have_text, heading.inner_text())
        measure("review, next", lambda: page.keyboard.press("n"), other)
    return times


def _cold(browser: Browser, address: str) -> tuple[float, int, list[str]]:
    """The shift, the bytes that came and the faults of a page in a browser that knows nothing."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    sizes: list[int] = []
    faults: list[str] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on(
        "response",
        lambda answer: faults.append(f"{answer.status} {answer.url}") if not answer.ok else None,
    )
    page.add_init_script(SHIFTS)
    page.goto(address)
    page.locator("h1").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MS)
    return float(page.evaluate("window.shift")), sum(map(int, sizes)), faults


def _slow(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds until something of the list is drawn through a slow line, and until its rows."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_role("table", name="Personas").get_by_role("link").first.wait_for(
        timeout=PATIENCE_MS
    )
    drawn = (time.perf_counter() - began) * 1000
    return float(page.evaluate(FIRST_PAINT)), drawn


if __name__ == "__main__":
    main()
