"""How tests wait, run what is asynchronous, and find a port."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Value = TypeVar("Value")
PATIENCE_SECONDS = 60  # for a machine that does other things as well


def eventually(ask: Callable[[], Value], seconds: float = PATIENCE_SECONDS) -> Value:
    """The first answer that is true. Fails when none came in time."""
    give_up = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < give_up, f"still {answer!r} after {seconds} seconds"
        time.sleep(0.05)
    return answer


def awaited(work: Coroutine[Any, Any, Value]) -> Value:
    """What it answers, in a thread of its own: tests with a browser leave a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
