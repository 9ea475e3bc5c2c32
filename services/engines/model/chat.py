"""One question to one model behind an OpenAI-compatible address (chat completions, streamed)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

import openai
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, SecretStr

from services.engines.generator import Usage
from services.engines.model.answer import parse_answer
from services.engines.model.dialect import PROCESS_MEMORY, Dialect, DialectMemory
from services.engines.model.faults import complaint_of, is_context_fault, translated_faults
from services.engines.model.http_bounds import Bounds, bounded_client
from services.engines.model.prompts import Prompt
from services.engines.model.stream import OutputListener, StreamedAnswer
from services.engines.model.strict_schema import Schema, strict_schema
from services.errors import InvalidOutputError
from services.evidence.schema import answer_model
from services.settings import Settings

OPENAI_ADDRESS = "https://api.openai.com/v1"
_NO_KEY = "unused"  # the client refuses an empty key; local servers ignore it
_PATIENCE = 10  # a question may take this many times the longest silence, retries included
_BYTES_PER_TOKEN = 2_000  # a streamed token comes wrapped in a few hundred bytes of JSON
_BYTES_AT_LEAST = 1_000_000
_ADAPTABLE = (400, 422, 500, 501)  # some servers answer 500 to an option they do not know


@dataclass(frozen=True)
class ModelServer:
    """Where a model is and how patient we are with it. The key does not show in the repr."""

    model: str
    base_url: str = OPENAI_ADDRESS
    api_key: SecretStr | None = None
    timeout_seconds: float = 90
    max_retries: int = 2
    max_output_tokens: int = 8000
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_settings(
        cls, settings: Settings, headers: Mapping[str, str] | None = None
    ) -> ModelServer:
        return cls(
            model=settings.openai_model,
            base_url=settings.openai_base_url or OPENAI_ADDRESS,
            api_key=settings.openai_api_key,
            timeout_seconds=settings.openai_timeout_seconds,
            max_retries=settings.openai_max_retries,
            max_output_tokens=settings.openai_max_output_tokens,
            headers=headers or {},
        )

    def open(self, still_wanted: Callable[[], None] = lambda: None) -> openai.OpenAI:
        """A client for one question, bounded in time and size. The caller closes it.

        `still_wanted` is called while an answer is awaited, and stops it by raising.
        """
        bounds = Bounds(
            silence_seconds=self.timeout_seconds,
            total_seconds=self.timeout_seconds * _PATIENCE,
            max_bytes=max(_BYTES_AT_LEAST, self.max_output_tokens * _BYTES_PER_TOKEN),
        )
        http_client = bounded_client(bounds, still_wanted=still_wanted)
        return openai.OpenAI(
            base_url=self.base_url,
            api_key=self.api_key.get_secret_value() if self.api_key else _NO_KEY,
            timeout=http_client.timeout,
            max_retries=self.max_retries,
            default_headers=self.headers,
            http_client=http_client,
        )


@dataclass(frozen=True)
class Reply:
    """A checked answer and what it took, counting an answer that had to be asked for again."""

    answer: BaseModel
    usage: Usage


class ChatModel:
    """Asks one model, in the strongest dialect its server understands."""

    def __init__(self, server: ModelServer, memory: DialectMemory = PROCESS_MEMORY) -> None:
        self._server = server
        self._memory = memory

    def ask(self, prompt: Prompt, listen: OutputListener) -> Reply:
        """The answer to `prompt`. An answer of the wrong form is asked for once more.

        `listen` gets the answer while it arrives, and the same again while nothing does: it may
        raise to stop. Raises GenerationError, of a class for each fault; nothing in its message
        comes from the server.
        """
        key = self._server.base_url, self._server.model
        heard = ""

        def hear(output: str) -> None:
            nonlocal heard
            heard = output
            listen(output)

        with translated_faults(), self._server.open(lambda: listen(heard)) as client:
            question = _Question(client, self._server, prompt, hear, self._memory.recall(*key))
            try:
                answer = question.put()
            except InvalidOutputError:
                question.expect_less()
                answer = question.put()
        self._memory.remember(*key, question.dialect)
        return Reply(answer, question.usage)


class _Question:
    """A prompt on its way to the server: finds the dialect, adds up what it takes."""

    def __init__(
        self,
        client: openai.OpenAI,
        server: ModelServer,
        prompt: Prompt,
        listen: OutputListener,
        dialect: Dialect,
    ) -> None:
        self.dialect = dialect
        self.usage = Usage()
        self._client = client
        self._server = server
        self._prompt = prompt
        self._listen = listen
        self._content = ""

    def put(self) -> BaseModel:
        """Ask, and check the answer. Raises GenerationError."""
        self._content = ""
        with translated_faults():
            self._content = self._in_a_known_dialect()
        return parse_answer(self._content)

    def expect_less(self) -> None:
        """After an answer of the wrong form: a server that enforced the schema gives none."""
        if self._content:
            self.dialect = self.dialect.weaker() or self.dialect

    def _in_a_known_dialect(self) -> str:
        while True:
            try:
                return self._stream(self.dialect)
            except openai.APIStatusError as error:
                if error.status_code not in _ADAPTABLE or is_context_fault(error):
                    raise
                other = self.dialect.after_refusal(complaint_of(error))
                if other is None:
                    raise
                self.dialect = other

    def _stream(self, dialect: Dialect) -> str:
        limit = self._server.max_output_tokens
        messages = self._prompt.messages(with_answer_form=not dialect.enforces_schema)
        collected = StreamedAnswer(limit, self._listen)
        try:
            with self._client.chat.completions.create(
                model=self._server.model,
                messages=cast(list[ChatCompletionMessageParam], messages),
                stream=True,
                **dialect.options(answer_schema(), limit),
            ) as stream:
                return collected.read(stream)
        finally:
            self.usage += collected.usage


@lru_cache(maxsize=1)
def answer_schema() -> Schema:
    """The strict schema of the answer. Raises ValueError for fields it cannot express."""
    return strict_schema(answer_model())
