"""What every engine promises: from a text to claims, telling its progress on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from services.engines.live_view import live_view
from services.engines.parts import NotRead, Parts
from services.engines.spending import UNLIMITED, Spending
from services.engines.stopping import NEVER, Stop
from services.engines.usage import NO_TOKENS, Usage
from services.evidence.schema import Claim
from services.evidence.text.chunking import Chunk


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
    """What an engine has so far: chunks done of all, its output as it came, tokens paid now."""

    chunks_done: int
    chunks: int
    output: str = ""
    usage: Usage = NO_TOKENS

    @property
    def view(self) -> str:
        """The output for people who watch; made only for them, as it takes a while."""
        return live_view(self.output)


@dataclass(frozen=True)
class Draft:
    """What an engine found, before any of it is checked against the text.

    `sources` has for each claim the part of the text it was drafted from; empty if that is always
    the whole text. `usage` counts the parts that were read by earlier tries, too.
    """

    claims: tuple[Claim, ...]
    engine: str
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage | None = None
    chunks: int = 1
    notes: tuple[str, ...] = ()
    sources: tuple[Chunk, ...] = ()
    not_read: tuple[NotRead, ...] = ()


@dataclass(frozen=True)
class Task:
    """What is known beside the text: whom the persona is about ("" if nobody said so), and which
    parts of the text were read before. `spending` is asked before each request to a server."""

    about: str = ""
    parts: Parts = field(default_factory=Parts)
    spending: Spending = UNLIMITED

    def within(self, start: int, end: int) -> Task:
        """The same for text[start:end]."""
        return replace(self, parts=self.parts.within(start, end))


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
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        """Draft claims about the person in `text`. Raises GenerationError; never returns half.

        What `task` says was read is not read again; a part that it leaves out is missing in the
        draft, which says so.
        Raises StoppedError at once when `stop` is set, wherever it waits.
        """
        ...

    def estimate(self, text: str) -> Estimate | None:
        """Tokens that `generate(text)` will take; None for engines without tokens.

        Raises TextTooLongError as `generate` does. Sends nothing.
        """
        ...

    def most(self, text: str) -> Usage | None:
        """Tokens that one try of `text` takes at most; None for engines without tokens.

        Raises TextTooLongError as `generate` does. Sends nothing.
        """
        ...
