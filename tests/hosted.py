"""Databases set up as hosted Supabase sets them up, and another application that lives in them.

The migrations run as `postgres`, who is no superuser; API requests come as `authenticator`, who
takes on one of three roles. Two servers: a PostgreSQL of the system (Debian's), and the embedded
one of the local Supabase. Everybody may log in as every role, through a socket in a private folder.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from uuid import uuid4

import psycopg

from services.database.migrate import migrate
from services.local_supabase.gateway import Gateway
from services.local_supabase.postgres import start_postgres
from tests import second_application

Grants = Literal["old", "new"]
Trigrams = Literal["absent", "extensions", "own schema"]
Role = Literal["anon", "authenticated", "service_role"]

ROLES: tuple[Role, ...] = ("anon", "authenticated", "service_role")
SYSTEM_SERVERS = "/usr/lib/postgresql"  # where Debian puts them: <major version>/bin
OWN_SCHEMA = "word_similarity"  # of pg_trgm, where a project keeps it apart

# Nothing here outlives the tests; and compiling small statements takes longer than running them.
UNSAFE_BUT_QUICK = ("fsync", "synchronous_commit", "full_page_writes", "jit")

_SQL = Path(__file__).with_name("sql")


class HostedServer:
    """A server with the roles of hosted Supabase. Make it with `system_server` or
    `embedded_server`; `stop` removes it with all its databases.

    With `socket_dir` and `port` it can stand behind a Gateway. `part`: (n, of), where work is
    shared between the servers of this machine.
    """

    part: tuple[int, int]

    def __init__(self, folder: Path, socket_dir: Path, port: int) -> None:
        self.folder = folder
        self.socket_dir = socket_dir
        self.port = port
        self._templates: dict[tuple[Grants, Trigrams, bool], str] = {}
        with self.admin("postgres") as connection:
            connection.execute(_sql("hosted_server"))
            for setting in UNSAFE_BUT_QUICK:
                connection.execute(f"alter system set {setting} = off".encode())
            connection.execute("select pg_reload_conf()")
            self.name = f"PostgreSQL {connection.info.server_version // 10000}"

    def accepts_connections(self) -> bool:
        """As a gateway asks that has lost the tables, and would be started again: several tests
        use it, and one of them may have changed where gateways look."""
        return False

    def url(self, role: str, database: str) -> str:
        """The libpq URI of a database as this role."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{role}@/{quote(database)}?host={host}&port={self.port}"

    def admin(self, database: str) -> psycopg.Connection:
        """A connection as the superuser, which hosted Supabase gives to nobody."""
        return psycopg.connect(self.url("supabase_admin", database), autocommit=True)

    def database(
        self, *, grants: Grants = "new", trigrams: Trigrams = "absent", migrated: bool = True
    ) -> HostedDatabase:
        """A new database of the tests' own, with the second application in it.

        `grants`: which default privileges the project has. `trigrams`: where pg_trgm is installed
        before the migrations run. `migrated`: with all migrations of the dashboard.
        """
        return HostedDatabase(self, self._copy_of(self._template(grants, trigrams, migrated)))

    def drop(self, database: str) -> None:
        self._run(f"drop database {database} with (force)")

    def stop(self) -> None:
        raise NotImplementedError

    def _template(self, grants: Grants, trigrams: Trigrams, migrated: bool) -> str:
        kind = (grants, trigrams, migrated)
        if kind not in self._templates:
            if migrated:
                name = self._copy_of(self._template(grants, trigrams, False))
                migrate(self.url("postgres", name))
            else:
                name = self._new_project(grants, trigrams)
            self._templates[kind] = name
        return self._templates[kind]

    def _new_project(self, grants: Grants, trigrams: Trigrams) -> str:
        name = self._copy_of("template0")
        with self.admin(name) as connection:
            connection.execute(_sql("hosted_database"))
            connection.execute(_sql("hosted_grants_old"))
            if grants == "new":
                connection.execute(_sql("hosted_grants_new"))
        with psycopg.connect(self.url("postgres", name)) as connection:
            if trigrams != "absent":
                schema = "extensions" if trigrams == "extensions" else OWN_SCHEMA
                connection.execute(f"create schema if not exists {schema}".encode())
                connection.execute(f"create extension pg_trgm with schema {schema}".encode())
        second_application.install(self.url("postgres", name))
        return name

    def _copy_of(self, template: str) -> str:
        name = f"hosted_{uuid4().hex}"
        # The other strategy writes every page to the log: twice as slow here.
        self._run(f"create database {name} template {template} owner postgres strategy file_copy")
        return name

    def _run(self, statement: str) -> None:
        with self.admin("postgres") as connection:
            connection.execute(statement.encode())


