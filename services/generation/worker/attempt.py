"""One try of a claimed request: draft it, save it, or say what is to become of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Event

from services.database.patience import patiently
from services.engines.generator import Generator, Progress
from services.engines.prices import Prices
from services.engines.spending import UNLIMITED, Budget, Spending
from services.engines.stopping import StoppedError
from services.errors import (
    DashboardError,
    DatabaseError,
    GenerationError,
    NotSavedError,
    Remedy,
    TextTooLongError,
)
from services.fault_log import log_fault
from services.generation.drafting import Result
from services.generation.job import Job
from services.generation.queue.saving import GroupedSaves
from services.generation.queue.stored import Claimed, Cost, Drafted, Outcome, Queue
from services.generation.worker.outcomes import outcome_of
from services.personas.source_spans import spans_of
from services.settings import get_settings

log = logging.getLogger(__name__)

_ALL_PASS: tuple[Remedy, ...] = (
    "wait",
    "less",
    "person",
)  # nobody sits before a worker: it waits for a person, too


class Attempt:
    """A request in the hands of this process, from its claim to its end."""

    def __init__(
        self,
        claimed: Claimed,
        queue: Queue,
        saves: GroupedSaves,
        generators: Mapping[str, Generator],
        on_drafted: Callable[[], None] = lambda: None,
        earlier: Result | None = None,
    ) -> None:
        """`earlier`: what was drafted of an equal text; then nothing is asked."""
        self.claimed = claimed
        self._earlier = earlier
        self.is_finished = False  # there is a draft: it is saved, whoever else has the request
        self.returned = False  # stopped because the process ends, not because it was cancelled
        self._queue = queue
        self._saves = saves
        self._on_drafted = on_drafted
        self._generator = generators.get(claimed.engine)
        self._job = Job(claimed.id)
        prices = Prices.from_settings(get_settings())
        self._budget = Budget(claimed.max_usd, claimed.max_tokens, prices)

    @property
    def progress(self) -> Progress:
        return self._job.progress

    def stop(self, *, returned: bool = False) -> None:
        """End the work at once: it is handed back, or somebody cancelled it or has taken it."""
        self.returned = self.returned or returned
        self._job.cancelled.set()

    def run(self, ending: Event) -> str | None:
        """Do it; the status of the request then, None if it was lost. Never raises.

        `ending`: the process cannot wait for the database any longer.
        """
        try:
            result = self._earlier or self._draft()
        except StoppedError:
            stopped = Outcome("queued", returned=True) if self.returned else Outcome("cancelled")
            return self._end(stopped, ending)
        except DashboardError as fault:
            log.info("A try of %s failed: %s", self.claimed.id, type(fault).__name__)
            return self._end(outcome_of(fault, self.claimed.attempts), ending)
        except Exception as error:
            log_fault(log, f"Generation {self.claimed.id} failed", error)
            return self._end(Outcome("failed", "failed", str(GenerationError())), ending)
        self.is_finished = True
        self._on_drafted()
        return self._save(result, ending)

    def _draft(self) -> Result:
        claimed = self.claimed
        return self._job.draft_of(
            claimed, self._generator, self._spending(), keeps_parts=self._is_long()
        )

    def _spending(self) -> Spending:
        takes_tokens = self._generator is not None and self._generator.model is not None
        return self._budget if takes_tokens else UNLIMITED

    def _is_long(self) -> bool:
        """Whether it is read in parts: a text of one part is stored with its persona at once."""
        if self._generator is None or self._generator.model is None:
            return False
        if len(spans_of(self.claimed.raw_text, self.claimed.sources)) > 1:
            return True
        try:
            estimate = self._generator.estimate(self.claimed.raw_text)
        except TextTooLongError:
            return False
        return estimate is not None and estimate.chunks > 1

    def _save(self, result: Result, ending: Event) -> str | None:
        drafted = Drafted(self.claimed, result.columns(), self._cost)
        try:
            is_there = patiently(lambda: self._saves.save(drafted), ending, remedies=_ALL_PASS)
        except DatabaseError as fault:
            if fault.code == "PT409":  # its batch was deleted
                return None
            return self._unsaved(fault, ending)
        except DashboardError as fault:
            return self._unsaved(fault, ending)
        return "saved" if is_there else None

    def _unsaved(self, fault: DashboardError, ending: Event) -> str | None:
        """The database refuses the draft for good: others would be refused as well."""
        error = NotSavedError(fault)
        return self._end(Outcome("failed", error.kind, str(error), down=0), ending)

    def _end(self, outcome: Outcome, ending: Event) -> str | None:
        spent = self._job.spent()
        try:
            return patiently(
                lambda: self._queue.end(self.claimed, outcome, self._cost, spent), ending
            )
        except DashboardError as fault:  # then its silence tells
            log.warning("The end of a try could not be stored: %s", type(fault).__name__)
            return None

    @property
    def _cost(self) -> Cost:
        return Cost(self._budget.usd, self._budget.tokens)
