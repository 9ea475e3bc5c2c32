"""What drafting many texts will take: tokens and cost, as a range."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.engines.generator import Estimate
from services.engines.prices import Prices
from services.engines.usage import NO_TOKENS, Usage
from services.errors import TextTooLongError

# Estimates of one text are cautious: a token is taken for three bytes, an answer for a long one.
_LEAST_READ = 0.7
_LEAST_WRITTEN = 0.25
_AROUND_SAMPLE = 0.2  # what the others may differ by from those that were tried


class Engine(Protocol):
    """What is asked of an engine; None where it takes no tokens. Raises TextTooLongError."""

    def estimate(self, text: str) -> Estimate | None: ...

    def most(self, text: str) -> Usage | None: ...


@dataclass(frozen=True)
class Range:
    """Tokens, from least to most; cost in USD, None where no price is known.

    `cap`: with as much allowed (USD, or tokens where no price is known) all are drafted. It is more
    than the most that they will take: a try that might take more than is left is not begun.
    """

    least: Usage
    most: Usage
    cap: float
    cap_at_once: float
    """The same where all are asked at once, as in files: each is set aside at its most."""
    cost: tuple[float, float] | None = None
    too_long: int = 0  # texts that the engine does not take, which are left out of it


class TextEstimates:
    """What an engine expects each of many texts to take, by their numbers."""

    def __init__(self, engine: Engine) -> None:
        self.has_tokens = True
        self.too_long: set[int] = set()
        self._engine = engine
        self._largest = NO_TOKENS  # what one try may take
        self._read = array("Q")
        self._written = array("Q")

    def add(self, text: str) -> None:
        """The next text."""
        usage = NO_TOKENS
        try:
            estimate = self._engine.estimate(text) if self.has_tokens else None
            if estimate is None:
                self.has_tokens = False
            else:
                usage = estimate.usage
                most = self._engine.most(text) or NO_TOKENS
                self._largest = max(self._largest, most, key=_tokens)
        except TextTooLongError:
            self.too_long.add(len(self._read))
        self._read.append(usage.input_tokens)
        self._written.append(usage.output_tokens)

    def most(self, numbers: Iterable[int]) -> Usage:
        """The most that these will take."""
        chosen = list(numbers)
        return Usage(
            sum(self._read[number] for number in chosen),
            sum(self._written[number] for number in chosen),
        )

    def range(
        self, numbers: Sequence[int], prices: Prices, sample: float | None = None
    ) -> Range | None:
        """What these will take; None for an engine without tokens.

        `sample`: what others of them took, as a share of what they were expected to take at most.
        """
        if not self.has_tokens:
            return None
        most = self.most(numbers)
        least = _times(most, _LEAST_READ, _LEAST_WRITTEN)
        if sample:
            less, more = sample * (1 - _AROUND_SAMPLE), sample * (1 + _AROUND_SAMPLE)
            least, most = _times(most, less, less), _times(most, more, more)
        low, high = prices.cost(least), prices.cost(most)
        cost = None if low is None or high is None else (low, high)
        one = prices.cost(self._largest)
        cap = cost[1] + (one or 0.0) if cost else float(_tokens(most) + _tokens(self._largest))
        share = prices.batch_share if cost else 1.0
        at_once = len(numbers) * share * (one if cost and one else float(_tokens(self._largest)))
        too_long = len(self.too_long.intersection(numbers))
        return Range(least, most, cap, max(cap, at_once), cost, too_long)


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def _times(usage: Usage, read: float, written: float) -> Usage:
    return Usage(round(usage.input_tokens * read), round(usage.output_tokens * written))
