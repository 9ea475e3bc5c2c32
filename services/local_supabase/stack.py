"""The local Supabase: what the dashboard runs on when SUPABASE_URL is not set.

    start_stack ── node.py      the Node parts, installed at the first start
                ── postgres.py  a real PostgreSQL, shared by all users of the folder
                ── gateway.py   the Supabase API on a free port of this machine

services/database/local.py starts it with the roles and tables of the dashboard.

Data stays in the folder; ports and keys are new at each start.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from services.errors import LocalStackError
from services.local_supabase.gateway import Gateway
from services.local_supabase.gateway_folder import remove_stale_folders
from services.local_supabase.holders import folder_lock, living_holders
from services.local_supabase.node import install_node_parts
from services.local_supabase.postgres import LocalPostgres, start_postgres
from services.local_supabase.token_secret import token_secret


class LocalSupabase:
    """A running local Supabase. It stops with `stop()`, and in any case with this process.

    `url` and `key` (secret, all rights) or `publishable_key` (anon) are for the Supabase client,
    `db_url` is the libpq URI of its PostgreSQL.
    """

    def __init__(
        self, postgres: LocalPostgres, gateway: Gateway, token_secret: SecretStr | None = None
    ) -> None:
        """`token_secret`: what people's tokens are signed with, if they can sign in."""
        self.token_secret = token_secret
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

    def last_mail(self, email: str) -> str:
        """The newest mail to this address that this process had the gateway write; "" for none."""
        return self._gateway.last_mail(email)

    @property
    def fault(self) -> LocalStackError | None:
        """Why PostgreSQL is not started again, if it was killed and is not."""
        return self._postgres.fault

    def stop(self) -> None:
        """Stop the gateway, and PostgreSQL unless another dashboard uses it. Idempotent."""
        atexit.unregister(self.stop)
        self._gateway.stop()
        self._postgres.release()


def start_stack(
    directory: Path,
    prepare: Callable[[str], object],
    on_step: Callable[[str], None] = lambda _: None,
    *,
    sign_in: bool = False,
) -> LocalSupabase:
    """Start the local Supabase on the data in `directory` and wait until it answers.

    `prepare` is given the libpq URI of the database before anybody can ask for it. `on_step` is
    told each step in a few words. Several processes may do this on one folder: they share its
    data. `sign_in`: with accounts of people. Raises LocalStackError, with nothing left running.
    """
    install_node_parts(on_step=on_step)
    on_step("Starting PostgreSQL")
    postgres = start_postgres(directory)
    try:
        on_step("Applying the migrations")
        prepare(postgres.url)
        on_step("Starting the Supabase gateway")
        secret = token_secret(directory) if sign_in else None
        return LocalSupabase(postgres, _start_gateway(directory, postgres, secret), secret)
    except BaseException:
        postgres.release()
        raise


def _start_gateway(directory: Path, postgres: LocalPostgres, secret: SecretStr | None) -> Gateway:
    gateways = directory.expanduser().resolve() / "gateways"
    with folder_lock(gateways.parent):
        remove_stale_folders(gateways, living_holders(gateways.parent))
    try:
        return Gateway(gateways, postgres, token_secret=secret)
    except OSError as error:
        raise LocalStackError(
            f"The folder {gateways} cannot be written ({error.strerror}).",
            "Give this user write access to it, or set LOCAL_SUPABASE_DIR to another folder.",
        ) from None
