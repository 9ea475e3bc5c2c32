"""Writing again while the database is away. Only for writes that may be made twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from services.errors import DatabaseTimeoutError, DatabaseUnreachableError

log = logging.getLogger(__name__)


def write_patiently(
    write: Callable[[], object],
    waits: Sequence[float],
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Write; while the database is away, again after each of `waits` (seconds).

    Raises DatabaseUnreachableError or DatabaseTimeoutError after the last one, or once `stopped`.
    """
    for wait in (*waits, None):
        try:
            write()
        except (DatabaseUnreachableError, DatabaseTimeoutError):
            if wait is None or stopped():
                raise
            log.warning("The database is away, trying again in %s s", wait)
            time.sleep(wait)
        else:
            return
