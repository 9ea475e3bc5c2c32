"""The cookie that names a session: a random id, unreadable for scripts, only for this dashboard."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import Response

from services.settings import get_settings

COOKIE = "persona_session"
BOUND_COOKIE = f"__Host-{COOKIE}"  # browsers take it by https alone, and from no other host


def secret_in(cookies: Mapping[str, str]) -> str | None:
    """What the browser's session cookie holds, None without one."""
    return cookies.get(BOUND_COOKIE) or cookies.get(COOKIE)


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser came by https, as a proxy in front says."""
    forwarded = connection.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return connection.url.scheme in ("https", "wss") or forwarded == "https"


def set_session(response: Response, connection: HTTPConnection, base: str, secret: str) -> None:
    """Give the browser its session."""
    secure = is_secure(connection)
    response.set_cookie(
        BOUND_COOKIE if secure and not base else COOKIE,
        secret,
        max_age=get_settings().session_longest_hours * 3600,
        path=base or "/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response, base: str) -> None:
    """Take it away again."""
    response.delete_cookie(COOKIE, path=base or "/", httponly=True, samesite="lax")
    response.delete_cookie(BOUND_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
