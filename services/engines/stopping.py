"""Ending work that somebody no longer wants, wherever it waits just then."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Event, Lock
from typing import Any


class StoppedError(Exception):
    """The work was stopped on somebody's word. No fault: nothing is shown for it."""


class Stop(Event):
    """The wish that a piece of work ends. What waits says how it is woken (`waking`)."""

    def __init__(self) -> None:
        super().__init__()
        self._wakers: list[Callable[[], None]] = []
        self._wakers_lock = Lock()

    def set(self) -> None:
        """Stop, and wake everything that waits. May be called again."""
        super().set()
        with self._wakers_lock:
            wakers = list(self._wakers)
        for wake in wakers:
            wake()

    def check(self) -> None:
        """Raises StoppedError if the work is to end."""
        if self.is_set():
            raise StoppedError

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Within, a stop calls `wake` from its thread. Raises StoppedError if it came before."""
        with self._wakers_lock:
            self._wakers.append(wake)
        try:
            self.check()
            yield
        finally:
            with self._wakers_lock:
                self._wakers.remove(wake)


NEVER = Stop()
"""For work that nobody can stop."""


class Turns:
    """At most `count` at a time; who waits for a turn can be stopped."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._changed = Condition()

    @contextmanager
    def one(self, stop: Stop) -> Iterator[None]:
        """Wait for a turn and have it within. Raises StoppedError."""
        with stop.waking(self._wake), self._changed:
            while not self._free:
                stop.check()  # with the lock held: a stop from now on wakes the wait
                self._changed.wait()
            self._free -= 1
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


class Connections:
    """The sockets of one HTTP client: shut, they wake a thread that reads from them.

    `trace` is an httpcore extension of a request; it hears of every connection that is made, also
    before the first byte of an answer. Closing the client alone would wake nobody.
    """

    def __init__(self) -> None:
        self._streams: list[Any] = []
        self._shut = False

    def trace(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._streams.append(info["return_value"])
            if self._shut:
                self.shut()

    def shut(self) -> None:
        self._shut = True
        for stream in self._streams:
            with suppress(OSError, ValueError):  # closed already
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
