"""One-time links: who opens one chooses a password and is signed in."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from services.access import auth_client
from services.access.as_dashboard import call_as_dashboard
from services.access.auth_client import Tokens
from services.access.sealing import hashed, new_secret, seal, unseal
from services.errors import DashboardError, SignInError

SECONDS = 48 * 3600


def make_link(**signs_in: str) -> str:
    """The secret of a new link. `signs_in`: email and password, or hash and kind."""
    secret = new_secret()
    _keep(secret, signs_in)
    return secret


def open_link(secret: str, new_password: str) -> Tokens:
    """Use the link up, and give the account its password. Raises SignInError.

    If the account cannot have it (Supabase Auth is away, or refuses the password), the link stays.
    """
    signs_in = _taken(secret)
    try:
        if "access" not in signs_in:  # what signs in may do so only once
            signs_in = asdict(_signed_in(signs_in))
        auth_client.set_password(signs_in["access"], new_password)
    except DashboardError:
        _keep(secret, signs_in)
        raise
    return Tokens(**signs_in)


def _keep(secret: str, signs_in: dict[str, Any]) -> None:
    body = seal(json.dumps(signs_in))
    call_as_dashboard("sign_in_link_make", hash=hashed(secret), body=body, seconds=SECONDS)


def _taken(secret: str) -> dict[str, Any]:
    sealed = call_as_dashboard("sign_in_link_take", hash=hashed(secret))
    body = unseal(sealed) if isinstance(sealed, str) else None
    if body is None:
        raise _dead()
    found: dict[str, Any] = json.loads(body)
    return found


def _signed_in(found: dict[str, Any]) -> Tokens:
    try:
        if "hash" in found:
            return auth_client.with_hash(found["hash"], found["kind"])
        return auth_client.with_password(found["email"], found["password"])
    except SignInError as error:
        if error.problem != SignInError.default_problem:
            raise
        raise _dead() from error  # a newer link has taken the place of what this one signs in with


def _dead() -> SignInError:
    return SignInError("This link has been used, or is too old.", "Ask for a new one.")
