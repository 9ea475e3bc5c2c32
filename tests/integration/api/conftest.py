"""The API as it is served, on the session's Supabase, and programs that ask it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette

from services.access.keys.stored import Scope, get_api_keys
from services.access.roles import Role
from services.api.app import api_routes, make_api
from services.api.documentation import documentation_routes
from services.api.given import Background
from services.generation.engine_choice import build_generators
from services.generation.requests import get_generation_requests
from services.generation.runner import GenerationRunner
from services.generation.worker.build import build_worker
from services.importing.jobs import get_import_jobs
from services.importing.runner import ImportRunner
from services.local_supabase.stack import LocalSupabase
from services.settings import get_settings
from tests.waiting import eventually, free_port

TEXT = "Ana Ruiz leads the support team at Nordlys. She writes SQL every day."
PERSONA = {"name": "Ana Ruiz", "role": "Support lead", "skills": ["SQL"]}


@dataclass
class Program:
    """A program with a key, which sends every POST under a key of its own."""

    http: httpx.Client
    key: str = field(repr=False)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        if method == "POST":
            headers.setdefault("Idempotency-Key", uuid4().hex)
        if (version := options.pop("version", None)) is not None:
            headers["If-Match"] = f'"{version}"'
        return self.http.request(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return self.ask("POST", path, json=json, **options)

    def created(self, persona: dict[str, Any] | None = None, text: str = TEXT) -> dict[str, Any]:
        """A new persona, as it was answered."""
        answer = self.post("personas", {"raw_text": text, "persona": persona or PERSONA})
        assert answer.status_code == 201, answer.text
        return answer.json()


@dataclass
class Server:
    """The served API."""

    app: FastAPI
    url: str

    def program(
        self, role: Role = Role.ADMIN, scope: Scope = "write", name: str = "tests"
    ) -> Program:
        made = get_api_keys().make(name, role, scope)
        return Program(self.client(), made.text)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"{self.url}/api/v1/", timeout=60, trust_env=False)


def finished(program: Program, request_id: str) -> dict[str, Any]:
    """The generation once it has ended."""

    def ended() -> dict[str, Any] | None:
        told: dict[str, Any] = program.get(f"generations/{request_id}").json()
        return told if told["status"] in ("saved", "failed", "cancelled") else None

    return eventually(ended)  # type: ignore[return-value]


@pytest.fixture
def server(database: LocalSupabase) -> Iterator[Server]:
    """The API on the session's Supabase, where nobody signs in."""
    yield from serving()


def serving() -> Iterator[Server]:
    """The API and its documentation on a port of their own, with an engine and imports."""
    settings = get_settings()
    runner = GenerationRunner(get_generation_requests(), build_generators(settings), 2)
    imports = ImportRunner(get_import_jobs())
    worker = build_worker(settings, 2)
    worker.start()
    api = make_api(
        settings, Background(lambda: runner, lambda: imports, worker.wake, worker.cancel)
    )
    app = Starlette(routes=[*documentation_routes(""), *api_routes("", api)])
    port = free_port()
    served = uvicorn.Server(
        uvicorn.Config(
            app,
            "127.0.0.1",
            port,
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    eventually(lambda: served.started)
    yield Server(api, f"http://127.0.0.1:{port}")
    served.should_exit = True
    thread.join(10)
    worker.stop()
    runner.stop()
    imports.stop()


@pytest.fixture
def program(server: Server) -> Program:
    """With a key that may do everything."""
    return server.program()
