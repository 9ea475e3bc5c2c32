"""Questions to one model behind an OpenAI-compatible address (chat completions)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import openai
from pydantic import BaseModel

from services import errors
from services.engines.model.answer import Form, persona_form
from services.engines.model.dialect import PROCESS_MEMORY, Dialect, DialectMemory
from services.engines.model.faults.translation import translated_faults
from services.engines.model.prompts import Prompt
from services.engines.model.question import Question
from services.engines.model.server import ModelServer
from services.engines.model.stream import OutputListener
from services.engines.model.thoughts import PROCESS_THOUGHTS
from services.engines.spending import UNLIMITED, Spending
from services.engines.stopping import Stop
from services.engines.usage import Usage


@dataclass(frozen=True)
class Reply:
    """A checked answer and what it took, counting an answer that had to be asked for again."""

    answer: BaseModel
    usage: Usage
    dialect: Dialect
    prompt_tokens: int
    """Of the last request, as the server counted them: 0 if it does not."""
    estimated_tokens: int
    """Of the same, on the safe side by about a third."""
    first_seconds: float
    """From the last request to the first words of its answer."""


class ChatModel:
    """Asks one model, in the strongest dialect its server understands."""

    def __init__(self, server: ModelServer, memory: DialectMemory = PROCESS_MEMORY) -> None:
        self._server = server
        self._memory = memory
        self._client: openai.OpenAI | None = None
        self._client_lock = Lock()

    def ask(
        self,
        prompt: Prompt,
        listen: OutputListener,
        stop: Stop,
        pay: Callable[[Usage], object] = lambda _: None,
        form: Form | None = None,
        spending: Spending = UNLIMITED,
    ) -> Reply:
        """The answer to `prompt` in this form: a persona's, if none is given.

        An answer of the wrong form is asked for once more.

        `listen` gets the answer while it arrives, `pay` what each request took, also one that came
        to nothing; `spending` is asked before each. Raises GenerationError, of a class for each
        fault; nothing in its message comes from the server. StoppedError at once after a stop.
        """
        key = self._server.base_url, self._server.model
        exchange = self._server.exchange()
        with (
            translated_faults(self._server.asked(), stop),
            exchange.here(),
            stop.waking(exchange.shut),
        ):
            question = Question(
                self._shared_client(),
                self._server,
                prompt,
                listen,
                self._memory.recall(*key),
                stop,
                pay,
                form or persona_form(),
                spending,
            )
            try:
                answer = question.put()
                self._memory.remember(*key, question.dialect)
            except errors.InvalidOutputError:
                asked = question.dialect
                question.expect_less()
                answer = question.put()
                self._memory.note_malformed(*key, asked, question.dialect)
        PROCESS_THOUGHTS.note(*key, question.usage.reasoning_tokens)
        return Reply(
            answer,
            question.usage,
            question.dialect,
            question.prompt_tokens,
            question.estimated_tokens,
            question.first_seconds,
        )

    def _shared_client(self) -> openai.OpenAI:
        """One client for all questions: to make one takes longer than to ask."""
        with self._client_lock:
            self._client = self._client or self._server.client()
            return self._client
