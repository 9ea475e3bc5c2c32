"""The embedded PostgreSQL of the local Supabase: one server a folder, shared by its users.

Several dashboards (and the migrate command) may use one folder; the server stops when the last
of them releases it. A server that outlived a killed dashboard is found and used again.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from services.errors import LocalStackError
from services.local_supabase.holders import (
    folder_lock,
    hold,
    let_go,
    living_holders,
    used_elsewhere,
)
from services.local_supabase.leftovers import forget_dead_users, is_server_of
from services.local_supabase.server import (
    Server,
    connects,
    forget_server,
    server_url,
    start_server,
    stop_server,
)

LOOK_SECONDS = 2  # between two looks whether the server lives

logger = logging.getLogger(__name__)
_counts: dict[Path, int] = {}
_counts_lock = threading.Lock()


class LocalPostgres:
    """A hold on the server of one folder. `url` is a libpq URI with all rights (role postgres)."""

    def __init__(self, folder: Path, server: Server) -> None:
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
        return server_url(self.socket_dir, self.port, database)

    def accepts_connections(self) -> bool:
        """Whether it can be worked with now."""
        return connects(self.url)

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
            forget_server(data)
            self._server = start_server(data, living_holders(self._folder))
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
        server = start_server(folder / "postgres", holders)
        hold(folder)
        _counts[folder] = _counts.get(folder, 0) + 1
    return LocalPostgres(folder, server)


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


def _stop(folder: Path, server: Server) -> None:
    with folder_lock(folder):
        data = folder / "postgres"
        if data.exists():
            forget_dead_users(data, living_holders(folder))
            stop_server(data, server)
        forget_server(data)
        let_go(folder)
