"""Who uses a local Supabase folder right now, and one at a time for what must not be done twice.

Each process keeps a locked file `holders/<pid>` as long as it lives. The system drops the lock
with the process, also on kill -9, so a number that a later process got again is never mistaken
for its dead owner.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fasteners  # type: ignore[import-untyped]

from services.errors import LocalStackError

_one_thread = threading.Lock()
_own_locks: dict[Path, fasteners.InterProcessLock] = {}


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Waits until no other thread or process is inside for this folder. Not re-entrant."""
    with _one_thread, fasteners.InterProcessLock(folder / ".lock"):
        yield


def hold(folder: Path) -> None:
    """Count this process among the users of `folder`, until `let_go`. Holding twice is once.

    Raises LocalStackError if a process of the same number, in another container, holds it.
    """
    path = _holder_file(folder, os.getpid())
    if path in _own_locks:
        return
    path.parent.mkdir(mode=0o700, exist_ok=True)
    lock = fasteners.InterProcessLock(path)
    if not lock.acquire(timeout=1):
        raise used_elsewhere(folder)
    _own_locks[path] = lock


def let_go(folder: Path) -> None:
    """Undo `hold`."""
    path = _holder_file(folder, os.getpid())
    lock = _own_locks.pop(path, None)
    if lock is not None:
        path.unlink(missing_ok=True)
        lock.release()


def living_holders(folder: Path) -> set[int]:
    """Ids of the living processes that hold `folder`; call it inside `folder_lock`.

    Files that dead processes left behind are removed.
    """
    paths = (folder / "holders").glob("[0-9]*")
    return {int(path.name) for path in paths if _is_held(path)}


def used_elsewhere(folder: Path) -> LocalStackError:
    """The folder has users whose processes cannot be seen from here."""
    return LocalStackError(
        f"The local Supabase in {folder} is in use from another container.",
        "Stop that one, set LOCAL_SUPABASE_DIR to another folder, or share a hosted Supabase.",
    )


def _is_held(path: Path) -> bool:
    if path in _own_locks:  # opening an own lock file again would drop the lock (POSIX)
        return True
    lock = fasteners.InterProcessLock(path)
    if not lock.acquire(blocking=False):
        return True
    path.unlink(missing_ok=True)
    lock.release()
    return False


def _holder_file(folder: Path, pid: int) -> Path:
    return folder / "holders" / str(pid)
