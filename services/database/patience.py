"""Trying again while the database is away. Only for what may be done twice."""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Collection
from threading import Event
from typing import TypeVar

from services.errors import DatabaseError, Remedy

log = logging.getLogger(__name__)

_FIRST_SECONDS, _LONGEST_SECONDS = 0.5, 30.0
_LONGEST_ASKED_SECONDS = 300.0  # a server that asks for more is asked again all the same
_Answer = TypeVar("_Answer")


def patiently(
    call: Callable[[], _Answer],
    stopped: Event,
    *,
    seconds: float = math.inf,
    remedies: Collection[Remedy] = ("wait", "less"),
    on_wait: Callable[[DatabaseError], object] = lambda _: None,
) -> _Answer:
    """The answer of `call`, which is made again as long as its fault passes (`remedies`).

    The pauses double, from half a second to half a minute, and vary, so that many who wait do not
    come back at once; a server that names a pause (Retry-After) gets it. `on_wait` hears of the
    fault before each. Raises a fault that does not pass; any fault after `seconds`, or once
    `stopped`, which ends a pause at once for one last call.
    """
    give_up = time.monotonic() + seconds
    pause = _FIRST_SECONDS
    while True:
        try:
            return call()
        except DatabaseError as error:
            if error.remedy not in remedies or stopped.is_set() or time.monotonic() > give_up:
                raise
            on_wait(error)
            wait = _varied(max(pause, min(error.retry_after or 0, _LONGEST_ASKED_SECONDS)))
            log.warning("%s: trying again in %.1f s", type(error).__name__, wait)
            stopped.wait(wait)
            pause = min(pause * 2, _LONGEST_SECONDS)


def _varied(seconds: float) -> float:
    return seconds * random.uniform(1, 1.25)  # noqa: S311 - no secret depends on it
