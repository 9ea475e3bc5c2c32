"""What the API really answers, asked with the keys there are. Stores and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

from supabase import Client

from services.database.check.harmless import BROUGHT, HARMLESS_CALLS
from services.database.check.result import Check
from services.database.contract import PRIVATE, RELATIONS
from services.database.faults import expect_rows, translated_faults
from services.database.migrations import MIGRATIONS
from services.errors import (
    DashboardError,
    DatabaseError,
    DatabaseTimeoutError,
    DatabaseUnreachableError,
    HiddenSchemaError,
    InvalidKeyError,
    MissingTableError,
    PermissionDeniedError,
)
from services.setting_values import SearchLanguage
from services.settings import Settings

_AT_ONCE = 8
_MIGRATE = "Run `python -m services.database.migrate`."

_CLOSED = (PermissionDeniedError, MissingTableError)  # refused, or not even known to be there
_FROM_INSIDE = ("PT", "P0", "SUP", "22", "23", "25")
Faults = Mapping[str, DashboardError | None]


def reads(client: Client) -> Check:
    """Every table and view can be read with this key."""
    refused = _faults(_read_each(client))
    if refused:
        some = next(iter(refused.values()))
        detail = f"Cannot be read: {', '.join(refused)}. {some.problem}"
        return Check("Tables and views", "fault", detail, some.advice)
    detail = f"{len(RELATIONS)} tables and views can be read (`--write` tries the rest)"
    return Check("Tables and views", "ok", detail)


def calls(client: Client) -> Check:
    """Every function answers this key: what it answers does not matter."""
    answers = _call_each(client)
    shut = {name: fault for name, fault in answers.items() if isinstance(fault, _CLOSED)}
    if shut:
        some = next(iter(shut.values()))
        detail = f"Cannot be called: {', '.join(shut)}."
        return Check("Function calls", "fault", detail, some.advice)
    _raise_unless_open(answers.values())
    return Check("Function calls", "ok", f"{len(answers)} functions can be called")


def migrations(client: Client) -> Check:
    """Which migrations were run, as far as what they brought shows through the API."""
    tries = {n: lambda at=at: _read(client, *at) for n, at in BROUGHT.items()}
    answers = _ask(tries)
    _raise_if_away(answers)
    names = {path.name[:3]: path.name for path in sorted(MIGRATIONS.glob("[0-9]*.sql"))}
    missing = [names[n] for n, fault in answers.items() if isinstance(fault, MissingTableError)]
    if missing:
        detail = f"Not run, or not wholly: {', '.join(missing)}"
        return Check("Migrations", "fault", detail, _MIGRATE)
    unseen = [number for number in names if number not in BROUGHT or answers[number]]
    detail = f"{len(names) - len(unseen)} have left their traces; {', '.join(unseen)} are not known"
    return Check("Migrations", "unknown", detail, "Set SUPABASE_DB_URL to see each of them.")


def search_language(client: Client, settings: Settings) -> Check:
    with translated_faults():
        found: object = client.rpc("persona_search_language").execute().data
    if found == settings.search_language:
        return Check("Search language", "ok", f"Searches in {found}")
    if found not in get_args(SearchLanguage):
        raise DatabaseUnreachableError
    return Check(
        "Search language",
        "fault",
        f"The database searches in {found}, SEARCH_LANGUAGE is {settings.search_language}.",
        _MIGRATE,
    )


def similar_names(client: Client) -> Check:
    """Names that are misspelt are found: pg_trgm is there, and the search reaches it."""
    fault = _call(client, "similar_personas")
    if isinstance(fault, DatabaseError) and fault.code in ("42704", "42883", "3F000"):
        return Check(
            "Similar names",
            "fault",
            "The search does not reach the extension pg_trgm",
            "See Extension pg_trgm above (with SUPABASE_DB_URL set), or install pg_trgm and run "
            "migrations/014_closed_by_default.sql and all after it again, in their order, in "
            "Supabase's SQL editor.",
        )
    if fault is not None:
        raise fault
    return Check("Similar names", "ok", "Misspelt names are found")


def private_schema(client: Client) -> Check:
    """The API refuses the schema of the helpers and records."""
    fault = _fault_of(
        lambda: client.schema(PRIVATE).table("schema_migrations").select("name").limit(0).execute()
    )
    if isinstance(fault, HiddenSchemaError):
        return Check("Private schema", "ok", f"The API does not show {PRIVATE}")
    _raise_if_away({"": fault})
    return Check(
        "Private schema",
        "fault",
        f"The API shows the schema {PRIVATE}.",
        f"Supabase dashboard → Project settings → Data API → Exposed schemas: remove {PRIVATE}.",
    )


def public_key(client: Client) -> Check:
    """The publishable key is refused by every table and function."""
    answers = {**_read_each(client), **_call_each(client)}
    if any(isinstance(fault, InvalidKeyError) for fault in answers.values()):
        return Check(
            "Publishable key",
            "unknown",
            "Supabase refuses the key itself, so nothing could be tried with it.",
            "Copy the publishable key of the same project into SUPABASE_ANON_KEY.",
        )
    answered = [name for name, fault in answers.items() if not isinstance(fault, _CLOSED)]
    _raise_unless_open(answers[name] for name in answered)
    if answered:
        return Check(
            "Publishable key",
            "fault",
            f"Open to everybody who has it: {', '.join(answered)}.",
            "If that is a trial, end it with migrations/optional/close_anon_key.sql; the rows on "
            "the roles say what else to run (with SUPABASE_DB_URL set).",
        )
    return Check("Publishable key", "ok", f"Refused {len(answers)} times of {len(answers)}")


def _read_each(client: Client) -> Faults:
    return _ask({name: lambda name=name: _read(client, name, "*") for name in RELATIONS})  # type: ignore[misc]


def _call_each(client: Client) -> Faults:
    return _ask({name: lambda name=name: _call(client, name) for name in HARMLESS_CALLS})  # type: ignore[misc]


def _ask(tries: Mapping[str, Callable[[], DashboardError | None]]) -> Faults:
    with ThreadPoolExecutor(_AT_ONCE, "check") as pool:
        return dict(zip(tries, pool.map(lambda ask: ask(), tries.values()), strict=True))


def _read(client: Client, relation: str, columns: str) -> DashboardError | None:
    return _fault_of(
        lambda: expect_rows(client.table(relation).select(columns).limit(0).execute().data)
    )


def _call(client: Client, function: str) -> DashboardError | None:
    return _fault_of(lambda: client.rpc(function, dict(HARMLESS_CALLS[function])).execute())


def _fault_of(request: Callable[[], object]) -> DashboardError | None:
    try:
        with translated_faults():
            request()
    except DashboardError as error:
        return error
    return None


def _faults(answers: Faults) -> dict[str, DashboardError]:
    return {name: fault for name, fault in answers.items() if fault is not None}


def _raise_unless_open(answers: Iterable[DashboardError | None]) -> None:
    """Raise what tells nothing of rights: a server that is busy, say.

    What PostgreSQL found in the arguments, or the function itself refused, it found inside.
    """
    for fault in answers:
        if isinstance(fault, DatabaseError) and not (fault.code or "").startswith(_FROM_INSIDE):
            raise fault


def _raise_if_away(answers: Mapping[str, DashboardError | None]) -> None:
    for fault in answers.values():
        if isinstance(fault, DatabaseUnreachableError | DatabaseTimeoutError):
            raise fault
