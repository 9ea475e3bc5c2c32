"""What runs in the background: its name, and waiting for it."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterable
from threading import Thread

STOP_SECONDS = 2.0  # how long a stop waits for work to notice it


def worker_name() -> str:
    """A name for who works on stored jobs: unique, and it tells the machine and the process."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def join_within(threads: Iterable[Thread | None], seconds: float) -> None:
    """Wait until these threads end, all in all at most `seconds`."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        if thread is not None:
            thread.join(max(0.0, deadline - time.monotonic()))
