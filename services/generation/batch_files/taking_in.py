"""The answers of a file, taken in: each a persona or a named failure. May be done repeatedly."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from services.database.patience import patiently
from services.engines.batches import BatchAnswer, BatchServer
from services.engines.generator import Task, ignore_progress
from services.engines.parallel import in_parallel
from services.engines.parts import Parts
from services.engines.stopping import Stop
from services.errors import DashboardError, GenerationError, NotSavedError
from services.generation.batch_files.ends import budget_of, cost_of, end_of, unanswered
from services.generation.batch_files.repository import FileRepository, StoredFile, holder
from services.generation.drafting import draft_persona
from services.generation.queue.saving import GroupedSaves
from services.generation.queue.stored import Claimed, Drafted, Queue

log = logging.getLogger(__name__)

_AT_ONCE = 50  # answers
_SECONDS = 300.0  # the database may be away; then somebody takes the file in anew


class TakingIn:
    """Takes in one file that has ended at the server."""

    def __init__(
        self,
        files: FileRepository,
        file: StoredFile,
        engine: Any,
        stop: Stop,
        threads: int,
        on_ended: Callable[[], None],
    ) -> None:
        self._files = files
        self._file = file
        self._engine = engine
        self._stop = stop
        self._threads = threads
        self._on_ended = on_ended
        self._saves = GroupedSaves(Queue(holder(file.id)))

    def answers(self, server: BatchServer) -> None:
        """Whatever the server's files say."""
        for name in (self._file.output_file, self._file.error_file):
            answers = server.answers(name) if name else iter(())
            while some := list(islice(answers, _AT_ONCE)):
                self._some(some)

    def rest(self, fault: GenerationError | None) -> None:
        """What no line answers; `fault`: why the server took none of it."""
        for page in self._files.held(self._file.id):
            self._files.end(self._file.id, [unanswered(self._file, one, fault) for one in page])
            self._files.note(self._file.id)

    def _some(self, answers: list[BatchAnswer]) -> None:
        self._stop.check()
        by_id = {id: answer for answer in answers if (id := _uuid(answer.id))}
        held = self._files.held_of(self._file.id, list(by_id))
        ends = in_parallel(lambda one: self._one(one, by_id[one.id]), held, self._threads)
        gone = by_id.keys() - {one.id for one in held}
        settled = list(self._settled(gone, by_id))
        self._files.end(self._file.id, [end for end in ends if end] + settled)
        self._files.note(self._file.id)
        self._on_ended()

    def _one(self, held: Claimed, answer: BatchAnswer) -> dict[str, Any] | None:
        """Save what came of one question; how it ends if that is no persona."""
        if answer.fault:
            return end_of(self._file, held, answer.fault, answer.usage)
        task = Task(
            held.about,
            Parts([answer.part(held.raw_text)]),
            budget_of(held, cost_of(answer.usage)),
        )
        try:
            result = draft_persona(
                held.raw_text, self._engine, ignore_progress, (), self._stop, task
            )
        except GenerationError as fault:
            return end_of(self._file, held, fault, answer.usage)
        drafted = Drafted(held, result.columns(), cost_of(result.draft.usage))
        try:
            patiently(lambda: self._saves.save(drafted), self._stop, seconds=_SECONDS)
        except DashboardError as error:
            if error.remedy != "correct":
                raise
            return end_of(self._file, held, NotSavedError(error), answer.usage)
        return None

    def _settled(self, gone: set[UUID], by_id: dict[UUID, BatchAnswer]) -> Iterator[dict[str, Any]]:
        """Answers to what was deleted meanwhile were paid for; of what is saved nothing changes."""
        for id in gone:
            cost = cost_of(by_id[id].usage)
            yield {"id": str(id), "status": "cancelled", "usd": cost.usd, "tokens": cost.tokens}


def _uuid(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None
