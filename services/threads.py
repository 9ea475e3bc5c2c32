"""Waiting for what runs in the background."""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Thread

STOP_SECONDS = 2.0  # how long a stop waits for work to notice it


def join_within(threads: Iterable[Thread | None], seconds: float) -> None:
    """Wait until these threads end, all in all at most `seconds`."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        if thread is not None:
            thread.join(max(0.0, deadline - time.monotonic()))
