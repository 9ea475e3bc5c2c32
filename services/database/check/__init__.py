"""The contract (services/database/contract.py), tried against the configured Supabase.

    connection  the address, the way to it, the key          through the API
    tries       what the API answers to each key there is     through the API
    catalogue   who may do what, and the server itself        with SUPABASE_DB_URL
    grants      the contract held against the catalogue       pure

`python -m services.database.check` shows it all, the Status page the part that is quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from supabase import Client

from services.database.check import connection, grants, tries
from services.database.check.catalogue import Catalogue, read_catalogue
from services.database.check.result import Check, guarded
from services.database.client import connect, get_local_supabase, get_supabase_client
from services.database.contract import CLOSED_ROLES, EXTENSIONS, MEMBER_ROLE
from services.database.migrations import MigrationStatus, migration_status
from services.database.snapshot import database_url
from services.errors import DashboardError
from services.settings import Settings

_NEEDS_DATABASE = "Set SUPABASE_DB_URL to see it."
_TRY = "Run `python -m services.database.check`, which tries it."
_NO_PUBLIC_KEY = "Set SUPABASE_ANON_KEY to the project's publishable key, and check again."

Make = Callable[[], Check]


def checks(settings: Settings, *, thorough: bool) -> list[Check]:
    """Every check, made now; nothing is written. Raises nothing but what ends the process.

    `thorough` also calls every function, with each key: too much for a page.
    """
    answer = connection.first_answer()
    found = list(_of("Connection", _connection(settings, answer)))
    if connection.is_away(answer):
        return found
    return found + _of_database(settings, answer is None, thorough=thorough)


def _connection(settings: Settings, answer: DashboardError | None) -> Iterator[Check]:
    yield connection.address(settings, answer)
    yield guarded("Encryption", lambda: connection.encryption(settings))
    yield connection.key(settings, answer)
    yield connection.api(answer)


def _of_database(settings: Settings, api_works: bool, *, thorough: bool) -> list[Check]:
    known: Catalogue | None = None
    db_url = database_url(settings)
    client = get_supabase_client().client if api_works else None
    try:
        known = read_catalogue(db_url) if db_url else None
    except DashboardError as error:
        db_url = None
        database = Check("Database", "fault", error.problem, error.advice)
    else:
        database = _way_to_database(settings, known)
    return [
        *_of("Database", [database, *_server(settings, client, known)]),
        *_of("Migrations", [_migrations(client, db_url)]),
        *_of("Grants", _grants(client, known, thorough=thorough)),
        *_of("Closed to others", _closed(settings, client, known, thorough=thorough)),
    ]


def _way_to_database(settings: Settings, known: Catalogue | None) -> Check:
    if known is None:
        return Check("Database", "unknown", "SUPABASE_DB_URL is not set", _NEEDS_DATABASE)
    return connection.way_to_database(settings, known.tls)


def _server(settings: Settings, client: Client | None, known: Catalogue | None) -> Iterator[Check]:
    names = ("Server", *(f"Extension {name}" for name in EXTENSIONS), "Time limits")
    if known is None:
        yield from (Check(name, "unknown", "Not known", _NEEDS_DATABASE) for name in names)
    else:
        yield grants.server(known)
        yield from (grants.extension(name, known) for name in EXTENSIONS)
        yield grants.time_limits(known)
    yield _tried("Similar names", client, tries.similar_names)
    yield _tried("Search language", client, partial(tries.search_language, settings=settings))


def _migrations(client: Client | None, db_url: str | None) -> Check:
    if db_url is not None:
        return guarded("Migrations", lambda: _applied(migration_status(db_url)))
    return _tried("Migrations", client, tries.migrations)


def _applied(statuses: list[MigrationStatus]) -> Check:
    missing = [status.name for status in statuses if status.applied_at is None]
    edited = [status.name for status in statuses if status.edited]
    if edited:
        advice = "Undo the edit; write a new migration instead."
        return Check("Migrations", "fault", "Edited after it was run: " + ", ".join(edited), advice)
    if missing:
        advice = "Run `python -m services.database.migrate`."
        return Check("Migrations", "fault", "Not run yet: " + ", ".join(missing), advice)
    return Check("Migrations", "ok", f"All {len(statuses)} have been run")


def _grants(client: Client | None, known: Catalogue | None, *, thorough: bool) -> Iterator[Check]:
    if known is None:
        yield _tried("Tables and views", client, tries.reads)
    else:
        yield grants.relations(known)
        yield grants.functions(known)
    if thorough:
        yield _tried("Function calls", client, tries.calls)
    elif known is None:
        yield Check("Function calls", "unknown", "Not tried here", _TRY)


def _closed(
    settings: Settings, client: Client | None, known: Catalogue | None, *, thorough: bool
) -> Iterator[Check]:
    if known is None:
        names = (*(f"Role {role}" for role in (*CLOSED_ROLES, MEMBER_ROLE)), "Row level security")
        yield from (Check(name, "unknown", "Not known", _NEEDS_DATABASE) for name in names)
    else:
        yield from (grants.closed_to(role, known) for role in CLOSED_ROLES)
        yield grants.members(known)
        yield grants.row_security(known)
    yield _tried("Private schema", client, tries.private_schema)
    if thorough:
        yield guarded("Publishable key", lambda: _public_key(settings))


def _public_key(settings: Settings) -> Check:
    if settings.uses_local_supabase:
        local = get_local_supabase()
        url, key = local.url, local.publishable_key
    elif settings.supabase_url and settings.supabase_anon_key:
        url, key = settings.supabase_url, settings.supabase_anon_key
    else:
        return Check("Publishable key", "skipped", "SUPABASE_ANON_KEY is not set", _NO_PUBLIC_KEY)
    with_key = connect(
        url,
        key.get_secret_value(),
        timeout_seconds=settings.supabase_timeout_seconds,
        near=settings.uses_local_supabase,
    )
    try:
        return tries.public_key(with_key.client)
    finally:
        with_key.close()


def _tried(name: str, client: Client | None, check: Callable[[Client], Check]) -> Check:
    if client is None:
        return Check(name, "skipped", "Not tried: see API above")
    return guarded(name, lambda: check(client))


def _of(group: str, found: Iterable[Check]) -> Iterator[Check]:
    return (replace(check, group=group) for check in found)
