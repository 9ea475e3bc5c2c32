"""The local Supabase with the roles and tables of the dashboard, for when SUPABASE_URL is unset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg

from services.errors import LocalStackError, MigrationError
from services.local_supabase.roles import prepare_roles
from services.local_supabase.stack import LocalSupabase, start_stack
from services.settings import get_settings


def start_local_supabase(
    directory: Path, on_step: Callable[[str], None] = lambda _: None
) -> LocalSupabase:
    """Start it on the data in `directory`, migrated, and wait until it answers.

    `on_step` is told each step in a few words. Raises LocalStackError, with nothing left running.
    """
    sign_in = get_settings().signs_in
    return start_stack(directory, migrate_local_database, on_step, sign_in=sign_in)


def migrate_local_database(db_url: str) -> list[str]:
    """Give a database of the local PostgreSQL Supabase's roles, all migrations, and its language.

    Returns the names of the migrations that were new. Raises LocalStackError.
    """
    # Only here: `python -m services.database.migrate` must not find itself imported already.
    from services.database.migrate import migrate, set_search_language

    try:
        prepare_roles(db_url, sign_in=get_settings().signs_in)
        applied = migrate(db_url)
        set_search_language(db_url, get_settings().search_language)
        return applied
    except MigrationError as error:
        raise LocalStackError(error.problem, error.advice) from error
    except psycopg.Error as error:
        raise LocalStackError(f"The local database could not be prepared: {error}") from None


def local_account(db_url: str, email: str) -> str | None:
    """The id of the account with this address in the local Supabase Auth; None if there is none."""
    with psycopg.connect(db_url) as connection:
        row = connection.execute(
            "select id::text from auth.users where lower(email) = lower(%s)", [email]
        ).fetchone()
    return row[0] if row else None
