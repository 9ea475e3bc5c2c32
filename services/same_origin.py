"""Who may talk to the dashboard from a browser: its own pages, under its own names.

A page elsewhere on the web must not reach a dashboard that listens on this machine or in this
network: not under a name of its own that leads here (DNS rebinding), not in a frame, not by a
WebSocket or a form. Without sign-in this is the only thing between it and the personas.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Collection
from html import escape
from importlib.resources import files

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_METRICS = "/_stcore/metrics"  # open sessions, addresses of pages, memory: nothing for a browser
_ONE_YEAR = 365 * 24 * 3600
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::(\d{1,5}))?", re.IGNORECASE)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_ADVICE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Persona dashboard</title>
<h1>The dashboard does not answer to this name</h1>
<p>It was asked for as <code>{host}</code>. On its own machine, open http://127.0.0.1 with its
port.</p>
<p>If people are to reach it under this name: add the host, without the port, to
<code>ALLOWED_HOSTS</code> in the environment or in <code>.env</code>, and restart the
dashboard.</p></html>"""


class SameOrigin:
    """ASGI middleware: refuses foreign hosts and origins, and tells browsers what pages may do.

    Names of this machine are always allowed; `allowed_hosts` are further host names or addresses,
    without ports; `scripts` stand inside our pages beside Streamlit's own.
    """

    def __init__(
        self, app: ASGIApp, allowed_hosts: Collection[str] = (), scripts: Collection[str] = ()
    ) -> None:
        self._app = app
        self._configured = frozenset(host.lower() for host in allowed_hosts)
        self._scripts = " ".join(_script_hashes(scripts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may come in; with the headers on the answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        await self._choose(scope, headers)(scope, receive, self._with_headers(scope, headers, send))

    def _choose(self, scope: Scope, headers: Headers) -> ASGIApp:
        host = headers.get("host")
        if not self._is_allowed(host):
            shown = escape((host or "no name")[:100])
            refusal: ASGIApp = HTMLResponse(_ADVICE.format(host=shown), 421)
        elif not self._is_own(scope, headers):
            refusal = PlainTextResponse("Other web pages may not do this.", 403)
        elif scope["path"].rstrip("/").endswith(_METRICS):
            refusal = PlainTextResponse("Not found", 404)
        else:
            return self._app
        return refusal if scope["type"] == "http" else _close

    def _is_allowed(self, host: str | None) -> bool:
        name = _name(host)
        return name is not None and (_is_this_machine(name) or name in self._configured)

    def _is_own(self, scope: Scope, headers: Headers) -> bool:
        """Whether one of our pages asks; programs say no origin, browsers always do."""
        origin = headers.get("origin")
        if origin is None or scope.get("method", "") in _SAFE_METHODS:
            return True
        scheme, _, authority = origin.partition("://")
        default = {"http": 80, "https": 443}.get(scheme)
        if default is None:  # "null", extensions, files
            return False
        if _name(authority) in self._configured:  # a proxy in front may have changed the host
            return True
        return _name_and_port(authority, default) == _name_and_port(headers["host"], default)

    def _with_headers(self, scope: Scope, asked: Headers, send: Send) -> Send:
        host = asked.get("host")
        policy = self._policy(host if self._is_allowed(host) else None)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Referrer-Policy", "same-origin")
                # Never for this machine's names: other programs on it would be affected too.
                if _is_secure(scope, asked) and _name(host) in self._configured:
                    headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}"
            await send(message)

        return send_with_headers

    def _policy(self, host: str | None) -> str:
        """What our pages may load: as strict as Streamlit and our components allow."""
        # 'self' is not enough in every browser; addresses in brackets cannot be written here
        sockets = f" ws://{host} wss://{host}" if host and host[0] != "[" else ""
        return "; ".join(
            [
                "default-src 'self'",
                # blob: Streamlit makes one of a component's script; wasm: it colours code by it;
                # the hashes: scripts inside its page
                f"script-src 'self' blob: 'wasm-unsafe-eval' {self._scripts}",
                "style-src 'self' 'unsafe-inline'",  # Streamlit and the editor style by elements
                "img-src 'self' data: blob:",
                "font-src 'self' data:",  # the JSON editor's symbols
                f"connect-src 'self'{sockets}",
                "object-src 'none'",
                "base-uri 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ]
        )


def _is_this_machine(name: str) -> bool:
    """Whether a host name or address can only mean the machine it is used on."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _is_secure(scope: Scope, headers: Headers) -> bool:
    """Whether the browser came by https, as a proxy in front says; it may lie, about itself."""
    return scope["scheme"] in ("https", "wss") or headers.get("x-forwarded-proto") == "https"


def _script_hashes(scripts: Collection[str]) -> list[str]:
    page = files("streamlit").joinpath("static", "index.html").read_text("utf-8")
    inside = [*_INLINE_SCRIPT.findall(page), *scripts]
    digests = (hashlib.sha256(script.encode()).digest() for script in inside)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def _name_and_port(authority: str | None, default: int = 0) -> tuple[str, int] | None:
    """ "Host:port" as it is compared; None if it is nothing of that form."""
    found = _AUTHORITY.fullmatch(authority or "")
    if found is None:
        return None
    address, name, port = found.groups()
    return (address or name).lower().removesuffix("."), int(port or default)


def _name(authority: str | None) -> str | None:
    found = _name_and_port(authority)
    return found[0] if found else None


async def _close(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})
