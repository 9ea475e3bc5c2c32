"""One-time links: who opens one chooses a password and is signed in."""

from __future__ import annotations

import json

from services.access import auth_client
from services.access.as_dashboard import call_as_dashboard
from services.access.auth_client import Tokens
from services.access.sealing import hashed, new_secret, seal, unseal
from services.errors import SignInError

SECONDS = 48 * 3600


def make_link(**signs_in: str) -> str:
    """The secret of a new link. `signs_in`: email and password, or hash and kind."""
    secret = new_secret()
    body = seal(json.dumps(signs_in))
    call_as_dashboard("sign_in_link_make", hash=hashed(secret), body=body, seconds=SECONDS)
    return secret


def open_link(secret: str, new_password: str) -> Tokens:
    """Use the link up, and give the account its password. Raises SignInError."""
    sealed = call_as_dashboard("sign_in_link_take", hash=hashed(secret))
    body = unseal(sealed) if isinstance(sealed, str) else None
    if body is None:
        raise SignInError("This link has been used, or is too old.", "Ask for a new one.")
    found = json.loads(body)
    if "hash" in found:
        tokens = auth_client.with_hash(found["hash"], found["kind"])
    else:
        tokens = auth_client.with_password(found["email"], found["password"])
    auth_client.set_password(tokens.access, new_password)
    return tokens
