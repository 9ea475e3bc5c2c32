"""A file of questions on its way to the server: filled, written, sent, begun.

Each step is stored before the next. What may have happened at the server before a crash is looked
for there, by the id of the file that it carries.
"""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any, BinaryIO
from uuid import UUID

from services.engines.batches import AsksInBatches, BatchServer, ServerBatch
from services.engines.generator import Generator, Task, ignore_progress
from services.engines.prices import Prices
from services.engines.stopping import Stop
from services.errors import GenerationError
from services.generation.batch_files.ends import OF_ONE_TEXT, budget_of, cost_of, end_of, given_back
from services.generation.batch_files.repository import FileRepository, StoredFile, holder
from services.generation.drafting import draft_persona
from services.generation.equal_texts.earlier import earlier_results
from services.generation.queue.stored import Claimed, Drafted, Queue
from services.generation.second_look import LooksAgain
from services.personas.source_spans import spans_of
from services.settings import get_settings

MOST_QUESTIONS, MOST_BYTES = 50_000, 190_000_000
_AT_ONCE = 1_000
_TINY = "A text."


class Sending:
    """Sends the files of one engine."""

    def __init__(self, files: FileRepository, engine: Any, server: str | None, stop: Stop) -> None:
        self._files = files
        self._engine: Any = engine  # a Generator that AsksInBatches
        self._servers = {engine.name: server}
        self._stop = stop

    @property
    def _price_share(self) -> float:
        """What of a text's most a question in a file may cost."""
        looks = isinstance(self._engine, LooksAgain) and self._engine.looks_again
        return 1.0 if looks else Prices.from_settings(get_settings()).batch_share

    def first(self, file: UUID) -> bool:
        """Begin a file with a single request, or with many; False if none waits."""
        n, share = (_AT_ONCE, self._price_share) if self._engine.knows_server else (1, 1.0)
        return self._files.fill(file, self._servers, n, share) is not None

    def fill(self, file: StoredFile) -> None:
        """Take requests until the file is full, or none waits.

        While it is not known how the server wants to be asked, one is asked singly: it tells.
        Raises GenerationError if that cannot be asked.
        """
        while not self._engine.knows_server:
            held = next(self._files.held(file.id), None)
            if held:
                self._ask_singly(file, held[0])
            elif not self._files.fill(file.id, self._servers, 1, 1.0):
                break
        count = size = 0
        a_line = len(self._engine.line("0" * 36, _TINY) or b"")
        while count < MOST_QUESTIONS and size < MOST_BYTES:
            n = min(_AT_ONCE, MOST_QUESTIONS - count)
            filled = self._files.fill(file.id, self._servers, n, self._price_share)
            if filled is None:
                break
            count += filled.taken
            size += filled.bytes + filled.taken * a_line
            self._stop.check()
        self._files.note(file.id, state="filled", failures=0, error_kind=None, error=None)

    def _ask_singly(self, file: StoredFile, held: Claimed) -> None:
        spans = [(span.start, span.end) for span in spans_of(held.raw_text, held.sources)]
        budget = budget_of(held)
        try:
            task = Task(held.about, spending=budget)
            result = draft_persona(
                held.raw_text, self._engine, ignore_progress, spans, self._stop, task
            )
        except OF_ONE_TEXT as fault:
            self._files.end(file.id, [end_of(file, held, fault, budget.taken)])
        except GenerationError:
            self._files.end(file.id, [given_back(held)])
            raise
        else:
            drafted = Drafted(held, result.columns(), cost_of(result.draft.usage))
            Queue(holder(file.id)).save(drafted)

    def send(self, file: StoredFile, server: BatchServer) -> str | None:
        """Write the file and send it, unless that was done; its id. None: nothing is asked."""
        sent = server.sent_file(file.tag) if file.looks else None
        if sent is None:
            with TemporaryFile() as content:
                questions = self._write(file, content)
                if not questions:
                    return None
                self._files.note(file.id, questions=questions, looks=1)
                content.seek(0)
                sent = server.send_file(file.tag, content)
        self._files.note(file.id, state="sent", input_file=sent, looks=0)
        return sent

    def begin(self, file: StoredFile, sent: str, server: BatchServer) -> ServerBatch:
        """Have the file answered, unless that was begun."""
        batch = server.begun(file.tag) if file.looks else None
        self._files.note(file.id, looks=1)
        batch = batch or server.begin(file.tag, sent)
        self._files.note(
            file.id, state="begun", server_batch=batch.id, server_state=batch.state, looks=0,
            failures=0, error_kind=None, error=None,
        )  # fmt: skip
        return batch

    def _write(self, file: StoredFile, content: BinaryIO) -> int:
        """The lines of what the file holds; lets go of what is not to be asked in it."""
        count = 0
        for page in self._files.held(file.id):
            self._stop.check()
            ends: list[dict[str, Any]] = []
            known = earlier_results(self._engine, page)
            for held in page:
                line = self._engine.line(str(held.id), held.raw_text, held.about)
                if held.id in known:
                    found = Drafted(held, known[held.id].columns(), cost_of(None))
                    Queue(holder(file.id)).save(found)
                elif line is None or len(spans_of(held.raw_text, held.sources)) > 1:
                    ends.append(given_back(held, by_calls=True))
                elif content.tell() + len(line) > MOST_BYTES:
                    ends.append(given_back(held))
                else:
                    content.write(line)
                    count += 1
            self._files.end(file.id, ends)
            self._files.note(file.id)
        return count


def asks_in_files(engine: Generator) -> bool:
    """Whether its questions can be asked in files."""
    return isinstance(engine, AsksInBatches)
