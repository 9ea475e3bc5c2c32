"""Writing again while the database is away. Only for writes that may be made twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event

from services.errors import DatabaseTimeoutError, DatabaseUnreachableError

log = logging.getLogger(__name__)


def write_patiently(
    write: Callable[[], object],
    waits: Sequence[float],
    stopped: Event | None = None,
) -> None:
    """Write; while the database is away, again after each of `waits` (seconds).

    Once `stopped` it waits no more. Raises DatabaseUnreachableError or DatabaseTimeoutError after
    the last attempt.
    """
    stopped = stopped or Event()
    for wait in (*waits, None):
        try:
            write()
        except (DatabaseUnreachableError, DatabaseTimeoutError):
            if wait is None or stopped.is_set():
                raise
            log.warning("The database is away, trying again in %s s", wait)
            stopped.wait(wait)
        else:
            return
