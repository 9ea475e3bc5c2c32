"""Signed addresses of exports: they hold what to export, live for minutes, and fit one browser.

The key is made anew by every process, so a link ends with the dashboard as well. Nothing is stored.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import ClassVar

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from services.errors import InvalidInputError
from services.exports.options import ExportOptions

VALID_SECONDS = 600
_ALTERED = "This export link was altered, or made before the dashboard restarted."
_links = URLSafeTimedSerializer(
    secrets.token_bytes(32), salt="export", signer_kwargs={"digest_method": hashlib.sha256}
)


class LinkError(InvalidInputError):
    """The link is not one of ours, is too old, or belongs to another browser."""

    default_problem: ClassVar[str] = "This export link cannot be used."
    default_advice: ClassVar[str] = "Open the list of personas and choose Export again."


@dataclass(frozen=True)
class Link:
    """What a link stands for."""

    export_id: str
    options: ExportOptions


def make_link(options: ExportOptions, browser: str | None) -> str:
    """A token for one export, for the browser with this id (None: for any)."""
    named = {"id": secrets.token_hex(8), "options": options.to_json()}
    return _links.dumps({**named, "browser": _fingerprint(browser)})


def read_link(token: str, browser: str | None) -> Link:
    """What the token stands for. Raises LinkError."""
    try:
        named = _links.loads(token, max_age=VALID_SECONDS)
    except SignatureExpired as error:
        raise LinkError("This export link has expired.") from error
    except BadData as error:
        raise LinkError(_ALTERED) from error
    if named["browser"] is not None and named["browser"] != _fingerprint(browser):
        raise LinkError("This export link was made for another browser.")
    return Link(named["id"], ExportOptions.from_json(named["options"]))


def export_id(token: str) -> str:
    """The id of the token's export, however old. Raises LinkError."""
    try:
        return str(_links.loads(token)["id"])
    except BadData as error:
        raise LinkError(_ALTERED) from error


def _fingerprint(browser: str | None) -> str | None:
    return hashlib.sha256(browser.encode()).hexdigest()[:16] if browser else None