@dataclass(frozen=True)
class HostedDatabase:
    """One database of a HostedServer. `owner_url` is what SUPABASE_DB_URL would be."""

    server: HostedServer
    name: str

    @property
    def owner_url(self) -> str:
        return self.url("postgres")

    def url(self, role: str) -> str:
        return self.server.url(role, self.name)

    def run(self, statement: str, *values: object, user: str = "postgres") -> list[Any]:
        """Rows of one statement of `user`, who has logged in (not an API request)."""
        with psycopg.connect(self.url(user)) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def request(self, role: Role, person: str | None = None) -> Iterator[psycopg.Connection]:
        """A transaction as PostgREST opens it for a request of `role`; `person` is its `sub`."""
        with psycopg.connect(self.url("authenticator")) as connection:
            begin_request(connection, role, person)
            yield connection

    def drop(self) -> None:
        self.server.drop(self.name)


class HostedProject:
    """A migrated database with the Supabase API in front of it. `gateway` has `url` and keys."""

    def __init__(self, database: HostedDatabase) -> None:
        server = database.server
        self.database = database
        self.gateway = Gateway(
            server.folder / "gateways", server, database=database.name, user="gateway"
        )

    def stop(self) -> None:
        self.gateway.stop()
        self.database.drop()


def begin_request(connection: psycopg.Connection, role: Role, person: str | None = None) -> None:
    """What PostgREST runs first in the transaction of each request."""
    claims = json.dumps({"role": role, "sub": person} if person else {"role": role})
    connection.execute(
        "select set_config('search_path', '\"public\", \"extensions\"', true),"
        " set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
        [role, claims],
    )
    connection.execute(
        "select set_config(split_part(s, '=', 1), split_part(s, '=', 2), true)"
        " from pg_db_role_setting, unnest(setconfig) s"
        " where setrole = %s::regrole and setdatabase = 0",
        [role],
    )


# ------------------------------------------------------------------ servers


def system_binaries() -> Path | None:
    """The newest PostgreSQL that Debian's packages installed; None without one."""
    found = [path for path in Path(SYSTEM_SERVERS).glob("*/bin") if (path / "initdb").exists()]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def system_server(folder: Path) -> HostedServer:
    """Start the system's PostgreSQL on a new cluster in `folder`."""
    binaries = system_binaries()
    assert binaries is not None, "there is no PostgreSQL on this machine"
    return _SystemServer(folder, binaries)


def embedded_server(folder: Path) -> HostedServer:
    """Start the PostgreSQL of the local Supabase on a new cluster in `folder`."""
    return _EmbeddedServer(folder)


class _SystemServer(HostedServer):
    part = (0, 2)  # the embedded one is always there as well

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._binaries = binaries
        self._data = folder / "data"
        # PostgreSQL refuses to run as root; the package makes this user.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            folder.chmod(0o711)
        self._data.mkdir(mode=0o700)
        if self._user:
            os.chown(self._data, pwd.getpwnam(self._user).pw_uid, pwd.getpwnam(self._user).pw_gid)
        self._command(
            "initdb",
            "--username=supabase_admin",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._data}'"
        log = self._data / "log"
        self._command("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")
        super().__init__(folder, self._data, 5432)

    def stop(self) -> None:
        self._command("pg_ctl", "stop", "--mode=immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, "--pgdata", self._data, *arguments],
            check=True,
            cwd=self._data,
            user=self._user,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )


class _EmbeddedServer(HostedServer):
    part = (1, 2) if system_binaries() else (0, 1)

    def __init__(self, folder: Path) -> None:
        self._hold = start_postgres(folder)
        # Its superuser is called postgres: make room for the one of hosted Supabase.
        with psycopg.connect(self._hold.url, autocommit=True) as connection:
            connection.execute("create role renaming superuser login")
        url = self._hold.url.replace("postgres@", "renaming@")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("alter role postgres rename to supabase_admin")
        super().__init__(folder, self._hold.socket_dir, self._hold.port)
        with self.admin("postgres") as connection:
            connection.execute("drop role renaming")

    def stop(self) -> None:
        self._hold.release()
        shutil.rmtree(self.folder, ignore_errors=True)


def _sql(name: str) -> bytes:
    return (_SQL / f"{name}.sql").read_bytes()
