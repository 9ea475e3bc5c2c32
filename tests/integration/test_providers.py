"""Signing in with a provider: all the steps of a browser, by a GitHub of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from services.access.sign_in.cookies import COOKIE
from services.access.sign_in.gate import Gate
from services.access.sign_in.routes import sign_in_routes
from services.local_supabase import gateway
from tests.team import Team, running_team, use_team
from tests.waiting import awaited, eventually, free_port

DASHBOARD = "http://dashboard.example"
GITHUB = """\
[auth.external.github]
enabled = true
client_id = "dashboard"
secret = "of the test"
url = "http://127.0.0.1:{port}"
redirect_uri = "http://127.0.0.1:{{port}}/auth/v1/callback"
"""
REDIRECTS = 'site_url = "{0}"\nadditional_redirect_urls = ["{0}/sign-in/back"]\n'


async def authorize(request: Request) -> RedirectResponse:
    """Somebody who has signed in here already, and agrees."""
    asked = request.query_params
    answer = urlencode({"code": "one-time", "state": asked["state"]})
    return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 303)


async def token(request: Request) -> JSONResponse:
    given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    right = given["client_secret"] == "of the test" and given["code"] == "one-time"
    return JSONResponse({"access_token": "t"} if right else {"error": "bad_verification_code"})


async def user(_: Request) -> JSONResponse:
    return JSONResponse({"id": 7, "login": "gina", "name": "Gina Gill"})


async def emails(_: Request) -> JSONResponse:
    return JSONResponse([{"email": "gina@example.org", "verified": True, "primary": True}])


@pytest.fixture(scope="module")
def github() -> Iterator[int]:
    """Its port."""
    port = free_port()
    app = Starlette(
        routes=[
            Route("/login/oauth/authorize", authorize),
            Route("/login/oauth/access_token", token, methods=["POST"]),
            Route("/api/v3/user", user),
            Route("/api/v3/user/emails", emails),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    yield port
    server.should_exit = True
    thread.join()


@pytest.fixture
def team(
    github: int, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Team]:
    config = gateway.CONFIG + REDIRECTS.format(DASHBOARD) + GITHUB.format(port=github)
    monkeypatch.setattr(gateway, "CONFIG", config)
    with running_team(Path(tmp_path_factory.mktemp("t"))) as started:
        use_team(monkeypatch, started)
        yield started


def test_by_a_provider_somebody_comes_in_once_they_have_a_role(team: Team) -> None:
    awaited(_come_in(team))


async def _come_in(team: Team) -> None:
    async with browser() as visitor:
        await go(visitor, "/?id=7")
        page = (await go(visitor, "/sign-in?next=/%3Fid%3D7")).text
        assert "Github" in page
        assert "/sign-in/with/github" in page
        waiting = await go(visitor, "/sign-in/with/github?next=/%3Fid%3D7")
        assert waiting.url.path == "/sign-in"
        assert "gina" in waiting.text.lower()
        (person,) = team.sql("select user_id, role from persona_members where email like 'gina%%'")
        assert person[1] is None
        team.sql("update persona_members set role = 'analyst' where user_id = %s", person[0])

    async with browser() as visitor:
        there = await go(visitor, "/sign-in/with/github?next=/%3Fid%3D7")
        assert (str(there.url), there.text) == (f"{DASHBOARD}/?id=7", "inside")
        assert visitor.cookies.get(COOKIE)
        assert "persona_provider" not in visitor.cookies

    async with browser() as stranger:  # a code that another browser was given is of no use
        back = await go(stranger, "/sign-in/back?code=one-time")
        assert back.status_code == 403
        assert COOKIE not in stranger.cookies
        unknown = await go(stranger, "/sign-in/with/elsewhere")
        assert (unknown.status_code, "no such way to sign in" in unknown.text) == (403, True)


def browser() -> httpx.AsyncClient:
    """With the dashboard as its own application, and everything else over the network."""

    routes = Starlette(routes=[*sign_in_routes(""), Route("/", PlainTextResponse("inside"))])
    app = Gate(routes, "", lambda _: b"")
    return httpx.AsyncClient(
        mounts={DASHBOARD: httpx.ASGITransport(app)}, trust_env=False, timeout=30
    )


async def go(visitor: httpx.AsyncClient, path: str) -> httpx.Response:
    """As a browser does: by every redirect to the end."""
    return await visitor.get(
        f"{DASHBOARD}{path}", follow_redirects=True, headers={"accept": "text/html"}
    )
