"""What every engine promises: from a text to claims, telling its progress on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.engines.stopping import NEVER, Stop
from services.evidence.schema import Claim
from services.evidence.text.chunking import Chunk


@dataclass(frozen=True)
class Usage:
    """Tokens as the model server counted them; `cached_input_tokens` are part of the input."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
        )


@dataclass(frozen=True)
class Estimate:
    """Tokens a text will take, before anything is sent, and the requests it is cut into."""

    input_tokens: int
    output_tokens: int
    chunks: int

    @property
    def usage(self) -> Usage:
        return Usage(self.input_tokens, self.output_tokens)


@dataclass(frozen=True)
class Progress:
    """What an engine has so far: chunks done of all, the live output as text, tokens paid."""

    chunks_done: int
    chunks: int
    output: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True)
class Draft:
    """What an engine found, before any of it is checked against the text.

    `sources` has for each claim the part of the text it was drafted from; empty if that is always
    the whole text.
    """

    claims: tuple[Claim, ...]
    engine: str
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage | None = None
    chunks: int = 1
    notes: tuple[str, ...] = ()
    sources: tuple[Chunk, ...] = ()


ProgressListener = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """A listener for callers that do not show progress."""


class Generator(Protocol):
    """An engine. `generate` may be called from several threads at once."""

    name: str
    """Short name stored with the persona: "offline", "openai"."""

    model: str | None
    """Model name, None for engines without a model."""

    def generate(
        self, text: str, on_progress: ProgressListener = ignore_progress, stop: Stop = NEVER
    ) -> Draft:
        """Draft claims about the person in `text`. Raises GenerationError; never returns half.

        Raises StoppedError at once when `stop` is set, wherever it waits.
        """
        ...

    def estimate(self, text: str) -> Estimate | None:
        """Tokens that `generate(text)` will take; None for engines without tokens.

        Raises TextTooLongError as `generate` does. Sends nothing.
        """
        ...
