"""Drafts that are finished and not saved yet: kept until the database takes them."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from uuid import UUID

from services.database.patience import patiently
from services.errors import DashboardError
from services.generation.drafting import Result
from services.generation.requests import GenerationRequestRepository


@dataclass
class _Finished:
    """A draft, and why it is not saved."""

    result: Result
    fault: DashboardError | None = None


class FinishedDrafts:
    """The finished drafts of one process, by their requests."""

    def __init__(self, requests: GenerationRequestRepository, worker: str) -> None:
        self._requests = requests
        self._worker = worker
        self._drafts: dict[UUID, _Finished] = {}

    def __contains__(self, request_id: UUID) -> bool:
        return request_id in self._drafts

    def keep(self, request_id: UUID, result: Result) -> None:
        self._drafts[request_id] = _Finished(result)

    def drop(self, request_id: UUID) -> None:
        """Forget a draft that the database would refuse again."""
        self._drafts.pop(request_id, None)

    def fault_of(self, request_id: UUID) -> DashboardError | None:
        """Why the draft is not saved yet; None if nothing holds it up, or there is none."""
        finished = self._drafts.get(request_id)
        return finished.fault if finished else None

    def save(self, request_id: UUID, stopped: Event) -> None:
        """Save the draft as the persona of its request, patiently. Raises DashboardError."""
        finished = self._drafts[request_id]

        def waits(error: DashboardError) -> None:
            finished.fault = error

        try:
            patiently(
                lambda: self._requests.finish(request_id, self._worker, finished.result.columns()),
                stopped,
                on_wait=waits,
            )
        except DashboardError as error:
            finished.fault = error
            raise
        del self._drafts[request_id]
