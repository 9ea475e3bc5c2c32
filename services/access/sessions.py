"""Who is behind which cookie. The database knows the hash of the cookie and the sealed tokens.

Each process remembers an answer for a moment, so that a click costs no request of its own; what
this process ends, it forgets at once.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.access import auth_client
from services.access.acting import Actor
from services.access.as_dashboard import call_as_dashboard
from services.access.auth_client import Tokens
from services.access.roles import Role
from services.access.sealing import hashed, new_secret, seal, unseal
from services.errors import DashboardError, SignInError
from services.settings import get_settings

log = logging.getLogger(__name__)

REMEMBERED_SECONDS = 2.0  # so long another process may still take an ended session for a valid one
_RENEW_BEFORE_SECONDS = 120  # the end of an access token
_WAIT_SECONDS = 10.0  # for another process that fetches new tokens
_LOOK_SECONDS = 0.1
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class _Known:
    actor: Actor
    until: float  # monotonic: when to ask again


class Sessions:
    """The sessions of all dashboards on one database. Safe from any thread."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def begin(self, tokens: Tokens) -> str:
        """Begin a session; what its cookie holds. Raises DatabaseError."""
        secret = new_secret()
        given = {
            "hash": hashed(secret),
            "user_id": tokens.user_id,
            "email": tokens.email,
            "name": tokens.name,
            "access": seal(tokens.access),
            "refresh": seal(tokens.refresh),
            "seconds": tokens.seconds,
        }
        call_as_dashboard("session_begin", given=json.dumps(given))
        return secret

    def remembered(self, secret: str | None) -> Actor | None:
        """The same as far as this process knows without asking."""
        known = self._known.get(hashed(secret)) if secret and len(secret) <= 100 else None
        return known.actor if known is not None and known.until > time.monotonic() else None

    def actor(self, secret: str | None) -> Actor | None:
        """Who is behind a cookie; None if nobody is (any more). Raises DatabaseError."""
        if not secret or len(secret) > 100:
            return None
        key = hashed(secret)
        known = self._known.get(key)
        if known is not None and known.until > time.monotonic():
            return known.actor
        with self._lock_of(key):  # of many tabs that ask at once, one asks the database
            known = self._known.get(key)
            if known is not None and known.until > time.monotonic():
                return known.actor
            return self._look_up(key)

    def end(self, secret: str | None, *, everywhere: bool = False) -> None:
        """Sign out here, or everywhere. Raises DatabaseError."""
        if not secret:
            return
        actor = self.actor(secret)
        call_as_dashboard("session_end", hash=hashed(secret), everywhere=everywhere)
        if actor is not None:
            self.forget(actor.user_id)
            if actor.access_token:
                auth_client.sign_out(actor.access_token)

    def forget(self, user_id: str) -> None:
        """Ask the database again for whatever is remembered of this person."""
        with self._guard:
            gone = [key for key, known in self._known.items() if known.actor.user_id == user_id]
            for key in gone:
                del self._known[key]

    def _look_up(self, key: str) -> Actor | None:
        row = _read(key)
        if row is not None and int(row["seconds"]) < _RENEW_BEFORE_SECONDS:
            row = self._renewed(key, row)
        with self._guard:
            self._known.pop(key, None)
            if row is None:
                self._locks.pop(key, None)
                return None
            access = unseal(row["access"])
            if access is None:  # sealed under another key: nobody can act with it
                return None
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            actor = Actor(
                row["user_id"], row["name"], Role(row["role"]) if row["role"] else None, access
            )
            self._known[key] = _Known(actor, time.monotonic() + REMEMBERED_SECONDS)
            return actor

    def _renewed(self, key: str, row: dict[str, Any]) -> dict[str, Any] | None:
        """The row with fresh tokens, fetched by one process; the old while they last; or None."""
        refresh = unseal(row["refresh"])
        give_up = time.monotonic() + _WAIT_SECONDS
        while not call_as_dashboard("session_claim_renewal", hash=key, refresh=row["refresh"]):
            now = _read(key)
            if now is None or now["refresh"] != row["refresh"] or now["seconds"] > 0:
                return now
            if time.monotonic() > give_up:
                return None
            time.sleep(_LOOK_SECONDS)
        try:
            if refresh is None:
                raise SignInError
            tokens = auth_client.renewed(refresh)
        except SignInError:  # the account is gone, or its tokens were ended elsewhere
            log.info("A session ended: Supabase Auth gives no new token for it.")
            call_as_dashboard("session_end", hash=key, everywhere=False)
            return None
        except DashboardError:
            return row if row["seconds"] > 0 else None
        call_as_dashboard(
            "session_renew",
            hash=key,
            access=seal(tokens.access),
            refresh=seal(tokens.refresh),
            seconds=tokens.seconds,
        )
        return _read(key)

    def _lock_of(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())


@lru_cache(maxsize=1)
def get_sessions() -> Sessions:
    """The sessions as this process knows them."""
    return Sessions()


def _read(key: str) -> dict[str, Any] | None:
    settings = get_settings()
    text = call_as_dashboard(
        "session_read",
        hash=key,
        idle_seconds=settings.session_idle_minutes * 60,
        longest_seconds=settings.session_longest_hours * 3600,
    )
    return json.loads(text) if isinstance(text, str) else None
