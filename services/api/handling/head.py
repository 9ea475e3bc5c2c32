"""HEAD: every address that has GET answers it alike, without the body."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Head:
    """ASGI middleware around the API. `state.head` tells an operation whose body is work."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as a GET."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            # A copy: by its own the server knows that it is to send no body.
            scope = {**scope, "method": "GET", "state": {**scope.get("state", {}), "head": True}}
        await self._app(scope, receive, send)
