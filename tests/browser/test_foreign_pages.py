"""A web page elsewhere, opened in the analyst's browser, gets nothing from the dashboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import CHROMIUM_OPTIONS, VIOLATIONS, find_chromium
from tests.browser.dashboard import Dashboard

OPEN_SOCKET = """(address) => new Promise((resolve) => {
    const socket = new WebSocket(address, ["streamlit", "x", "y"]);
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("refused");
})"""


class _Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!DOCTYPE html><title>Elsewhere</title><p>A page elsewhere"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a web site of somebody else."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://evil.example:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture
def victim(browser: Browser) -> Iterator[Page]:
    """A page in a browser that finds evil.example on this machine, as after a rebinding."""
    options = [*CHROMIUM_OPTIONS, "--host-resolver-rules=MAP evil.example 127.0.0.1"]
    launched = browser.browser_type.launch(executable_path=find_chromium(), args=options)
    opened = launched.new_page()
    yield opened
    launched.close()


def socket_of(address: str) -> str:
    return f"{address.replace('http://', 'ws://').rstrip('/')}/_stcore/stream"


def test_a_name_that_leads_to_this_machine_opens_nothing(
    victim: Page, dashboard: Dashboard
) -> None:
    own_name = dashboard.url.replace("127.0.0.1", "evil.example")
    answer = victim.goto(own_name)
    assert answer is not None
    assert answer.status == 421
    expect(victim.get_by_text("ALLOWED_HOSTS")).to_be_visible()
    status = "async (path) => (await fetch(path)).status"
    assert victim.evaluate(status, "/_stcore/health") == 421
    victim.goto("about:blank")  # whose policy does not stop it
    assert victim.evaluate(OPEN_SOCKET, socket_of(own_name)) == "refused"


def test_no_frame_of_another_page_shows_it(
    victim: Page, dashboard: Dashboard, elsewhere: str
) -> None:
    said: list[str] = []
    victim.on("console", lambda message: said.append(message.text))
    victim.goto(elsewhere)
    with victim.expect_response(f"{dashboard.url}/"):
        victim.set_content(f"<iframe src='{dashboard.url}/'></iframe>")
    victim.wait_for_timeout(1000)
    assert any("frame-ancestors 'none'" in line for line in said)
    assert victim.frames[-1].url != f"{dashboard.url}/"
    assert victim.frames[-1].locator("#root").count() == 0


def test_no_websocket_of_another_page_is_opened(
    victim: Page, dashboard: Dashboard, elsewhere: str
) -> None:
    victim.goto(elsewhere)
    assert victim.evaluate(OPEN_SOCKET, socket_of(dashboard.url)) == "refused"
    victim.goto(dashboard.url)
    assert victim.evaluate(OPEN_SOCKET, socket_of(dashboard.url)) == "open"


def test_no_upload_of_another_page_is_taken(
    victim: Page, dashboard: Dashboard, elsewhere: str
) -> None:
    upload = f"{dashboard.url}/_stcore/upload_file/somebody/something"
    victim.goto(elsewhere)
    with victim.expect_response(upload) as sent:
        victim.evaluate(
            "(to) => void fetch(to, {method: 'POST', mode: 'no-cors', body: 'x'})", upload
        )
    assert sent.value.status == 403
    victim.set_content(f"<form method=post action='{upload}'><button>Win</button></form>")
    with victim.expect_response(upload) as sent:
        victim.get_by_role("button").click()
    assert sent.value.status == 403
    expect(victim.get_by_text("Other web pages may not do this.")).to_be_visible()


def test_the_policy_stops_scripts_and_the_suite_hears_of_it(
    page: Page, dashboard: Dashboard
) -> None:
    page.goto(dashboard.url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=window.X=1>')")
    page.evaluate(
        """const script = document.createElement("script");
        script.textContent = "window.X = 2";
        document.body.append(script);"""
    )
    page.wait_for_timeout(500)
    assert page.evaluate("window.X") is None
    assert any("script-src" in violation for violation in VIOLATIONS)
    VIOLATIONS.clear()
