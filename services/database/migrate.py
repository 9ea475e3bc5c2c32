"""Applies the numbered SQL files of migrations/, each once, in order, in a transaction of its own.

    python -m services.database.migrate [--status] [--db-url URL]

What was applied is recorded with a checksum in `persona_dashboard.schema_migrations`: a private
schema that the API does not show. Exit codes: 0 done, 1 refused (an edited or failing file),
2 nothing was tried (wrong use, no connection).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from services.database.direct import connect_to_database, first_line
from services.database.migrations import (
    MIGRATIONS,
    RECORDS,
    Migration,
    MigrationStatus,
    migration_status,
    read_migrations,
    records_in,
    status_of,
)
from services.errors import DashboardError, MigrationConnectionError, MigrationError
from services.settings import get_settings

NO_TIME_LIMIT = "set local statement_timeout = 0"  # hosted: two minutes, too few to rewrite a table
LOCK = "select pg_advisory_xact_lock(hashtext('persona_dashboard.migrate'))"


def migrate(db_url: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is new; returns the names applied, in order. Safe to run from many processes.

    Raises MigrationConnectionError, or MigrationError: wrong file names, an applied file that was
    edited (nothing runs then), SQL that fails (its own file is rolled back, later ones don't run).
    """
    migrations = read_migrations(folder)
    with connect_to_database(db_url) as connection:
        applied = []
        while name := _apply_next(connection, migrations):
            applied.append(name)
        if applied:  # hosted Supabase's API reads the schema again
            connection.execute("notify pgrst, 'reload schema'")
            connection.commit()
        return applied


def set_search_language(db_url: str, language: str) -> bool:
    """Let the search know the word stems of a language (SEARCH_LANGUAGE; migration 010).

    True if it was another before: the stems of all personas were made anew then, which takes
    minutes for a million. Raises MigrationConnectionError or MigrationError.
    """
    with connect_to_database(db_url) as connection, connection.transaction():
        connection.execute(LOCK)
        connection.execute(NO_TIME_LIMIT)
        try:
            changed = connection.execute(
                "select persona_dashboard.set_persona_search_language(%s)", [language]
            ).fetchone()
        except psycopg.Error as error:
            raise MigrationError(
                f"The search language was not set: {first_line(error)}.",
                "Connect as the owner of the table personas (hosted Supabase: postgres); drop "
                "views of your own that hold its column stems.",
            ) from None
    return changed == (True,)


def _apply_next(connection: psycopg.Connection, migrations: list[Migration]) -> str | None:
    with connection.transaction():
        connection.execute(LOCK)  # a transaction's lock, because poolers lose a session's
        connection.execute(NO_TIME_LIMIT)
        records = records_in(connection)
        statuses = [status_of(migration, records) for migration in migrations]
        _refuse_edited(statuses)
        missing = (m for m, s in zip(migrations, statuses, strict=True) if s.applied_at is None)
        migration = next(missing, None)
        if migration is not None:
            _apply(connection, migration)
    return migration.name if migration else None


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        connection.execute(RECORDS)
        connection.execute(migration.sql)
    except psycopg.Error as error:
        raise MigrationError(
            f"{migration.name} failed and was rolled back: {first_line(error)}.",
        ) from None
    connection.execute(
        "insert into persona_dashboard.schema_migrations (name, checksum) values (%s, %s)",
        (migration.name, migration.checksum),
    )


def _refuse_edited(statuses: list[MigrationStatus]) -> None:
    edited = [status.name for status in statuses if status.edited]
    if edited:
        raise MigrationError(
            f"Changed after it was applied to this database: {', '.join(edited)}. Nothing was run.",
            "Put the file back as it was (git checkout) and write the change as a new migration.",
        )


@contextmanager
def _target(db_url: str | None) -> Iterator[str]:
    """The database to migrate: as told, as set, or the local Supabase's PostgreSQL."""
    settings = get_settings()
    if db_url is None and settings.supabase_db_url is not None:
        db_url = settings.supabase_db_url.get_secret_value()
    if db_url is not None:
        yield db_url
    elif settings.uses_local_supabase:
        with _local_database(settings.local_supabase_dir) as local_url:
            yield local_url
    else:
        raise MigrationConnectionError(
            "SUPABASE_DB_URL is not set: migrations need the database itself, not only its API.",
            "Copy the connection string (Supabase dashboard → Connect → Session pooler) into "
            "SUPABASE_DB_URL, or paste the files of migrations/ into Supabase's SQL editor.",
        )


@contextmanager
def _local_database(folder: Path) -> Iterator[str]:
    # Only here: a hosted set-up needs neither the local PostgreSQL nor its packages.
    from services.local_supabase.postgres import start_postgres
    from services.local_supabase.roles import prepare_roles

    postgres = start_postgres(folder)
    try:
        prepare_roles(postgres.url)
        yield postgres.url
    finally:
        postgres.release()


def _print_status(db_url: str) -> int:
    statuses = migration_status(db_url)
    for status in statuses:
        when = f"applied {status.applied_at:%Y-%m-%d %H:%M}" if status.applied_at else "new"
        print(f"{status.name:45} {'EDITED since ' if status.edited else ''}{when}")
    return 1 if any(status.edited for status in statuses) else 0


def _apply_and_print(db_url: str) -> int:
    applied = migrate(db_url)
    for name in applied:
        print(f"applied {name}")
    language = get_settings().search_language
    if set_search_language(db_url, language):
        print(f"search language set to {language}")
    elif not applied:
        print("Nothing to do: all applied.")
    if applied:
        print(f"{len(applied)} new migrations applied.")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m services.database.migrate",
        description="Apply the new files of migrations/ to the database of SUPABASE_DB_URL, or to "
        "the local Supabase when neither it nor SUPABASE_URL is set.",
    )
    parser.add_argument("--status", action="store_true", help="only list what is applied")
    parser.add_argument("--db-url", metavar="URL", help="instead of SUPABASE_DB_URL")
    options = parser.parse_args(arguments)
    try:
        with _target(options.db_url) as db_url:
            return _print_status(db_url) if options.status else _apply_and_print(db_url)
    except DashboardError as error:
        print(error, file=sys.stderr)
        return 1 if type(error) is MigrationError else 2


if __name__ == "__main__":
    sys.exit(main())
