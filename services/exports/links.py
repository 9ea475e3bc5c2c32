"""Signed addresses of exports: they hold what to export, live for minutes, and fit one browser.

The key is made anew by every process, so a link ends with the dashboard as well. Nothing is stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import zlib
from dataclasses import dataclass
from typing import Any, ClassVar

from services.errors import InvalidInputError
from services.exports.options import ExportOptions

VALID_SECONDS = 600
_KEY = secrets.token_bytes(32)
_SIGNATURE = 32  # bytes of SHA-256


class LinkError(InvalidInputError):
    """The link is not one of ours, is too old, or belongs to another browser."""

    default_problem: ClassVar[str] = "This export link cannot be used."
    default_advice: ClassVar[str] = "Open the list of personas and choose Export again."


@dataclass(frozen=True)
class Link:
    """What a link stands for."""

    export_id: str
    options: ExportOptions


def make_link(options: ExportOptions, browser: str | None, now: float | None = None) -> str:
    """A token for one export, for the browser with this id (None: for any)."""
    payload = {
        "id": secrets.token_hex(8),
        "options": options.to_json(),
        "until": int((time.time() if now is None else now) + VALID_SECONDS),
        "browser": _fingerprint(browser),
    }
    packed = zlib.compress(json.dumps(payload, ensure_ascii=False).encode())
    return base64.urlsafe_b64encode(_sign(packed) + packed).decode().rstrip("=")


def read_link(token: str, browser: str | None, now: float | None = None) -> Link:
    """What the token stands for. Raises LinkError."""
    payload = _payload(token)
    if payload["until"] < (time.time() if now is None else now):
        raise LinkError("This export link has expired.")
    if payload["browser"] is not None and payload["browser"] != _fingerprint(browser):
        raise LinkError("This export link was made for another browser.")
    return Link(payload["id"], ExportOptions.from_json(payload["options"]))


def export_id(token: str) -> str:
    """The id of the token's export. Raises LinkError."""
    return str(_payload(token)["id"])


def _payload(token: str) -> dict[str, Any]:
    try:
        signed = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", True)
    except ValueError as error:
        raise LinkError from error
    signature, packed = signed[:_SIGNATURE], signed[_SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(packed)):
        raise LinkError("This export link was altered, or made before the dashboard restarted.")
    payload: dict[str, Any] = json.loads(zlib.decompress(packed))
    return payload


def _sign(packed: bytes) -> bytes:
    return hmac.digest(_KEY, packed, "sha256")


def _fingerprint(browser: str | None) -> str | None:
    return hashlib.sha256(browser.encode()).hexdigest()[:16] if browser else None
