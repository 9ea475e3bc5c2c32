"""The API of the local Supabase: Supabase Lite as a child process in front of PostgreSQL.

It speaks to the supabase client exactly as a hosted project does. Every start makes new keys,
kept in a private folder. The process is started again if it crashes or forgets the tables, and
ends with its parent.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import httpx
from pydantic import SecretStr

from services.errors import LocalStackError
from services.local_supabase.gateway_folder import GatewayFolder
from services.local_supabase.node import node_binary
from services.local_supabase.postgres import LocalPostgres
from services.settings import PROJECT_ROOT

READY_SECONDS = 60
PORT_ATTEMPTS = 5
STEADY_SECONDS = 60  # a gateway that lived longer did not fail at its start
LOOK_SECONDS = 2  # between two looks whether it knows the tables
PROBE = "/rest/v1/personas?select=id&limit=1"
KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "TZ")
CONFIG = """\
[api]
port = {port}
[db]
driver = "postgres"
url = "postgres:///{database}"
[auth]
enabled = {auth}
jwt_secret = "{jwt_secret}"
secret_key = "{key}"
publishable_key = "{publishable_key}"
"""

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without authorities, which take 20 ms to read

logger = logging.getLogger(__name__)


class Gateway:
    """A running gateway. `key` is the secret (service role) key, `publishable_key` that of anon.

    It logs in as `user`, who has to inherit what the API roles may do: see local_roles.sql.
    """

    def __init__(
        self,
        folder: Path,
        postgres: LocalPostgres,
        *,
        database: str = "postgres",
        user: str = "authenticator",
        token_secret: SecretStr | None = None,
    ) -> None:
        """Start and wait until it answers. Raises LocalStackError, leaving nothing behind.

        With `token_secret` people can sign in, and their tokens are signed with it.
        """
        self._token_secret = token_secret
        self.key = SecretStr("sb_secret_" + secrets.token_urlsafe(32))
        self.publishable_key = SecretStr("sb_publishable_" + secrets.token_urlsafe(32))
        self._folder = GatewayFolder(folder)
        self._postgres = postgres
        self._database = database
        self._user = user
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        try:
            self.port = self._start_on_a_free_port()
        except BaseException:
            self.stop()
            raise
        threading.Thread(target=self._watch, name="supabase-gateway", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def last_mail(self, email: str) -> str:
        """The newest mail to this address, which the gateway writes into its log instead of sending
        it; "" if there is none."""
        return self._folder.last_mail(email)

    def stop(self) -> None:
        """End the process and remove its keys. Calling it again does nothing."""
        with self._guard:
            self._stopped.set()
            process = getattr(self, "_process", None)
        if process is not None:
            _end(process)
        self._folder.remove()

    def _start_on_a_free_port(self) -> int:
        for _ in range(PORT_ATTEMPTS):
            self.port = _free_port()
            self._write_config()
            self._launch()
            if self._answers():
                return self.port
            _end(self._process)
            if not re.search("EADDRINUSE|already in use", self._said()):
                break  # otherwise somebody took the port since we looked: take another
        raise LocalStackError(
            "The local Supabase gateway did not start: " + self._said(),
            "Start again; if it stays, remove node_modules so that it is installed anew.",
        )

    def _write_config(self) -> None:
        self._folder.configure(
            CONFIG.format(
                port=self.port,
                database=self._database,
                auth="false" if self._token_secret is None else "true",
                jwt_secret=(
                    self._token_secret.get_secret_value()
                    if self._token_secret
                    else secrets.token_urlsafe(48)
                ),
                key=self.key.get_secret_value(),
                publishable_key=self.publishable_key.get_secret_value(),
            )
        )

    def _said(self) -> str:
        return self._folder.log_tail(without=(self.key, self.publishable_key))

    def _launch(self) -> None:
        with self._folder.new_log() as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self._folder.path,
                env=self._environment(),
                stdin=subprocess.PIPE,  # its end tells the child that this process is gone
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the dashboard, which then stops it
            )

    def _command(self) -> list[str | Path]:
        ends_with_us = Path(__file__).with_name("exit_with_parent.mjs").as_uri()
        lite = PROJECT_ROOT / "node_modules" / "@supabase" / "lite" / "dist" / "cli" / "index.js"
        # Without --no-admin, every program on this machine would be service_role.
        return [node_binary(), "--import", ends_with_us, lite, "start", "--no-admin"]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return kept | {
            "HOME": str(self._folder.path),
            "PGHOST": str(self._postgres.socket_dir),
            "PGPORT": str(self._postgres.port),
            "PGUSER": self._user,
            "DO_NOT_TRACK": "1",  # or it would report failing statements to its makers
            "LITE_TELEMETRY": "0",
            "NO_COLOR": "1",
        }

    def _answers(self) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._probe() == httpx.codes.OK:
                return True
            time.sleep(0.05)
        return False

    def _probe(self) -> int:
        """The HTTP status of a read; 0 if nobody answers."""
        headers = {"apikey": self.key.get_secret_value()}
        with httpx.Client(verify=_NO_TLS, trust_env=False, headers=headers, timeout=5) as client:
            try:
                return client.get(self.url + PROBE).status_code
            except httpx.TransportError:
                return 0

    def _watch(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            began = time.monotonic()
            self._wait_until_it_fails()
            failures = 0 if time.monotonic() - began > STEADY_SECONDS else failures + 1
            self._stopped.wait(min(0.1 * 2**failures, 30))
            # It reads the schema once: started without a database, it would know of no table.
            while not self._stopped.is_set() and not self._postgres.accepts_connections():
                self._stopped.wait(0.2)
            with self._guard:
                if not self._stopped.is_set():
                    logger.warning("The local Supabase gateway is started again.")
                    self._launch()

    def _wait_until_it_fails(self) -> None:
        """Until it ends, or is ended because it lost the schema while the database was away."""
        while not self._stopped.is_set():
            try:
                self._process.wait(LOOK_SECONDS)
                return
            except subprocess.TimeoutExpired:
                if self._probe() == httpx.codes.NOT_FOUND and self._postgres.accepts_connections():
                    _end(self._process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
