"""Who works here: a name kept in each browser, for teams without sign-in.

The server gives every browser a random id in a cookie that scripts cannot read. It is no proof of
who somebody is; it only keeps one analyst's drafts apart from another's.
"""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "persona_browser"
_YEAR = 365 * 24 * 3600
_FORM = re.compile(r"[0-9a-f]{32}")


def browser_id(value: object) -> str | None:
    """The id in the cookie's value, None if it is not one of ours."""
    return value if isinstance(value, str) and _FORM.fullmatch(value) else None


class BrowserIdentity:
    """ASGI middleware: a browser that comes without an id gets one with its first page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the cookie to the answer where it is missing."""
        if scope["type"] != "http" or browser_id(HTTPConnection(scope).cookies.get(COOKIE)):
            await self._app(scope, receive, send)
            return
        cookie = (
            f"{COOKIE}={secrets.token_hex(16)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
        )

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_cookie)


def _is_page(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    return headers.get("content-type", "").startswith("text/html")
