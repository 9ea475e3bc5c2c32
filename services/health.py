"""Whether the parts work, and what to do about those that do not. For the Status page."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal, get_args
from urllib.parse import urlsplit

from services.database.client import explained, get_local_supabase, get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.database.migrate import MigrationStatus, migration_status
from services.database.node import node_parts_installed
from services.errors import DashboardError, DatabaseUnreachableError
from services.settings import SearchLanguage, Settings, get_settings

_PROBES = {  # what the newest migrations brought
    "personas": "id,evidence,generation",
    "generation_requests": "id",
    "import_jobs": "id",
}
_PACKAGES = ("streamlit", "supabase", "pydantic", "pandas", "openai")


@dataclass(frozen=True)
class Check:
    """One part: `ok` or not, what it is, and the advice if it does not work."""

    name: str
    state: Literal["ok", "fault", "unknown"]
    detail: str
    advice: str = ""


def checks() -> list[Check]:
    """Every part, checked now. Never raises a DashboardError."""
    settings = get_settings()
    return [
        _guarded("Supabase", lambda: _connection(settings)),
        *(_guarded(f"Table {table}", lambda t=table: _table(t)) for table in _PROBES),  # type: ignore[misc]
        _guarded("Migrations", lambda: _migrations(settings)),
        _guarded("Search language", lambda: _search_language(settings)),
        _engine(settings),
        _editor(),
    ]


def versions() -> dict[str, str]:
    """The versions that a report of a fault should name."""
    return {"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES}


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except DashboardError as error:
        known = explained(error)
        return Check(name, "fault", known.problem, known.advice)


def _connection(settings: Settings) -> Check:
    get_supabase_client().check()
    if settings.uses_local_supabase:
        return Check("Supabase", "ok", f"Local, data in {settings.local_supabase_dir}")
    host = urlsplit(settings.supabase_url or "").hostname
    return Check("Supabase", "ok", f"{host}, with a {settings.supabase_key_role} key")


def _table(table: str) -> Check:
    with translated_faults():
        query = get_supabase_client().client.table(table).select(_PROBES[table])
        expect_rows(query.limit(1).execute().data)
    return Check(f"Table {table}", "ok", "Readable with this key")


def _migrations(settings: Settings) -> Check:
    db_url = _db_url(settings)
    if db_url is None:
        return Check(
            "Migrations", "unknown", "Set SUPABASE_DB_URL to see which migrations have been run."
        )
    return _migrations_check(migration_status(db_url))


def _migrations_check(statuses: list[MigrationStatus]) -> Check:
    missing = [status.name for status in statuses if status.applied_at is None]
    edited = [status.name for status in statuses if status.edited]
    if edited:
        advice = "Undo the edit; write a new migration instead."
        return Check("Migrations", "fault", "Edited after it was run: " + ", ".join(edited), advice)
    if missing:
        advice = "Run `python -m services.database.migrate`."
        return Check("Migrations", "fault", "Not run yet: " + ", ".join(missing), advice)
    return Check("Migrations", "ok", f"All {len(statuses)} have been run")


def _search_language(settings: Settings) -> Check:
    with translated_faults():
        found: object = get_supabase_client().client.rpc("persona_search_language").execute().data
    if found == settings.search_language:
        return Check("Search language", "ok", str(found))
    if found not in get_args(SearchLanguage):
        raise DatabaseUnreachableError
    return Check(
        "Search language",
        "fault",
        f"The database searches in {found}, SEARCH_LANGUAGE is {settings.search_language}.",
        "Run `python -m services.database.migrate`.",
    )


def _db_url(settings: Settings) -> str | None:
    if settings.uses_local_supabase:
        return get_local_supabase().db_url
    return settings.supabase_db_url.get_secret_value() if settings.supabase_db_url else None


def _engine(settings: Settings) -> Check:
    if not settings.uses_model_server:
        return Check("Engine", "ok", "Offline drafts. Set OPENAI_API_KEY to use a model.")
    host = urlsplit(settings.openai_base_url or "https://api.openai.com").hostname
    return Check("Engine", "ok", f"{settings.openai_model} at {host}, and offline drafts")


def _editor() -> Check:
    if node_parts_installed():
        return Check("JSON editor", "ok", "Tree and text")
    return Check(
        "JSON editor",
        "fault",
        "The editor's script is not installed: a plain text box serves instead.",
        "Run `make run` once with a network, or `npm ci` in the project's folder.",
    )
