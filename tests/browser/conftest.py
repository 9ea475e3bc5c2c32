"""A real Chromium and real `streamlit run` processes for the browser tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard
from tests.llm_double import LLMDouble
from tests.waiting import PATIENCE_SECONDS, free_port

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "artifacts"
CHROMIUM_NAMES = (
    "chromium-headless-shell",  # without a window of its own: a fifth less computing
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
# The popups of the address bar, which nobody sees, are pages of their own that each window would
# load: a second of computing a test. The rest is what Playwright turns off: the last list counts.
CHROMIUM_WITHOUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
)
CHROMIUM_OPTIONS = [
    f"--disable-features={CHROMIUM_WITHOUT}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--min-semi-space-size=64",  # fewer collections of what a page made for a moment
    "--renderer-process-limit=1",  # see `window`
]
VIEWPORT = {"width": 1280, "height": 800}
PATIENCE_MS = PATIENCE_SECONDS * 1_000
VIOLATIONS: list[str] = []  # of the Content-Security-Policy, in the test that runs


def find_chromium() -> str:
    for name in CHROMIUM_NAMES:
        path = shutil.which(name)
        if path:
            return path
    pytest.fail(
        "The browser tests need Chromium or Chrome, and none of "
        f"{', '.join(CHROMIUM_NAMES)} is on the PATH. Install one, for example with "
        "`apt-get install chromium-headless-shell`.",
        pytrace=False,
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the open pages showed when a test failed, in words and as pictures in artifacts/."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if call.when == "call" and report.failed and browser is not None:
        pages = [page for context in browser.contexts for page in context.pages]
        for number, page in enumerate(pages, 1):
            shown = _shown(page, ARTIFACTS / f"failed-{item.name}-{number}.png")
            report.sections.append((f"Page {number} of {len(pages)}", shown))
    return report


def _shown(page: Page, picture: Path) -> str:
    """The words of a page, whose picture is kept; or why they cannot be had."""
    ARTIFACTS.mkdir(exist_ok=True)
    try:
        page.screenshot(path=picture)
        return f"{page.url}\n\n{page.locator('body').inner_text()}"
    except PlaywrightError as error:  # a crashed or closing page must not end the whole run
        return str(error)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        _report_violations(launched)
        yield launched
        launched.close()


def _report_violations(browser: Browser) -> None:
    """Have whatever the Content-Security-Policy stops on any page end up in VIOLATIONS."""
    make = browser.new_context

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            VIOLATIONS.append(message.text)

    def new_context(**options: Any) -> BrowserContext:
        context = make(**{"reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(
            """document.addEventListener("securitypolicyviolation", (event) => console.error(
                `Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`))"""
        )
        context.on("console", note)
        return context

    browser.new_context = new_context
    browser.new_page = lambda **options: new_context(**options).new_page()


@pytest.fixture(autouse=True)
def nothing_against_the_policy() -> Iterator[None]:
    """No page does what its Content-Security-Policy forbids, whatever a test is about."""
    VIOLATIONS.clear()
    yield
    assert VIOLATIONS == []


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One window for all tests, with a tab that stays open: its process has compiled the scripts of
    the front end already, which is half of what opening a page costs."""
    context = browser.new_context(viewport=VIEWPORT)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A page in a session of its own; errors of its console are in `page.console_errors`."""
    opened = window.new_page()
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.console_errors = errors
    yield opened
    _forget(window)


def _forget(window: BrowserContext) -> None:
    """Close what a test opened, and delete what a browser keeps of it."""
    first, *opened = window.pages
    devtools = window.new_cdp_session(first)
    for page in opened:
        if page.url.startswith("http"):
            kept = {"origin": page.url, "storageTypes": "local_storage"}
            devtools.send("Storage.clearDataForOrigin", kept)
        page.close()
    devtools.detach()
    window.clear_cookies()


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], Path]:
    """Keeps a picture of the page under artifacts/, which git ignores."""

    def keep(page: Page, name: str) -> Path:
        ARTIFACTS.mkdir(exist_ok=True)
        path = ARTIFACTS / f"{name}.png"
        page.screenshot(path=path)
        return path

    return keep


@pytest.fixture(scope="session")
def serve_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Serves a Streamlit app of the tests: `serve_app(script, *options) -> address`."""
    started: list[subprocess.Popen[bytes]] = []

    def serve(script: Path, *options: str) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("streamlit") / "log.txt"
        command = [sys.executable, "-m", "streamlit", "run", str(script), *options]
        command += ["--server.headless=true", f"--server.port={port}"]
        command += ["--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        started.append(process)
        address = f"http://127.0.0.1:{port}"
        await_port(port, process, log)
        return address

    yield serve
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def dashboard() -> Iterator[Dashboard]:
    """The dashboard as a newcomer starts it: local Supabase, no key, offline drafts."""
    yield from _running(Dashboard())


@pytest.fixture(scope="session")
def model_dashboard(llm_server: LLMDouble) -> Iterator[Dashboard]:
    """A dashboard whose engine is the double of the OpenAI API, asked once per generation."""
    yield from _running(Dashboard(OPENAI_BASE_URL=llm_server.base_url, OPENAI_MAX_RETRIES="0"))


def _running(dashboard: Dashboard) -> Iterator[Dashboard]:
    try:
        dashboard.start()
        yield dashboard
    finally:
        dashboard.remove()


def await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Streamlit opens its port once it can answer."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


@pytest.fixture
def analyst(page: Page, dashboard: Dashboard) -> Iterator[Analyst]:
    """Somebody at the newcomer's dashboard; nothing may leave the machine, nothing may fail."""
    yield from _watched(Analyst(page, dashboard))


@pytest.fixture
def model_analyst(page: Page, model_dashboard: Dashboard) -> Iterator[Analyst]:
    """The same at a dashboard with a model."""
    yield from _watched(Analyst(page, model_dashboard))


def _watched(analyst: Analyst) -> Iterator[Analyst]:
    hosts: set[str] = set()

    def note(address: str) -> None:
        hosts.add(urlsplit(address).hostname or "")

    def note_request(request: Request) -> None:
        note(request.url)

    def note_sockets(page: Page) -> None:
        page.on("websocket", lambda socket: note(socket.url))

    window = analyst.page.context
    window.on("request", note_request)
    window.on("page", note_sockets)
    note_sockets(analyst.page)
    logged = len(analyst.dashboard.log())
    yield analyst
    window.remove_listener("request", note_request)
    window.remove_listener("page", note_sockets)
    assert hosts <= {"127.0.0.1", ""}, f"asked other hosts: {hosts}"  # "" is data: and blob:
    assert "Traceback" not in analyst.dashboard.log()[logged:]
