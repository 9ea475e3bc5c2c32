"""Signs of life for requests, as long as somebody works on them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from services.errors import DashboardError
from services.generation.requests import GenerationRequestRepository

log = logging.getLogger(__name__)

_BEAT_SECONDS = 5.0


class Holder(Protocol):
    """Who works on requests."""

    @property
    def held(self) -> Iterable[UUID]:
        """The requests it works on, or is about to."""
        ...

    def lose(self, request_id: UUID) -> None:
        """Somebody else holds this request now."""
        ...


class Presence:
    """Beats for `holder` in a thread of its own."""

    def __init__(self, requests: GenerationRequestRepository, worker: str, holder: Holder) -> None:
        self._requests = requests
        self._worker = worker
        self._holder = holder
        self._ended = False
        self._wake = threading.Event()
        threading.Thread(target=self._run, name="generation-beat", daemon=True).start()

    def look(self) -> None:
        """Look after the requests now."""
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
            for request_id in list(self._holder.held):
                self._beat(request_id)

    def _beat(self, request_id: UUID) -> None:
        """For every request, whatever comes of the others."""
        try:
            if not self._requests.beat(request_id, self._worker):
                self._holder.lose(request_id)
        except DashboardError as error:
            log.warning("No sign of life could be given: %s", type(error).__name__)
