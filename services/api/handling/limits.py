"""How much a program may send, and how often.

Rates are counted in this process, by key and by network address.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from services.api.handling.problems import RequestProblem

MAX_BODY = 32 << 20  # bytes of JSON: a persona of 5 MB with its text, escaped
MAX_QUESTION = 1 << 20  # bytes of JSON that changes nothing, as what an export is to hold
MAX_FILE = 200 << 20  # bytes of a file for import
FAILED_TRIES = 20  # with wrong keys, in a minute, from one address
_REMEMBERED = 10_000  # keys and addresses


class Rate:
    """So many calls a minute for each name; what was not used is saved up for a minute."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute, self._clock = a_minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # calls, at that moment
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Seconds until `name` may call again; 0 if it may now."""
        with self._lock:
            return max(0.0, (1 - self._saved(name)) * 60 / self._a_minute)

    def count(self, name: str) -> None:
        """Note a call."""
        with self._lock:
            self._left[name] = (self._saved(name) - 1, self._clock())
            self._left.move_to_end(name)
            while len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)

    def _saved(self, name: str) -> float:
        left, at = self._left.get(name, (float(self._a_minute), self._clock()))
        return min(self._a_minute, left + (self._clock() - at) * self._a_minute / 60)


def too_often(seconds: float, what: str) -> RequestProblem:
    """The answer to who asks too often."""
    wait = max(1, math.ceil(seconds))
    return RequestProblem(
        429,
        "too-many-requests",
        what,
        f"Wait {wait} s and send it again.",
        headers={"Retry-After": str(wait)},
    )


def too_large(most: int) -> RequestProblem:
    """The answer to a body beyond the limit."""
    return RequestProblem(
        413,
        "too-large",
        f"The request holds more than {most >> 20} MB.",
        "Send less at once.",
    )
