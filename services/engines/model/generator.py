"""Personas by a model: any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import cast

from services.engines.generator import Draft, Estimate, ProgressListener, Task, ignore_progress
from services.engines.model.answer import answer_schema
from services.engines.model.batches.asking import batch_line
from services.engines.model.batches.server import OpenAIBatches, open_batches
from services.engines.model.chat import ChatModel
from services.engines.model.dialect import PROCESS_MEMORY
from services.engines.model.estimating import expected, most
from services.engines.model.faults.table import LARGER_CONTEXT
from services.engines.model.prompts import (
    PROMPT_VERSION,
)
from services.engines.model.reading import Reading
from services.engines.model.second_look import (
    AT_ONCE,
    Verdicts,
    second_look_prompt,
    verdict_form,
)
from services.engines.model.server import ModelServer
from services.engines.parallel import in_parallel
from services.engines.parts import ReadPart
from services.engines.spending import UNLIMITED, Both, Spending
from services.engines.stopping import NEVER, Stop, Turns
from services.engines.usage import Usage
from services.errors import NoClaimsError, TextTooLongError
from services.errors.generation import KEPT
from services.evidence.schema import Claim
from services.evidence.text.chunking import Chunk, split_text
from services.settings import Settings

_FEW_WORDS = 12  # a text of fewer may say nothing
_CUT_NOTE = "The model server read only a part of the text: its context is too small."


class OpenAIGenerator:
    """Generator on a model server. One instance serves all threads and limits how many ask."""

    name = "openai"

    def __init__(
        self,
        server: ModelServer,
        *,
        max_characters: int = 200_000,
        workers: int = 4,
        looks_again: bool = False,
        reads_twice: bool = False,
        pace: Spending = UNLIMITED,
    ) -> None:
        """`pace`: asked before each request, after the one of its task."""
        self.model: str | None = server.model
        self._server = server
        self._chat = ChatModel(server)
        self._max_characters = max_characters
        self._turns = Turns(workers)
        self.looks_again = looks_again
        """Whether `doubted` is to be asked about what was inferred."""
        self._reads_twice = reads_twice
        self._pace = pace

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        headers: Mapping[str, str] | None = None,
        pace: Spending = UNLIMITED,
    ) -> OpenAIGenerator:
        """The generator the settings describe. `headers` go with every request."""
        return cls(
            ModelServer.from_settings(settings, headers),
            max_characters=settings.openai_max_characters,
            workers=settings.generation_workers,
            looks_again=settings.openai_second_look,
            reads_twice=settings.openai_second_pass,
            pace=pace,
        )

    @property
    def server_name(self) -> str:
        """The server and its model by one name, for what all who ask it have in common."""
        return f"{self._server.asked().base_url} {self._server.model}"

    def generate(
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        """Draft claims about the person in `text`, part by part if it is long.

        A part that does not fit into the model's context is cut further. Claims come in the order
        of the parts, unmerged and unchecked. Raises TextTooLongError before anything is sent,
        other GenerationErrors as the server gives cause, StoppedError at once after a stop.
        """
        self._check_length(text)
        task = task or Task()
        task = replace(task, spending=Both(task.spending, self._pace))
        reading = Reading(
            text,
            self._chat,
            self._made_by,
            self._turns,
            task,
            on_progress,
            stop,
            reads_twice=self._reads_twice,
        )
        parts = reading.parts()
        return self._draft(text, parts, task, task.parts.paid_before + reading.paid)

    def doubted(
        self,
        claims: Sequence[Claim],
        stop: Stop,
        pay: Callable[[Usage], object],
        spending: Spending = UNLIMITED,
    ) -> list[Claim]:
        """Those of `claims` that their quotes alone do not carry, as the model judges.

        Raises GenerationError, StoppedError.
        """

        paced = Both(spending, self._pace)

        def judge(some: Sequence[Claim]) -> list[Claim]:
            with self._turns.one(stop):
                prompt = second_look_prompt(some)
                reply = self._chat.ask(prompt, lambda _: None, stop, pay, verdict_form(), paced)
            return cast(Verdicts, reply.answer).doubted(some)

        batches = [claims[at : at + AT_ONCE] for at in range(0, len(claims), AT_ONCE)]
        fallen = in_parallel(judge, batches, self._turns.count)
        return [claim for some in fallen for claim in some]

    def _draft(self, text: str, parts: list[ReadPart], task: Task, usage: Usage) -> Draft:
        cut_at = next((part.cut_at for part in parts if part.cut_at), None)
        claims = [claim for part in parts for claim in part.claims]
        if not claims and len(text.split()) >= _FEW_WORDS:
            raise _no_claims(cut_at)
        chunks = (Chunk(part.start, part.end, text[part.start : part.end]) for part in parts)
        return Draft(
            claims=tuple(claims),
            engine=self.name,
            model=self.model,
            prompt_version=PROMPT_VERSION,
            usage=usage if usage != Usage() else None,
            chunks=len(parts),
            notes=(_CUT_NOTE,) if cut_at else (),
            sources=tuple(
                chunk for chunk, part in zip(chunks, parts, strict=True) for _ in part.claims
            ),
            not_read=task.parts.left_out,
        )

    @property
    def _made_by(self) -> str:
        return f"{self.model} {PROMPT_VERSION}"

    @property
    def fingerprint(self) -> str:
        """What an answer depends on beside the text and whom it is about."""
        settings = {"second_look": self.looks_again, "second_pass": self._reads_twice}
        asked = [self.model, PROMPT_VERSION, answer_schema(), settings]
        return json.dumps(asked, sort_keys=True)

    @property
    def knows_server(self) -> bool:
        """Whether a question has been answered lately: then it is known how the server is asked."""
        return PROCESS_MEMORY.has_worked(self._server.base_url, self._server.model)

    def line(self, id: str, text: str, about: str = "") -> bytes | None:
        """The line that asks about `text`; None if it takes several questions, or is too long."""
        if len(text) > self._max_characters or len(split_text(text)) != 1:
            return None
        return batch_line(self._server, id, text, about)

    def batch_server(self, stop: Stop) -> AbstractContextManager[OpenAIBatches]:
        """The server's files of questions, to be used within."""
        return open_batches(self._server, self._made_by, stop)

    def estimate(self, text: str) -> Estimate:
        """Tokens that `generate(text)` will take, rather too many than too few; sends nothing.

        Raises TextTooLongError as `generate` does.
        """
        self._check_length(text)
        return expected(text, self._server, self._reads_twice, self.looks_again)

    def most(self, text: str) -> Usage:
        """Tokens that one try takes at most, with room for one answer that is asked for again.

        No token is shorter than a byte, and no answer longer than its limit. What goes beyond (a
        server that cuts prompts without a word) is refused before it is sent: see Budget.
        """
        self._check_length(text)
        return most(text, self._server, self._reads_twice, self.looks_again)

    def _check_length(self, text: str) -> None:
        if len(text) > self._max_characters:
            raise TextTooLongError(
                f"The text has {len(text):,} characters, more than the {self._max_characters:,} "
                "that are sent to a model.",
                "Your text is kept. Shorten it, or raise OPENAI_MAX_CHARACTERS.",
            )


def _no_claims(cut_at: int | None) -> NoClaimsError:
    if cut_at is None:
        return NoClaimsError()
    return NoClaimsError(
        f"The model server read only {cut_at:,} tokens of the text and its instructions, and cut "
        "the rest without a word.",
        f"{KEPT}Shorten it, or {LARGER_CONTEXT}.",
    )
