"""Tokens as a model server counts them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class Usage:
    """`cached_input_tokens` are part of the input, `reasoning_tokens` (thoughts) of the output.

    `batch_…` are those of input and output that were asked in a file, at the lower price of that.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    reasoning_tokens: int = 0
    batch_input_tokens: int = 0
    batch_output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, name) + getattr(other, name) for name in COUNTS))

    def __sub__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, name) - getattr(other, name) for name in COUNTS))

    def in_batch(self) -> Usage:
        """The same, asked in a file: servers give the lower price for that on all of it, and none
        besides for what was cached."""
        return Usage(
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            reasoning_tokens=self.reasoning_tokens,
            batch_input_tokens=self.input_tokens,
            batch_output_tokens=self.output_tokens,
        )

    def as_json(self) -> dict[str, int]:
        """As it is stored: the last two only where there are such tokens."""
        counts: dict[str, int] = asdict(self)
        return {name: n for name, n in counts.items() if n or not name.startswith("batch_")}


COUNTS = tuple(field.name for field in fields(Usage))
NO_TOKENS = Usage()
