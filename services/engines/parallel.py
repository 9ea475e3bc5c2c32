"""Several pieces of one piece of work at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_parallel(
    work: Callable[[_Item], _Result], items: Sequence[_Item], at_once: int
) -> list[_Result]:
    """`work(item)` for every item, in their order, in threads that know who acts.

    After the first exception nothing more is begun; it is raised when what had begun has ended.
    """
    if len(items) < 2 or at_once < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(at_once, len(items)), "part") as pool:
        running = [pool.submit(copy_context().run, work, item) for item in items]
        done, _ = wait(running, return_when=FIRST_EXCEPTION)
        if any(future.exception() for future in done):
            pool.shutdown(cancel_futures=True)
    failed = [future for future in running if not future.cancelled() and future.exception()]
    return [future.result() for future in failed or running]
