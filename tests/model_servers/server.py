"""One real HTTP server for all rows: the first part of the path names the row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.model_servers.behaviour import Answer, Request, Row, says


class ModelServers:
    """The running servers. `requests` keeps what each row was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rows: dict[str, Row] = {}
        self.requests: dict[str, list[Request]] = {}

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[ModelServers]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        servers = cls(f"http://127.0.0.1:{server.server_port}")
        server.servers = servers  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield servers
        finally:
            server.shutdown()
            server.server_close()

    def base_url(self, name: str, row: Row) -> str:
        """Where this row is served, as it is set in OPENAI_BASE_URL."""
        self.rows[name], self.requests[name] = row, []
        return f"{self.url}/{name}{row.path}"

    def answer(self, name: str, request: Request) -> Answer:
        self.requests[name].append(request)
        path = urlsplit(self.rows[name].path).path.removesuffix("/chat/completions")
        if request.path != f"{path}/chat/completions":
            return says(404, {"detail": "Not Found"})
        for rule in self.rows[name].rules:
            if answer := rule(request):
                return answer
        raise AssertionError("no rule answers")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        _, name, path = parts.path.split("/", 2)
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Request(f"/{path}", dict(parse_qsl(parts.query)), headers, body)
        answer = self.server.servers.answer(name, request)  # type: ignore[attr-defined]
        self.send_response(answer.status)
        for key, value in {**answer.headers, "connection": "close"}.items():
            self.send_header(key, value)
        self.end_headers()
        for piece in answer.pieces:
            self.wfile.write(piece.encode())
        self.close_connection = True

    def do_GET(self) -> None:
        """The list of models, as vLLM gives it."""
        found = {"data": [{"id": "a-model"}, {"id": "m", "max_model_len": 8192}]}
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Not to the terminal."""
