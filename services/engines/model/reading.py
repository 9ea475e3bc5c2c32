"""One text on its way through a model, part by part: in parallel, and each part only once."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from threading import Lock

from services.engines.generator import Progress, ProgressListener, Task
from services.engines.model.answer import answer_schema, storable
from services.engines.model.chat import ChatModel, Reply
from services.engines.model.prompts import Part, build_prompt
from services.engines.parallel import in_parallel
from services.engines.parts import FailedPart, ReadPart, missing
from services.engines.stopping import Stop, Turns
from services.engines.usage import NO_TOKENS, Usage
from services.errors import (
    GenerationError,
    InvalidOutputError,
    ModelRefusedError,
    OutputTruncatedError,
    TextTooLongError,
)
from services.evidence.schema import FIELDS, Claim, claims_of
from services.evidence.text.chunking import Chunk, split_text

log = logging.getLogger(__name__)

SUBJECT_FIELD = "name"
_CUT_CHARACTERS = 3_000  # shorter parts are not cut: there is hardly room for an answer
_LEAST_CONTEXT = 1024  # tokens
_SURELY_FEWER = 0.9
_OF_THE_PART = (ModelRefusedError, OutputTruncatedError, InvalidOutputError)
"""Faults that another part need not meet. After any other nothing more is asked."""


class Reading:
    """Reads `text`; `paid` adds up what it takes. Used once."""

    def __init__(
        self,
        text: str,
        chat: ChatModel,
        made_by: str,
        turns: Turns,
        task: Task,
        on_progress: ProgressListener,
        stop: Stop,
        *,
        reads_twice: bool = False,
    ) -> None:
        self.paid = NO_TOKENS
        self._chat = chat
        self._made_by = made_by
        self._turns = turns
        self._task = task
        self._on_progress = on_progress
        self._stop = stop
        self._reads_twice = reads_twice
        self._done = task.parts.made_by(made_by)
        covered = [(part.start, part.end) for part in self._done]
        covered += [(part.start, part.end) for part in task.parts.left_out]
        self._waiting = missing(split_text(text), covered)
        self._spans = sorted({*covered, *((chunk.start, chunk.end) for chunk in self._waiting)})
        self._failed: list[tuple[Chunk, GenerationError]] = []
        self._halted = False
        self._outputs: dict[int, str] = {}  # of parts under way, by where they begin
        self._lock = Lock()

    def parts(self) -> list[ReadPart]:
        """Every part in the order of the text, but those left out.

        The first is asked alone, unless it is known whom the text is about: the others are told.
        Raises the GenerationError of the first part that failed, when the others are done;
        StoppedError at once.
        """
        self._show(None)
        waiting = self._waiting
        if len(waiting) > 1 and not (self._task.about or self._name):
            self._read(waiting[0])
            waiting = waiting[1:]
        in_parallel(self._read, waiting, self._turns.count)
        if self._failed:
            raise self._fault()
        return sorted(self._done, key=lambda part: part.start)

    def _read(self, chunk: Chunk) -> None:
        """Ask about one part, or about its halves if it does not fit into the model's context."""
        try:
            with self._turns.one(self._stop):
                if self._halted:
                    return
                part = self._ask(chunk)
        except GenerationError as fault:
            if isinstance(fault, TextTooLongError) and len(chunk.text) >= _CUT_CHARACTERS:
                self._read_halves(chunk)
            else:
                self._fail(chunk, fault)
            return
        if part.cut_at and len(chunk.text) >= _CUT_CHARACTERS:
            self._read_halves(chunk)
        else:
            self._keep(part)

    def _read_halves(self, chunk: Chunk) -> None:
        halves = _halves(chunk)
        with self._lock:
            self._spans.remove((chunk.start, chunk.end))
            self._spans = sorted([*self._spans, *((half.start, half.end) for half in halves)])
        for half in halves:
            self._read(half)

    def _ask(self, chunk: Chunk) -> ReadPart:
        self._show(chunk, "")
        with self._lock:
            number = self._spans.index((chunk.start, chunk.end)) + 1
            part = Part(number, len(self._spans), self._name, self._task.about)
        usage = NO_TOKENS

        def pay(took: Usage) -> None:
            nonlocal usage
            usage += took
            with self._lock:
                self.paid += took
            self._show(chunk)

        def ask(part: Part) -> Reply:
            prompt = build_prompt(chunk.text, answer_schema(), part)
            return self._chat.ask(
                prompt,
                lambda output: self._show(chunk, output),
                self._stop,
                pay,
                spending=self._task.spending,
            )

        reply = ask(part)
        self._show(chunk, reply.answer.model_dump_json(indent=2))
        claims = claims_of(reply.answer)
        if self._reads_twice and part.count > 1:
            claims = (*claims, *_missed(ask, part, claims))
        kept = tuple(map(storable, claims))
        return ReadPart(chunk.start, chunk.end, self._made_by, kept, usage, _cut_at(reply))

    def _keep(self, part: ReadPart) -> None:
        with self._lock:
            self._done.append(part)
        self._task.parts.add(part)
        self._show(None)
        with self._lock:
            if len(self._outputs) > 1:  # the last one stays to be seen
                self._outputs.pop(part.start, None)

    def _fail(self, chunk: Chunk, fault: GenerationError) -> None:
        with self._lock:
            self._failed.append((chunk, fault))
            self._halted = self._halted or not isinstance(fault, _OF_THE_PART)
        self._task.parts.fail(FailedPart(chunk.start, chunk.end, self._made_by, fault))

    def _fault(self) -> GenerationError:
        """The fault of the first failed part, which says what of the text is kept."""
        chunk, fault = min(self._failed, key=lambda failed: failed[0].start)
        count = len(self._spans)
        if count == 1:
            return fault
        number = self._spans.index((chunk.start, chunk.end)) + 1
        problem = f"Part {number} of {count} could not be read: {fault.problem}"
        kept = len(self._done)
        what = "part is" if kept == 1 else "parts are"
        advice = f"{fault.advice} {kept} {what} read and kept: only what is missing is asked again."
        told = type(fault)(problem, advice if kept else fault.advice)
        told.retry_after = fault.retry_after
        return told

    @property
    def _name(self) -> str | None:
        """The first name that the parts read so far give."""
        parts = sorted(self._done, key=lambda part: part.start)
        claims = (claim for part in parts for claim in part.claims)
        names = (claim.value for claim in claims if claim.field == SUBJECT_FIELD)
        return next(names, None)

    def _show(self, chunk: Chunk | None, output: str | None = None) -> None:
        """Tell how far all is, with the output of the earliest part under way."""
        with self._lock:
            if chunk and output is not None:
                self._outputs[chunk.start] = output
            shown = self._outputs[min(self._outputs)] if self._outputs else ""
            progress = Progress(len(self._done), len(self._spans), shown, self.paid)
        self._on_progress(progress)


