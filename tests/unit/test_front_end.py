"""Streamlit's files go out compressed as the browser takes it, and its page with ours in it."""

from __future__ import annotations

import gzip
from pathlib import Path

import anyio
import httpx
import pyarrow as pa
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.types import Message

from services.front_end import FrontEnd
from tests.waiting import awaited

SCRIPT = b"let answer = 42;\n" * 200
PAGE = b'<html><head></head><body><div id="root"></div></body></html>'


def script(_: Request) -> Response:
    return Response(SCRIPT, media_type="text/javascript", headers={"etag": '"1"'})


def page(_: Request) -> Response:
    return Response(PAGE, media_type="text/html", headers={"etag": '"2"'})


def answered(path: str, accept: str) -> tuple[str | None, bytes, httpx.Headers]:
    """Encoding, bytes as sent, and headers."""
    app = FrontEnd(Starlette(routes=[Route("/a.js", script), Route("/", page)]), style="p{}")
    headers = {"accept-encoding": accept, "accept": "text/html"}
    with TestClient(app).stream("GET", path, headers=headers) as answer:
        return answer.headers.get("content-encoding"), b"".join(answer.iter_raw()), answer.headers


def unpacked(encoding: str | None, sent: bytes, size: int) -> bytes:
    if encoding == "br":
        return bytes(pa.Codec("brotli").decompress(sent, size, asbytes=True))
    return gzip.decompress(sent) if encoding == "gzip" else sent


@pytest.mark.parametrize(
    ("accept", "encoding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)]
)
def test_a_script_is_packed_as_the_browser_takes_it(accept: str, encoding: str | None) -> None:
    used, sent, headers = answered("/a.js", accept)
    assert used == encoding
    assert unpacked(used, sent, len(SCRIPT)) == SCRIPT
    assert headers["content-length"] == str(len(sent))
    assert (headers.get("vary") == "Accept-Encoding") is (encoding is not None)


def test_the_page_has_our_style_and_says_that_it_loads() -> None:
    _, plain, headers = answered("/", "identity")
    assert b"<style>p{}</style>" in plain
    assert b"is loading" in plain
    assert "etag" not in headers
    used, sent, _ = answered("/", "br")
    assert unpacked(used, sent, len(plain)) == plain


def test_a_file_is_kept_once_however_its_path_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(SCRIPT)
    front_end = FrontEnd(Starlette(routes=[Mount("/static", StaticFiles(directory=tmp_path))]))
    for path in ("/static/a.js", "/static/./a.js", "/static//a.js", "/static/x/../a.js"):
        assert awaited(status_of(front_end, path)) == 200
    assert len(front_end._kept) == 1


async def status_of(app: FrontEnd, path: str) -> int:
    """As a client that does not tidy its paths up asks."""
    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    async def receive() -> Message:
        await anyio.sleep_forever()  # the client stays
        raise AssertionError

    headers = [(b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "root_path": ""}
    await app({**scope, "query_string": b""}, receive, send)
    return int(told[0]["status"])
