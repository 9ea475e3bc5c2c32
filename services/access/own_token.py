"""Requests to the database carry the token of who acts, so that the database decides by their role.

A hook of the one HTTP client; the publishable key goes along as `apikey`. Where nobody is known,
the secret key acts: with SIGN_IN=off, and in background work, which names its author itself. It
acts for programs too: their requests name the key that they came with (migration 031).
"""

from __future__ import annotations

import httpx

from services.access.acting import current_actor
from services.database.client import on_each_request, public_key
from services.errors import NotSignedInError

KEY_HEADER = "X-Persona-Key"


def send_own_tokens() -> None:
    """From now on, for every request of this process."""
    on_each_request(_as_who_acts)


def name_keys() -> None:
    """From now on, for every request that is done for a program."""
    on_each_request(_with_key)


def _with_key(request: httpx.Request) -> None:
    actor = current_actor()
    if actor is not None and actor.key_id:
        request.headers[KEY_HEADER] = actor.key_id


def _as_who_acts(request: httpx.Request) -> None:
    actor = current_actor()
    if actor is None:
        return
    if actor.access_token is not None:
        request.headers["apikey"] = public_key()
        request.headers["Authorization"] = f"Bearer {actor.access_token}"
    elif actor.role is None:  # never with the dashboard's own key for somebody unknown
        raise NotSignedInError
