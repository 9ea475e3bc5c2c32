"""A Supabase with faults: a real HTTP server in front of the local one.

It passes every request on, except those it was told to answer itself, to delay or to cut:

    with SupabaseDouble.before(local.url) as double:
        with double.answering("finish_generation", 520, "<html>…", headers={...}):
            ...

A request is meant by a part of its path; the first rule that fits it counts.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

_NOT_PASSED_ON = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
_NOT_PASSED_BACK = _NOT_PASSED_ON | {"content-encoding", "date", "server"}


@dataclass(frozen=True)
class Request:
    """A request as it came, and when (seconds); names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


def coded(code: str, message: str = "…") -> dict[str, Any]:
    """The body of a fault as PostgREST words it."""
    return {"code": code, "message": message, "details": None, "hint": None}


@dataclass
class _Rule:
    path: str
    act: Callable[[_Handler], bool]  # whether that was the answer; else the request is passed on
    fits: Callable[[Request], bool]
    left: float


@dataclass
class SupabaseDouble:
    """The server; `seen` holds all requests in order. `keys` replaces keys on the way through."""

    url: str
    behind: str
    seen: list[Request] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    _rules: list[_Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    @contextmanager
    def before(cls, url: str) -> Iterator[SupabaseDouble]:
        """A double on a free port of this machine, in front of the Supabase at `url`."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        double = cls(f"http://127.0.0.1:{server.server_port}", url)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        with httpx.Client(trust_env=False, timeout=60) as client:
            server.double, server.client = double, client  # type: ignore[attr-defined]
            thread.start()
            try:
                yield double
            finally:
                server.shutdown()
                server.server_close()

    def calls(self, path: str) -> list[Request]:
        """The requests so far whose path has this part."""
        return [request for request in self.seen if path in request.path]

    @contextmanager
    def answering(
        self,
        path: str,
        status: int,
        body: str | dict[str, Any] = "",
        *,
        headers: dict[str, str] | None = None,
        times: float = float("inf"),
        fits: Callable[[Request], bool] = lambda _: True,
    ) -> Iterator[None]:
        """Answer with exactly this; a dict goes as JSON, a text as HTML. At most `times` times."""
        is_json = isinstance(body, dict)
        kind = "application/json; charset=utf-8" if is_json else "text/html; charset=utf-8"
        content = (json.dumps(body) if is_json else str(body)).encode()

        def act(handler: _Handler) -> bool:
            handler.reply(status, {"Content-Type": kind, **(headers or {})}, content)
            return True

        with self._rule(path, act, times, fits):
            yield

    @contextmanager
    def delaying(self, path: str, seconds: float) -> Iterator[None]:
        """Pass requests on only after so many seconds."""

        def act(_: _Handler) -> bool:
            time.sleep(seconds)
            return False

        with self._rule(path, act):
            yield

    @contextmanager
    def cutting(
        self, path: str, *, after_the_work: bool = False, times: float = float("inf")
    ) -> Iterator[None]:
        """Close the connection without an answer: before the request is passed on, or after."""

        def act(handler: _Handler) -> bool:
            if after_the_work:
                handler.pass_on()
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return True

        with self._rule(path, act, times):
            yield

    def act_on(self, handler: _Handler, request: Request) -> bool:
        with self._lock:
            self.seen.append(request)
            rule = next(
                (
                    r
                    for r in self._rules
                    if r.path in request.path and r.left > 0 and r.fits(request)
                ),
                None,
            )
            if rule:
                rule.left -= 1
        return rule.act(handler) if rule else False

    @contextmanager
    def _rule(
        self,
        path: str,
        act: Callable[[_Handler], bool],
        times: float = float("inf"),
        fits: Callable[[Request], bool] = lambda _: True,
    ) -> Iterator[None]:
        rule = _Rule(path, act, fits, times)
        self._rules.insert(0, rule)
        try:
            yield
        finally:
            self._rules.remove(rule)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # cut by us, or the client is gone
            self.close_connection = True

    def answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.body, time.monotonic())
        if not self._double.act_on(self, request):
            response = self.pass_on()
            kept = {k: v for k, v in response.headers.items() if k.lower() not in _NOT_PASSED_BACK}
            self.reply(response.status_code, kept, response.content)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = do_PUT = answer

    def pass_on(self) -> httpx.Response:
        kept = {k: v for k, v in self.headers.items() if k.lower() not in _NOT_PASSED_ON}
        for name, value in kept.items():
            for key, real in self._double.keys.items():
                kept[name] = value.replace(key, real)
        client: httpx.Client = self.server.client  # type: ignore[attr-defined]
        return client.request(
            self.command, self._double.behind + self.path, headers=kept, content=self.body
        )

    def reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != httpx.codes.NO_CONTENT:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing: tests look at `seen`."""

    @property
    def _double(self) -> SupabaseDouble:
        double: SupabaseDouble = self.server.double  # type: ignore[attr-defined]
        return double