def _missed(
    ask: Callable[[Part], Reply], part: Part, claims: tuple[Claim, ...]
) -> tuple[Claim, ...]:
    """What a second reading finds beside `claims`; nothing if it fails: the first one is kept."""
    found: dict[str, list[str]] = {}
    for claim in claims:
        found.setdefault(claim.field, []).append(claim.value)
    again = replace(part, found=json.dumps(found, ensure_ascii=False))
    try:
        more = claims_of(ask(again).answer)
    except GenerationError as fault:
        log.warning("The second reading of a part failed: %s", fault.kind)
        return ()
    single = {spec.name for spec in FIELDS if spec.kind == "single" and spec.name in found}
    return tuple(claim for claim in more if claim not in claims and claim.field not in single)


def _halves(chunk: Chunk) -> list[Chunk]:
    pieces = split_text(chunk.text, -(-len(chunk.text) * 2 // 3))
    return [
        Chunk(chunk.start + piece.start, chunk.start + piece.end, piece.text) for piece in pieces
    ]


def _cut_at(reply: Reply) -> int | None:
    """The tokens read of a prompt that the server cut without a word, as Ollama does.

    Then it counts exactly its context, a power of two, and fewer tokens than it was sent.
    """
    counted = reply.prompt_tokens
    is_context = counted >= _LEAST_CONTEXT and counted.bit_count() == 1
    return counted if is_context and counted < reply.estimated_tokens * _SURELY_FEWER else None
