"""Threads of the API's own.

Streamlit serves its files from AnyIO's 28 default threads, which slow requests here must not take.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
from anyio import to_thread
from anyio.lowlevel import RunVar

THREADS = 6  # more would only take the processor from the pages

P = ParamSpec("P")
Answer = TypeVar("Answer")
_limiter: RunVar[anyio.CapacityLimiter] = RunVar("api threads")


def limiter() -> anyio.CapacityLimiter:
    """The limit of this event loop."""
    try:
        return _limiter.get()
    except LookupError:
        made = anyio.CapacityLimiter(THREADS)
        _limiter.set(made)
        return made


async def in_thread(call: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer:
    """What a blocking call answers, made outside the event loop."""
    return await to_thread.run_sync(partial(call, *args, **kwargs), limiter=limiter())
