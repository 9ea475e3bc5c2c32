"""The local Supabase: what the dashboard runs on when SUPABASE_URL is not set.

    start_local_supabase ── node.py      the Node parts, installed at the first start
                         ── postgres.py  a real PostgreSQL, shared by all users of the folder
                         ── migrate.py   roles and tables, before anybody can ask for them
                         ── gateway.py   the Supabase API on a free port of this machine

Data stays in the folder; ports and keys are new at each start.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from pydantic import SecretStr

from services.errors import LocalStackError
from services.local_supabase.gateway import Gateway, remove_stale_folders
from services.local_supabase.holders import folder_lock, living_holders
from services.local_supabase.node import install_node_parts
from services.local_supabase.postgres import LocalPostgres, start_postgres
from services.local_supabase.roles import prepare_roles
from services.settings import get_settings


class LocalSupabase:
    """A running local Supabase. It stops with `stop()`, and in any case with this process.

    `url` and `key` (secret, all rights) or `publishable_key` (anon) are for the Supabase client,
    `db_url` is the libpq URI of its PostgreSQL.
    """

    def __init__(self, postgres: LocalPostgres, gateway: Gateway) -> None:
        self._postgres = postgres
        self._gateway = gateway
        self.db_url = postgres.url
        threading.Thread(target=postgres.keep_alive, name="postgres-watch", daemon=True).start()
        atexit.register(self.stop)

    @property
    def url(self) -> str:
        return self._gateway.url

    @property
    def key(self) -> SecretStr:
        return self._gateway.key

    @property
    def publishable_key(self) -> SecretStr:
        return self._gateway.publishable_key

    @property
    def fault(self) -> LocalStackError | None:
        """Why PostgreSQL is not started again, if it was killed and is not."""
        return self._postgres.fault

    def stop(self) -> None:
        """Stop the gateway, and PostgreSQL unless another dashboard uses it. Idempotent."""
        atexit.unregister(self.stop)
        self._gateway.stop()
        self._postgres.release()


def start_local_supabase(
    directory: Path, on_step: Callable[[str], None] = lambda _: None
) -> LocalSupabase:
    """Start the local Supabase on the data in `directory` and wait until it answers.

    `on_step` is told each step in a few words. Several processes may do this on one folder: they
    share its data. Raises LocalStackError, with nothing left running.
    """
    install_node_parts(on_step=on_step)
    on_step("Starting PostgreSQL")
    postgres = start_postgres(directory)
    try:
        on_step("Applying the migrations")
        migrate_local_database(postgres.url)
        on_step("Starting the Supabase gateway")
        return LocalSupabase(postgres, _start_gateway(directory, postgres))
    except BaseException:
        postgres.release()
        raise


def migrate_local_database(db_url: str) -> list[str]:
    """Give a database of the local PostgreSQL Supabase's roles, all migrations, and its language.

    Returns the names of the migrations that were new. Raises LocalStackError.
    """
    # Only here: `python -m services.database.migrate` must not find itself imported already.
    from services.database.migrate import MigrationError, migrate, set_search_language

    try:
        prepare_roles(db_url)
        applied = migrate(db_url)
        set_search_language(db_url, get_settings().search_language)
        return applied
    except MigrationError as error:
        raise LocalStackError(error.problem, error.advice) from error
    except psycopg.Error as error:
        raise LocalStackError(f"The local database could not be prepared: {error}") from None


def _start_gateway(directory: Path, postgres: LocalPostgres) -> Gateway:
    gateways = directory.expanduser().resolve() / "gateways"
    with folder_lock(gateways.parent):
        remove_stale_folders(gateways, living_holders(gateways.parent))
    try:
        return Gateway(gateways, postgres)
    except OSError as error:
        raise LocalStackError(
            f"The folder {gateways} cannot be written ({error.strerror}).",
            "Give this user write access to it, or set LOCAL_SUPABASE_DIR to another folder.",
        ) from None
