"""A name for each request: given by who asks or made here, sent back, and in the log.

The log says who asked for what by the pattern of the address: no text, no key, no search.
"""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
_FORM = re.compile(r"[A-Za-z0-9._-]{1,100}")

log = logging.getLogger(__name__)


class RequestIds:
    """ASGI middleware around the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its name; nothing of the answer is to be kept by caches."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        name = given if _FORM.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = name
        began, status = time.monotonic(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER] = name
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, named)
        finally:
            _log(scope, name, status, time.monotonic() - began)


def _log(scope: Scope, name: str, status: int, seconds: float) -> None:
    route, caller = scope.get("route"), scope["state"].get("caller")
    log.info(
        "API %s %s: %s in %.0f ms, key %s, request %s",
        scope["method"],
        getattr(route, "path", "?"),
        status or "broke off",
        seconds * 1000,
        caller.name if caller else "none",
        name,
    )
