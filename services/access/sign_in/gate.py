"""ASGI middleware: nothing but the sign-in itself without a session and a role.

Pages, the WebSocket and each of its messages, uploads, component files, exports: all pass here. A
check in a page would not do: a fragment of it runs without the page.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Collection
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.access.acting import Actor, acting_as
from services.access.sessions import get_sessions
from services.access.sign_in.cookies import secret_in
from services.errors import DashboardError

log = logging.getLogger(__name__)

# What a page asks for before it connects again holds nothing of anybody.
OPEN = ("/sign-in", "/sign-out", "/_stcore/health", "/_stcore/host-config")
_CLOSED = 4401
_AT_ONCE = 16  # look-ups; Streamlit needs the threads that AnyIO shares


class Gate:
    """`base`: the path that all addresses share, or "". `leave_message` makes what sends an open
    page to an address. `open_paths` decide by themselves who may come in, as the API does."""

    def __init__(
        self,
        app: ASGIApp,
        base: str,
        leave_message: Callable[[str], bytes],
        open_paths: Collection[str] = (),
    ) -> None:
        self._app = app
        self._base = base
        self._leave_message = leave_message
        self._open = (*OPEN, *open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what somebody with a role asks; in their name."""
        if scope["type"] not in ("http", "websocket") or self._is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        secret = secret_in(connection.cookies)
        try:
            actor = await who(secret)
        except DashboardError as error:
            await _unavailable(scope, receive, send, error)
            return
        if actor is None or actor.role is None:
            await self._refuse(connection, receive, send, actor)
        elif scope["type"] == "websocket":
            await self._app(scope, self._while_signed_in(secret, receive, send), send)
        else:
            with acting_as(actor):
                await self._app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        path = path.removeprefix(self._base)
        return any(path == one or path.startswith(f"{one}/") for one in self._open)

    def _while_signed_in(self, secret: str | None, receive: Receive, send: Send) -> Receive:
        """Each message of an open page is asked for anew; a page whose session has ended leaves."""

        async def guarded() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            try:
                actor = await who(secret)
            except DashboardError:
                return message  # the database is away: the page says so, and gets nothing from it
            if actor is not None and actor.role is not None:
                return message
            await self._send_away(send)
            return {"type": "websocket.disconnect", "code": _CLOSED}

        return guarded

    async def _send_away(self, send: Send) -> None:
        """Have the open page go to the sign-in, which tells why."""
        leave = self._leave_message(f"{self._base}/sign-in")
        await send({"type": "websocket.send", "bytes": leave})
        await send({"type": "websocket.close", "code": _CLOSED})

    async def _refuse(
        self, connection: HTTPConnection, receive: Receive, send: Send, actor: Actor | None
    ) -> None:
        scope = connection.scope
        if scope["type"] == "websocket":
            # A page that was open and connects again: a plain refusal it would only try once more.
            await receive()
            spoken = next(iter(scope["subprotocols"]), None)
            await send({"type": "websocket.accept", "subprotocol": spoken})
            await self._send_away(send)
            return
        answer: Response
        if scope["method"] == "GET" and "text/html" in connection.headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            here = scope["path"] + (f"?{query}" if query else "")
            answer = RedirectResponse(f"{self._base}/sign-in?next={quote(here, safe='')}", 303)
        elif actor is None:
            answer = PlainTextResponse("Sign in first.", 401)
        else:
            answer = PlainTextResponse("You have no role here yet.", 403)
        answer.headers["Cache-Control"] = "no-store"
        await answer(scope, receive, send)


async def who(secret: str | None) -> Actor | None:
    """Who is behind the cookie; asked in a thread if not remembered. Raises DatabaseError."""
    sessions = get_sessions()
    return sessions.remembered(secret) or await to_thread.run_sync(
        sessions.actor, secret, limiter=_limiter()
    )


@functools.lru_cache(maxsize=1)
def _limiter() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(_AT_ONCE)


async def _unavailable(scope: Scope, receive: Receive, send: Send, error: DashboardError) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1013})
    else:
        log.warning("Nobody can be known: %s", type(error).__name__)
        await PlainTextResponse(str(error), 503, {"Retry-After": "5"})(scope, receive, send)
