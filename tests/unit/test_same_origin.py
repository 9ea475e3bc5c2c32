"""Only the dashboard's own pages get in, and every answer says what its page may do."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from services.same_origin import SameOrigin


async def answer(_: object) -> PlainTextResponse:
    return PlainTextResponse("personas")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("personas")
    await socket.close()


def client(*allowed: str, url: str = "http://127.0.0.1:8501") -> TestClient:
    methods = ["GET", "POST", "PUT", "DELETE"]
    paths = ("/", "/_stcore/health", "/_stcore/metrics", "/base/_stcore/metrics")
    app = Starlette(
        routes=[
            *(Route(path, answer, methods=methods) for path in paths),
            WebSocketRoute("/_stcore/stream", echo),
        ],
        middleware=[Middleware(SameOrigin, allowed_hosts=allowed)],
    )
    return TestClient(app, base_url=url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1:8501", "127.1.2.3", "localhost:9000", "LOCALHOST", "localhost.",
        "persona.localhost:80", "[::1]:8501", "personas.example.org", "Personas.Example.org:8443",
        "personas.example.org.", "10.1.2.3:8501", "[fd00::5]",
    ],
)  # fmt: skip
def test_own_names_are_answered(host: str) -> None:
    allowed = ("personas.example.org", "10.1.2.3", "fd00::5")
    assert client(*allowed).get("/", headers={"Host": host}).text == "personas"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost.evil.example",
        "evil-localhost", "10.1.2.3", "[fe80::1]", "8.8.8.8", "", "127.0.0.1:8501@evil.example",
        "evil.example@127.0.0.1", "127.0.0.1 evil", "localhost/evil", "2130706433",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/metrics"])
def test_other_names_are_refused_with_advice(host: str, path: str) -> None:
    refused = client("personas.example.org").get(path, headers={"Host": host})
    assert refused.status_code == 421
    assert "ALLOWED_HOSTS" in refused.text
    assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]


def test_the_refusal_shows_the_name_as_text() -> None:
    refused = client().get("/", headers={"Host": "<script>alert(1)</script>"})
    assert refused.status_code == 421
    assert "<script>" not in refused.text


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("localhost", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("[::1]:8501", "http://[::1]:8501"),
        ("personas.example.org", "https://personas.example.org"),
        ("personas.example.org:443", "https://personas.example.org"),
        ("127.0.0.1:8501", "https://personas.example.org"),  # behind a proxy that changes the host
        ("127.0.0.1:8501", "https://personas.example.org:8443"),
    ],
)
def test_own_pages_may_write_and_open_a_websocket(host: str, origin: str) -> None:
    headers = {"Host": host, "Origin": origin}
    tried = client("personas.example.org")
    assert tried.post("/", headers=headers).text == "personas"
    with tried.websocket_connect("/_stcore/stream", headers=headers) as socket:
        assert socket.receive_text() == "personas"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "https://evil.example:8501", "null", "", "file://",
        "http://localhost:8501", "http://127.0.0.1:3000", "https://127.0.0.1:3000",
        "http://127.0.0.1", "http://127.0.0.1:8501.evil.example", "http://[::1]:8501",
        "chrome-extension://127.0.0.1:8501", "https://evil.personas.example.org",
        "http://127.0.0.1:8501@evil.example", "http://[", "http://",
    ],
)  # fmt: skip
def test_other_pages_may_neither_write_nor_open_a_websocket(origin: str) -> None:
    headers = {"Host": "127.0.0.1:8501", "Origin": origin}
    tried = client("personas.example.org")
    for method in ("POST", "PUT", "DELETE"):
        assert tried.request(method, "/", headers=headers).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        tried.websocket_connect("/_stcore/stream", headers=headers),
    ):
        pass
    assert tried.get("/", headers=headers).text == "personas", "a link from elsewhere opens a page"


def test_programs_name_no_origin() -> None:
    assert client().post("/").text == "personas"


def test_a_websocket_under_another_name_is_refused() -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client().websocket_connect(
            "/_stcore/stream",
            headers={"Host": "evil.example", "Origin": "http://evil.example"},
        ),
    ):
        pass


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/base/_stcore/metrics"])
def test_metrics_are_not_there(path: str) -> None:
    found = client().get(path)
    assert (found.status_code, found.text) == (404, "Not found")


def test_every_answer_says_what_its_page_may_do() -> None:
    headers = client().get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["connect-src"] == "'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(
    ("url", "forwarded", "expected"),
    [
        ("https://personas.example.org", None, True),
        ("http://personas.example.org", "https", True),
        ("http://personas.example.org", None, False),
        ("http://personas.example.org", "http", False),
        ("https://localhost:8501", None, False),
        ("http://127.0.0.1:8501", "https", False),
    ],
)
def test_https_is_remembered_for_configured_names_alone(
    url: str, forwarded: str | None, expected: bool
) -> None:
    headers = {"X-Forwarded-Proto": forwarded} if forwarded else {}
    got = client("personas.example.org", url=url).get("/", headers=headers).headers
    assert ("Strict-Transport-Security" in got) is expected
