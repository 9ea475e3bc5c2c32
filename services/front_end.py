"""Streamlit's front end, as it goes to the browser: compressed, and told where its server is.

Its scripts are 3 MB; compressed once and kept, they go out as a third of that: by Brotli where the
browser takes it (on HTTPS and on this machine), else by gzip. Its page says at
once that it loads, before the first script is there. And it knows the address of the server,
instead of trying the page's own first, which answers 404 on every page but the first. And what the
front end does to the address after one act of the user is one step for Back.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable
from posixpath import normpath

import anyio
import pyarrow as pa
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Change = Callable[[Message, bytes], Awaitable[bytes]]
# Level 9: higher ones take ten times as long for another 6 %.
_PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(pa.Codec("brotli", compression_level=9).compress(body, asbytes=True)),
    "gzip": lambda body: gzip.compress(body, 9),
}
_COMPRESSED = (".js", ".css", ".svg", ".json")
_ROOT = b'<div id="root"></div>'
# Of Streamlit's own theme; ours uses the fonts of the system.
_UNUSED_FONT = re.compile(rb'<link\s+rel="preload"[^>]*as="font"[^>]*>')
_LOADING = (
    b'<div id="root"><p style="font:1rem system-ui,sans-serif;margin:2rem;opacity:.75">'
    b"Persona dashboard is loading \xe2\x80\xa6</p></div>"
)

# `st.switch_page` writes the parameters of the next page into the address of this one, and only
# then moves on: Back would lead to an address that nobody has been at.
_ONE_STEP = """
{
  let acted = false;
  for (const kind of ["pointerdown", "keydown", "input", "click", "popstate"]) {
    addEventListener(kind, (event) => { acted ||= event.isTrusted }, true);
  }
  const { pushState, replaceState } = history;
  history.pushState = function (...given) {
    (acted ? pushState : replaceState).apply(this, given);
    acted = false;
  };
}
"""


def page_script(base: str) -> str:
    """The script inside the page; the server is at `base`: "" or a path like "/personas"."""
    return f'window.__streamlit={{BACKEND_BASE_URL:location.origin+"{base}/"}}{_ONE_STEP}'


class FrontEnd:
    """ASGI middleware around Streamlit's files and its page."""

    def __init__(self, app: ASGIApp, base: str = "", style: str = "") -> None:
        self._app = app
        added = f"<style>{style}</style><script>{page_script(base)}</script></head>"
        self._added = added.encode()
        self._kept: dict[tuple[str, str], bytes] = {}  # by packing, and path and ETag or content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; change the answer where it is one of Streamlit's files."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        takes = asked.get("accept-encoding", "") if "range" not in asked else ""
        packing = next((name for name in _PACKINGS if name in takes), None)
        path = normpath(scope["path"])  # a file has one name, however it is written
        wanted = packing is not None and path.endswith(_COMPRESSED)

        async def changed(start: Message, body: bytes) -> bytes:
            headers = MutableHeaders(scope=start)
            if _ROOT in body:
                body = _UNUSED_FONT.sub(b"", body.replace(_ROOT, _LOADING))
                body = body.replace(b"</head>", self._added, 1)
                for name in ("etag", "last-modified"):  # those of another page
                    if name in headers:
                        del headers[name]
                version = hashlib.sha256(body).hexdigest()
            else:
                version = f"{path} {headers['etag']}" if wanted and "etag" in headers else ""
            if packing and version:
                body = await self._packed(packing, version, body)
                headers["content-encoding"] = packing
                headers.add_vary_header("Accept-Encoding")
            headers["content-length"] = str(len(body))
            return body

        if wanted or "text/html" in asked.get("accept", ""):  # to be changed, not packed before
            kept = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, _Whole(send, changed, wanted).send)

    async def _packed(self, packing: str, version: str, body: bytes) -> bytes:
        key = (packing, version)
        if key not in self._kept:
            self._kept[key] = await anyio.to_thread.run_sync(_PACKINGS[packing], body)
        return self._kept[key]


class _Whole:
    """Collects an answer that is to be changed, and passes every other on as it comes."""

    def __init__(self, send: Send, change: Change, wanted: bool) -> None:
        self._send = send
        self._change = change
        self._wanted = wanted
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 200 and (self._wanted or _is_page(message)):
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        self._start = None
        body = await self._change(start, bytes(self._body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
