"""The one Supabase client of this process, hosted or local.

Never call auth.sign_in on it: every later query would carry that user.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from functools import cache

import httpx
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from services.database.faults import expect_rows, raise_for_fault, translated_faults
from services.database.local import start_local_supabase
from services.errors import (
    DashboardError,
    DatabaseError,
    DatabaseUnreachableError,
    DiskFullError,
    InvalidKeyError,
    LocalStackError,
)
from services.local_supabase.stack import LocalSupabase
from services.settings import Settings, get_settings

_BEING_STARTED = (
    "It has stopped and is being started again: try again in some seconds. Nothing stored is lost."
)
_FREE = "Free some space on it and try again. Nothing stored is lost."

RequestHook = Callable[[httpx.Request], object]

_lock = threading.RLock()
_hooks: list[RequestHook] = []
_connection: SupabaseConnection | None = None
_local: LocalSupabase | None = None


class SupabaseConnection:
    """A Supabase client and the question whether it works."""

    def __init__(self, client: Client, http: httpx.Client) -> None:
        self.client = client
        self._http = http

    def check(self) -> None:
        """Ask for one row. Raises the DashboardError that explains why it does not work."""
        with translated_faults():
            response = self.client.table("personas").select("id").limit(1).execute()
        expect_rows(response.data)

    def is_connected(self) -> bool:
        """Whether the personas table can be read now."""
        try:
            self.check()
        except DashboardError:
            return False
        return True

    def close(self) -> None:
        self._http.close()


def get_supabase_client() -> SupabaseConnection:
    """The connection of this process, made at first use.

    With SUPABASE_URL unset it starts the local Supabase. Raises SettingsError, LocalStackError.
    """
    global _connection
    with _lock:
        if _connection is None:
            _connection = _connect(get_settings())
        return _connection


def on_each_request(hook: RequestHook) -> None:
    """Have `hook` called with every request of the connection before it is sent; once is enough.

    What it raises reaches the caller.
    """
    if hook not in _hooks:
        _hooks.append(hook)


def public_key() -> str:
    """The publishable key of what is configured; "" if it is not known. Raises LocalStackError."""
    settings = get_settings()
    if settings.uses_local_supabase:
        return get_local_supabase().publishable_key.get_secret_value()
    return settings.supabase_anon_key.get_secret_value() if settings.supabase_anon_key else ""


def supabase_address() -> str:
    """Where the configured Supabase answers. Raises LocalStackError."""
    return _target(get_settings())[0]


def reset_supabase_client() -> None:
    """Forget the connection; the next use makes a new one. A local Supabase keeps running."""
    global _connection
    with _lock:
        if _connection is not None:
            _connection.close()
        _connection = None


def get_local_supabase() -> LocalSupabase:
    """The local Supabase of this process, started at first use. Raises LocalStackError."""
    global _local
    with _lock:
        if _local is None:
            _local = start_local_supabase(get_settings().local_supabase_dir)
        return _local


def explained(error: DashboardError) -> DashboardError:
    """The fault as far as the local Supabase of this process knows more of it."""
    if (
        _local is None
        or not get_settings().uses_local_supabase
        or not isinstance(error, DatabaseError)
    ):
        return error
    if isinstance(error, DiskFullError):
        where = get_settings().local_supabase_dir
        return LocalStackError(f"The disk of {where} is full: nothing can be stored.", _FREE)
    away = isinstance(error, DatabaseUnreachableError)
    if away and error.problem == error.default_problem:  # not: it broke off in the middle
        return _local.fault or DatabaseUnreachableError(
            "The local Supabase cannot be reached.", _BEING_STARTED
        )
    return error


def close_database() -> None:
    """Close the connection and stop a local Supabase. Safe to call twice."""
    global _local
    with _lock:
        reset_supabase_client()
        if _local is not None:
            _local.stop()
        _local = None


def connect(
    url: str,
    key: str,
    *,
    timeout_seconds: float,
    near: bool,
    on_request: RequestHook = lambda _: None,
) -> SupabaseConnection:
    """A new connection. `near`: on this machine, which no proxy reaches. Raises InvalidKeyError."""
    http = httpx.Client(
        timeout=httpx.Timeout(timeout_seconds, connect=5),
        transport=httpx.HTTPTransport(verify=certificates(), retries=1),
        follow_redirects=False,  # the key would go along, to whichever host they name
        trust_env=not near,
        event_hooks={"request": [_without_false_token, on_request], "response": [raise_for_fault]},
    )
    options = SyncClientOptions(
        httpx_client=http,
        postgrest_client_retry=False,  # it waits 7 s before it tells that nobody answers
        auto_refresh_token=False,
        persist_session=False,
    )
    try:
        return SupabaseConnection(create_client(url, key, options), http)
    except Exception as error:  # the client refuses malformed keys with errors of its own
        raise InvalidKeyError from error


@cache
def certificates() -> ssl.SSLContext:
    """What https goes by. To read the authorities takes 20 ms, which a client would do anew."""
    return httpx.create_ssl_context()


def _without_false_token(request: httpx.Request) -> None:
    """The client names every key as a bearer token too; keys of the new kind are none (no JWT)."""
    if request.headers.get("authorization", "").startswith("Bearer sb_"):
        del request.headers["authorization"]


def _connect(settings: Settings) -> SupabaseConnection:
    url, key = _target(settings)
    return connect(
        url,
        key,
        timeout_seconds=settings.supabase_timeout_seconds,
        near=settings.uses_local_supabase,
        on_request=_call_hooks,
    )


def _call_hooks(request: httpx.Request) -> None:
    for hook in _hooks:
        hook(request)


def _target(settings: Settings) -> tuple[str, str]:
    if settings.supabase_url and settings.supabase_key:
        return settings.supabase_url, settings.supabase_key.get_secret_value()
    local = get_local_supabase()
    return local.url, local.key.get_secret_value()
