"""The parts of a text as an engine reads them: each kept when it is done, and asked for once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeVar

from services.engines.usage import NO_TOKENS, Usage
from services.errors import GenerationError
from services.evidence.schema import Claim
from services.evidence.text.chunking import Chunk

Span = tuple[int, int]  # code points of the text, end exclusive


@dataclass(frozen=True)
class ReadPart:
    """What an engine read in text[start:end].

    `made_by` names how it asked (model and prompt): what was made otherwise is not used.
    """

    start: int
    end: int
    made_by: str
    claims: tuple[Claim, ...]
    usage: Usage = NO_TOKENS
    cut_at: int | None = None
    """Tokens the server read of it, where it cut the rest without a word."""


@dataclass(frozen=True)
class FailedPart:
    """text[start:end] could not be read."""

    start: int
    end: int
    made_by: str
    fault: GenerationError


@dataclass(frozen=True)
class NotRead:
    """text[start:end] was left out on somebody's word, after this fault."""

    start: int
    end: int
    reason: str


class Parts:
    """The parts of one text that are read, or left out; `keep` and `note` hear of new ones.

    Safe to share by threads; `keep` and `note` are called from those.
    """

    def __init__(
        self,
        read: Iterable[ReadPart] = (),
        left_out: Iterable[NotRead] = (),
        keep: Callable[[ReadPart], object] = lambda _: None,
        note: Callable[[FailedPart], object] = lambda _: None,
    ) -> None:
        self.left_out = tuple(left_out)
        self._read = list(read)
        self.paid_before = sum((part.usage for part in self._read), NO_TOKENS)
        """For parts that were read before, whoever made them."""
        self._keep = keep
        self._note = note
        self._lock = Lock()

    def made_by(self, maker: str) -> list[ReadPart]:
        """What was read in this way, in the order of the text."""
        with self._lock:
            return sorted(
                (part for part in self._read if part.made_by == maker), key=lambda part: part.start
            )

    def add(self, part: ReadPart) -> None:
        """A part that was just read."""
        with self._lock:
            self._read.append(part)
        self._keep(part)

    def fail(self, part: FailedPart) -> None:
        """A part that could not be read."""
        self._note(part)

    def within(self, start: int, end: int) -> Parts:
        """The parts of text[start:end], whose places count from there."""

        def here(part: ReadPart | NotRead) -> bool:
            return start <= part.start and part.end <= end

        return Parts(
            [_moved(part, -start) for part in self._read if here(part)],
            [_moved(part, -start) for part in self.left_out if here(part)],
            lambda part: self.add(_moved(part, start)),
            lambda part: self.fail(_moved(part, start)),
        )


def missing(chunks: Iterable[Chunk], covered: Iterable[Span]) -> list[Chunk]:
    """What of `chunks` none of the spans covers, in the order of the text."""
    spans = sorted(covered)
    found: list[Chunk] = []
    for chunk in chunks:
        at = chunk.start
        for start, end in [*spans, (chunk.end, chunk.end)]:
            until = min(start, chunk.end)
            if at < until:
                found.append(Chunk(at, until, chunk.text[at - chunk.start : until - chunk.start]))
            at = max(at, end)
    return found


_Part = TypeVar("_Part", ReadPart, FailedPart, NotRead)


def _moved(part: _Part, by: int) -> _Part:
    return replace(part, start=part.start + by, end=part.end + by)
