"""Personas by a model: any server that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.engines.generator import (
    Draft,
    Estimate,
    Progress,
    ProgressListener,
    Usage,
    ignore_progress,
)
from services.engines.model.answer import answer_schema
from services.engines.model.chat import ChatModel, Reply
from services.engines.model.fault_table import KEPT, LARGER_CONTEXT
from services.engines.model.prompts import PROMPT_VERSION, Part, Prompt, build_prompt
from services.engines.model.server import ModelServer
from services.engines.stopping import NEVER, Stop, Turns
from services.errors import NoClaimsError, TextTooLongError
from services.evidence.schema import Claim, claims_of
from services.evidence.text.chunking import Chunk, estimate_tokens, split_text
from services.settings import Settings

_SUBJECT_FIELD = "name"
_OUTPUT_OVERHEAD = 300  # tokens of an answer that says nothing: its keys
_CUT_CHARACTERS = 3_000  # shorter parts are not cut: there is hardly room for an answer
_FEW_WORDS = 12  # a text of fewer may say nothing
_LEAST_CONTEXT = 1024  # tokens
_SURELY_FEWER = 0.9
_CUT_NOTE = "The model server read only a part of the text: its context is too small."
_OUTPUT_SHARE = 2  # an answer quotes up to about half of what it read


@dataclass(frozen=True)
class _Read:
    """A part of the text and what the model said of it."""

    chunk: Chunk
    reply: Reply

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(map(_storable, claims_of(self.reply.answer)))

    @property
    def is_cut(self) -> bool:
        """Whether the server cut the prompt without a word, as Ollama does at its context.

        Then it counts exactly that, a power of two, and fewer tokens than it was sent.
        """
        counted = self.reply.prompt_tokens
        is_context = counted >= _LEAST_CONTEXT and counted.bit_count() == 1
        return is_context and counted < self.reply.estimated_tokens * _SURELY_FEWER


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
        self._turns = Turns(workers)

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

    def generate(
        self, text: str, on_progress: ProgressListener = ignore_progress, stop: Stop = NEVER
    ) -> Draft:
        """Draft claims about the person in `text`, part by part if it is long.

        A part that does not fit into the model's context is cut further. Claims come in the order
        of the parts, unmerged and unchecked. Raises TextTooLongError before anything is sent,
        other GenerationErrors as the server gives cause, StoppedError at once after a stop.
        """
        self._check_length(text)
        waiting = split_text(text)
        done: list[_Read] = []
        paid: list[Usage] = []
        while waiting:
            chunk = waiting.pop(0)
            part = Part(len(done) + 1, len(done) + 1 + len(waiting), _subject(done))
            try:
                read = _Read(chunk, self._ask(chunk.text, part, on_progress, stop, paid))
            except TextTooLongError:
                if len(chunk.text) < _CUT_CHARACTERS:
                    raise
                waiting = _halves(chunk) + waiting
                continue
            if read.is_cut and len(chunk.text) >= _CUT_CHARACTERS:
                waiting = _halves(chunk) + waiting
            else:
                done.append(read)
        return self._draft(text, done, sum(paid, Usage()))

    def _draft(self, text: str, done: list[_Read], usage: Usage) -> Draft:
        cut = next((read for read in done if read.is_cut), None)
        claims = [claim for read in done for claim in read.claims]
        if not claims and len(text.split()) >= _FEW_WORDS:
            raise _no_claims(cut)
        return Draft(
            claims=tuple(claims),
            engine=self.name,
            model=self.model,
            prompt_version=PROMPT_VERSION,
            usage=usage if usage != Usage() else None,
            chunks=len(done),
            notes=(_CUT_NOTE,) if cut else (),
            sources=tuple(read.chunk for read in done for _ in read.claims),
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

    def _ask(
        self,
        text: str,
        part: Part,
        on_progress: ProgressListener,
        stop: Stop,
        paid: list[Usage],
    ) -> Reply:
        done = part.number - 1

        shown = ""

        def listen(output: str) -> None:
            nonlocal shown
            shown = output
            on_progress(Progress(done, part.count, output, sum(paid, Usage())))

        def pay(usage: Usage) -> None:
            paid.append(usage)
            listen(shown)

        listen("")
        with self._turns.one(stop):
            reply = self._chat.ask(build_prompt(text, answer_schema(), part), listen, stop, pay)
        output = reply.answer.model_dump_json(indent=2)
        on_progress(Progress(part.number, part.count, output, sum(paid, Usage())))
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


def _halves(chunk: Chunk) -> list[Chunk]:
    pieces = split_text(chunk.text, -(-len(chunk.text) * 2 // 3))
    return [
        Chunk(chunk.start + piece.start, chunk.start + piece.end, piece.text) for piece in pieces
    ]


def _subject(done: list[_Read]) -> str | None:
    names = (claim.value for read in done for claim in read.claims if claim.field == _SUBJECT_FIELD)
    return next(names, None)


def _no_claims(cut: _Read | None) -> NoClaimsError:
    if cut is None:
        return NoClaimsError()
    return NoClaimsError(
        f"The model server read only {cut.reply.prompt_tokens:,} tokens of the text and its "
        "instructions, and cut the rest without a word.",
        f"{KEPT}Shorten it, or {LARGER_CONTEXT}.",
    )


def _storable(claim: Claim) -> Claim:
    """Postgres takes no NUL, and no text holds one: a model may still write it."""
    return replace(claim, value=claim.value.replace("\0", ""), quote=claim.quote.replace("\0", ""))


def _prompt_tokens(prompt: Prompt) -> int:
    schema = prompt.answer_form  # sent beside the messages or inside them
    return estimate_tokens(prompt.system) + estimate_tokens(prompt.user) + estimate_tokens(schema)
