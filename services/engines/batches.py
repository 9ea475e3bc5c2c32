"""Questions asked in files, for hours and at a lower price: what an engine that can do it promises.

A file of questions goes to the server, which answers when it has time, within a day. What it has
answered is paid for, also if its time ran out or somebody cancelled the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol, runtime_checkable

from services.engines.parts import ReadPart
from services.engines.stopping import Stop
from services.engines.usage import NO_TOKENS, Usage
from services.errors import GenerationError
from services.evidence.schema import Claim

State = Literal[
    "validating",
    "in_progress",
    "finalizing",
    "cancelling",
    "completed",
    "failed",
    "expired",
    "cancelled",
]
ENDED: frozenset[State] = frozenset(("completed", "failed", "expired", "cancelled"))


@dataclass(frozen=True)
class ServerBatch:
    """A file of questions as the server sees it. `fault`: why it takes none of them."""

    id: str
    state: State
    input_file: str | None = None
    output_file: str | None = None
    error_file: str | None = None
    total: int = 0
    completed: int = 0
    failed: int = 0
    fault: GenerationError | None = None

    @property
    def has_ended(self) -> bool:
        """Nothing more will be answered; its files are complete."""
        return self.state in ENDED

    @property
    def files(self) -> tuple[str, ...]:
        """Those that hold answers or refusals."""
        return tuple(name for name in (self.output_file, self.error_file) if name)


@dataclass(frozen=True)
class BatchAnswer:
    """What came of one question: claims, or a fault; and what it took, None if it does not say."""

    id: str
    claims: tuple[Claim, ...] = ()
    fault: GenerationError | None = None
    usage: Usage | None = NO_TOKENS
    made_by: str = ""

    def part(self, text: str) -> ReadPart:
        """The text that it was asked about, as it was read."""
        return ReadPart(0, len(text), self.made_by, self.claims, self.usage or NO_TOKENS)


class BatchServer(Protocol):
    """A server that answers files of questions. Every method raises GenerationError."""

    def send_file(self, tag: str, content: BinaryIO) -> str:
        """Send a file of lines; its id. `tag` is in its name."""
        ...

    def sent_file(self, tag: str) -> str | None:
        """The id of a file that was sent with this tag, if there is one."""
        ...

    def begin(self, tag: str, file: str) -> ServerBatch:
        """Have the file answered."""
        ...

    def begun(self, tag: str) -> ServerBatch | None:
        """What was begun with this tag, if anything was."""
        ...

    def look(self, batch: str) -> ServerBatch:
        """How far it is."""
        ...

    def cancel(self, batch: str) -> ServerBatch:
        """Answer no more of it. One that has ended stays as it is."""
        ...

    def answers(self, file: str) -> Iterator[BatchAnswer]:
        """What a file says, line by line; lines that cannot be read are left out."""
        ...

    def forget(self, files: Iterable[str]) -> None:
        """Delete the files at the server, as far as it does. Raises nothing."""
        ...


@runtime_checkable
class AsksInBatches(Protocol):
    """An engine whose questions can be asked in files."""

    @property
    def knows_server(self) -> bool:
        """Whether it is known how the server wants to be asked, from an answer it gave lately.

        Nobody is there to step down where it refuses a file.
        """
        ...

    def line(self, id: str, text: str, about: str = "") -> bytes | None:
        """The line of a file that asks about `text`; None if it takes more than one question."""
        ...

    def batch_server(self, stop: Stop) -> AbstractContextManager[BatchServer]:
        """The server, to be used within."""
        ...
