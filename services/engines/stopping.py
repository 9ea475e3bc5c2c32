"""Ending work that somebody no longer wants, wherever it waits just then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Event, Lock


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
