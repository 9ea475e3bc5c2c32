"""Personas by a model: any server that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import BoundedSemaphore

from services.engines.generator import (
    Draft,
    Estimate,
    Progress,
    ProgressListener,
    Usage,
    ignore_progress,
)
from services.engines.model.chat import ChatModel, ModelServer, Reply, answer_schema
from services.engines.model.prompts import PROMPT_VERSION, Part, Prompt, build_prompt
from services.errors import TextTooLongError
from services.evidence.schema import Claim, claims_of
from services.evidence.text.chunking import Chunk, estimate_tokens, split_text
from services.settings import Settings

_SUBJECT_FIELD = "name"
_OUTPUT_OVERHEAD = 300  # tokens of an answer that says nothing: its keys
_OUTPUT_SHARE = 2  # an answer quotes up to about half of what it read


class OpenAIGenerator:
    """Generator on a model server. One instance serves all threads and limits how many ask."""

    name = "openai"

    def __init__(
        self,
        server: ModelServer,
        *,
        max_characters: int = 200_000,
        workers: int = 4,
    ) -> None:
        self.model: str | None = server.model
        self._server = server
        self._chat = ChatModel(server)
        self._max_characters = max_characters
        self._turns = BoundedSemaphore(workers)

    @classmethod
    def from_settings(
        cls, settings: Settings, headers: Mapping[str, str] | None = None
    ) -> OpenAIGenerator:
        """The generator the settings describe. `headers` go with every request."""
        return cls(
            ModelServer.from_settings(settings, headers),
            max_characters=settings.openai_max_characters,
            workers=settings.generation_workers,
        )

    def generate(self, text: str, on_progress: ProgressListener = ignore_progress) -> Draft:
        """Draft claims about the person in `text`, part by part if it is long.

        Claims come in the order of the parts, unmerged and unchecked. Raises TextTooLongError
        before anything is sent, other GenerationErrors as the server gives cause.
        """
        self._check_length(text)
        chunks = split_text(text)
        claims: list[Claim] = []
        sources: list[Chunk] = []
        usage = Usage()
        for chunk, part in _parts(chunks):
            named = replace(part, subject=_subject(claims))
            reply = self._ask(build_prompt(chunk.text, answer_schema(), named), part, on_progress)
            found = list(map(_storable, claims_of(reply.answer)))
            claims += found
            sources += [chunk] * len(found)
            usage += reply.usage
        return Draft(
            claims=tuple(claims),
            engine=self.name,
            model=self.model,
            prompt_version=PROMPT_VERSION,
            usage=usage if usage != Usage() else None,
            chunks=len(chunks),
            sources=tuple(sources),
        )

    def estimate(self, text: str) -> Estimate:
        """Tokens that `generate(text)` will take, rather too many than too few; sends nothing.

        Raises TextTooLongError as `generate` does.
        """
        self._check_length(text)
        chunks = split_text(text)
        prompts = [
            build_prompt(chunk.text, answer_schema(), part) for chunk, part in _parts(chunks)
        ]
        outputs = [
            _OUTPUT_OVERHEAD + estimate_tokens(chunk.text) // _OUTPUT_SHARE for chunk in chunks
        ]
        return Estimate(
            input_tokens=sum(map(_prompt_tokens, prompts)),
            output_tokens=sum(min(count, self._server.max_output_tokens) for count in outputs),
            chunks=len(chunks),
        )

    def _ask(self, prompt: Prompt, part: Part, on_progress: ProgressListener) -> Reply:
        done = part.number - 1

        def listen(output: str) -> None:
            on_progress(Progress(done, part.count, output))

        listen("")
        with self._turns:
            reply = self._chat.ask(prompt, listen)
        on_progress(Progress(part.number, part.count, reply.answer.model_dump_json(indent=2)))
        return reply

    def _check_length(self, text: str) -> None:
        if len(text) > self._max_characters:
            raise TextTooLongError(
                f"The text has {len(text):,} characters, more than the {self._max_characters:,} "
                "that are sent to a model.",
                "Your text is kept. Shorten it, or raise OPENAI_MAX_CHARACTERS.",
            )


def _parts(chunks: list[Chunk]) -> list[tuple[Chunk, Part]]:
    return [(chunk, Part(number, len(chunks))) for number, chunk in enumerate(chunks, start=1)]


def _subject(claims: list[Claim]) -> str | None:
    return next((claim.value for claim in claims if claim.field == _SUBJECT_FIELD), None)


def _storable(claim: Claim) -> Claim:
    """Postgres takes no NUL, and no text holds one: a model may still write it."""
    return replace(claim, value=claim.value.replace("\0", ""), quote=claim.quote.replace("\0", ""))


def _prompt_tokens(prompt: Prompt) -> int:
    schema = prompt.answer_form  # sent beside the messages or inside them
    return estimate_tokens(prompt.system) + estimate_tokens(prompt.user) + estimate_tokens(schema)
