"""How tests wait, and find a port."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
PATIENCE_SECONDS = 60  # for a machine that does other things as well


def eventually(ask: Callable[[], Value], seconds: float = PATIENCE_SECONDS) -> Value:
    """The first answer that is true. Fails when none came in time."""
    give_up = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < give_up, f"still {answer!r} after {seconds} seconds"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
