"""What a process knows of one request that it holds."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from services.database.patience import patiently
from services.engines.generator import Generator, Progress, Task
from services.engines.spending import UNLIMITED, Spending
from services.engines.stopping import Stop
from services.errors import DashboardError, GenerationError, NoClaimsError
from services.generation.drafting import Result, draft_persona
from services.generation.equal_texts.earlier import earlier_results
from services.generation.parts import KeptParts
from services.generation.requests import GenerationRequestRepository
from services.generation.spent import spent_with
from services.personas.source_spans import spans_of


class Draftable(Protocol):
    """A request with its text, whichever way it was claimed."""

    @property
    def raw_text(self) -> str: ...
    @property
    def engine(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def sources(self) -> list[dict[str, Any]]: ...
    @property
    def spent(self) -> dict[str, Any] | None: ...


class Job:
    """One try of a request. `is_claimed` once it is this process's own."""

    def __init__(self, request_id: UUID) -> None:
        self.id = request_id
        self.progress = Progress(0, 1)
        self.cancelled = Stop()
        self.thread: threading.Thread | None = None
        self.is_claimed = False
        self._spent_before: dict[str, Any] = {}  # by tries that came to nothing
        self._kept: KeptParts | None = None

    def report(self, progress: Progress) -> None:
        self.progress = progress

    def draft(
        self, requests: GenerationRequestRepository, generators: Mapping[str, Generator]
    ) -> Result:
        """Draft the persona, with what earlier tries have read, or take over that of an equal text.

        Raises DashboardError.
        """
        request = patiently(lambda: requests.read(self.id), self.cancelled)
        generator = generators.get(request.engine)
        if generator and (earlier := earlier_results(generator, [request]).get(self.id)):
            return earlier
        return self.draft_of(request, generator)

    def draft_of(
        self,
        request: Draftable,
        generator: Generator | None,
        spending: Spending = UNLIMITED,
        *,
        keeps_parts: bool = True,
    ) -> Result:
        """The same of a request that is known with its text. Raises DashboardError."""
        if generator is None:
            raise GenerationError(
                f"The engine {request.engine} is not set up here.",
                "Your text is kept. Set it up and restart, or start again with another engine.",
            )
        self._spent_before = request.spent or {}
        spans = [(span.start, span.end) for span in spans_of(request.raw_text, request.sources)]
        task = Task(request.about, spending=spending)
        if keeps_parts and generator.model is not None:  # else nothing is paid for
            self._kept = KeptParts(self.id, self.cancelled)
            task = replace(task, parts=self._kept.parts())
        try:
            return draft_persona(
                request.raw_text, generator, self.report, spans, self.cancelled, task
            )
        except NoClaimsError:
            if self._kept:  # or it would be the same again
                with suppress(DashboardError):
                    self._kept.forget()
            raise

    def spent(self) -> dict[str, Any] | None:
        """What all tries without a persona took, beside the stored parts; None if nothing."""
        paid = self.progress.usage
        own = self._kept.own(paid) if self._kept else paid
        return spent_with(self._spent_before, own)
