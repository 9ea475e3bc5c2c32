"""What a form of the sign-in holds, within limits; and how it is answered."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from starlette.requests import Request

from services.access.sign_in.cookies import is_secure
from services.errors import DashboardError, SignInError

_MOST_BYTES = 10_000  # of a form
_MOST_FIELDS = 20
_SHORTEST_PASSWORD = 10
_TOO_SHORT = SignInError("This password is too short.", "Take at least 10 characters.")


async def form_of(request: Request) -> dict[str, str]:
    """Its fields, `password` always among them; only that one if it is larger than any of ours."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            return {"password": ""}
    try:
        pairs: list[tuple[Any, Any]] = parse_qsl(
            body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS
        )
    except ValueError:  # more fields than any form of ours has
        pairs = []
    return {"password": "", **dict(pairs)}


def email_in(given: dict[str, str]) -> str:
    """The address, as long as one can be."""
    return given.get("email", "").strip()[:320]


def new_password_in(given: dict[str, str]) -> str:
    """Raises SignInError if it is too short."""
    password = given.get("password", "")
    if len(password) < _SHORTEST_PASSWORD:
        raise _TOO_SHORT
    return password


def origin_of(request: Request) -> str:
    """Where the browser found us: https://host."""
    scheme = "https" if is_secure(request) else "http"
    return f"{scheme}://{request.headers.get('host', '')}"


def status_of(error: DashboardError) -> int:
    """The HTTP status of a page that tells of this fault."""
    return 403 if isinstance(error, SignInError) else 503


def came_from(request: Request, base: str) -> str:
    """The page of ours that an ended session has sent here, so that it comes back there, or ""."""
    parts = _parts(request.headers.get("referer", ""))
    at_sign_in = parts.path.removeprefix(base).startswith(("/sign-in", "/sign-out"))
    if parts.netloc != request.headers.get("host") or at_sign_in:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def own_address(address: str | None, base: str) -> str:
    """An address of this dashboard: never a redirect to somebody else's."""
    given = address or ""
    parts = _parts(given)
    plain = given.isprintable() and "\\" not in given and not given.startswith("//")
    if plain and given.startswith(f"{base}/") and not parts.scheme and not parts.netloc:
        return given
    return f"{base}/"


def _parts(address: str) -> SplitResult:
    """Of what is no address there are none."""
    try:
        return urlsplit(address)
    except ValueError:  # http://[
        return urlsplit("")
