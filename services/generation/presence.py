"""Signs of life for requests, and going on with those that nobody works on any more."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol
from uuid import UUID

from services.errors import DashboardError
from services.generation.requests import STALE_AFTER, GenerationRequestRepository

log = logging.getLogger(__name__)

_BEAT_SECONDS = 5.0
_IN_TOUCH_SECONDS = STALE_AFTER.total_seconds() + _BEAT_SECONDS
_NEVER = 100_000_000  # seconds: only what was handed back


class Holder(Protocol):
    """Who works on requests."""

    @property
    def held(self) -> Iterable[UUID]:
        """The requests it works on, or is about to."""
        ...

    @property
    def has_room(self) -> bool:
        """Whether another one would be begun at once."""
        ...

    def take(self, request_id: UUID) -> None:
        """Work on a request that was taken for it."""
        ...

    def lose(self, request_id: UUID) -> None:
        """Somebody else holds this request now."""
        ...


class Presence:
    """Beats for `holder` in a thread of its own; takes requests for it once it is told to.

    After a time without the database nobody has given a sign of life, and everything looks
    abandoned: what was not handed back is taken only after `in_touch_seconds` with the database.
    """

    def __init__(
        self,
        requests: GenerationRequestRepository,
        worker: str,
        engines: Iterable[str],
        holder: Holder,
        in_touch_seconds: float = _IN_TOUCH_SECONDS,
    ) -> None:
        self._requests = requests
        self._worker = worker
        self._engines = tuple(engines)
        self._holder = holder
        self._in_touch_seconds = in_touch_seconds
        self._in_touch_since: float | None = None
        self._resumes = False
        self._ended = False
        self._wake = threading.Event()
        threading.Thread(target=self._run, name="generation-beat", daemon=True).start()

    def resume(self) -> None:
        """From now on, take what others have left."""
        self._resumes = True
        self._wake.set()

    def end(self) -> None:
        self._ended = True
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait(_BEAT_SECONDS)
            self._wake.clear()
            if self._ended:
                return
            try:
                self._once()
            except DashboardError as error:
                self._in_touch_since = None
                log.warning("No sign of life could be given: %s", type(error).__name__)

    def _once(self) -> None:
        self._try_each(self._beat)
        if self._resumes and self._holder.has_room:
            self._take()

    def _try_each(self, beat: Callable[[UUID], None]) -> None:
        """For every request, whatever comes of the others."""
        fault: DashboardError | None = None
        for request_id in list(self._holder.held):
            try:
                beat(request_id)
            except DashboardError as error:
                fault = error
        if fault:
            raise fault

    def _beat(self, request_id: UUID) -> None:
        if not self._requests.beat(request_id, self._worker):
            self._holder.lose(request_id)

    def _take(self) -> None:
        while self._holder.has_room and not self._ended:
            taken = self._requests.resume(self._worker, self._engines, self._stale_after())
            if taken is None:
                break
            log.info("Going on with generation %s", taken)
            self._holder.take(taken)
        if self._in_touch_since is None:
            self._in_touch_since = time.monotonic()

    def _stale_after(self) -> float:
        since = self._in_touch_since
        if self._in_touch_seconds and (
            since is None or time.monotonic() - since < self._in_touch_seconds
        ):
            return _NEVER
        return STALE_AFTER.total_seconds()
