"""Leave to send requests to a model server: at a pace, and within what a piece of work may take."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Protocol

from services.engines.prices import Prices
from services.engines.stopping import Stop
from services.engines.usage import NO_TOKENS, Usage
from services.errors import OverReserveError

Settle = Callable[[Usage | None], None]
"""Told once what a request took; None: it may have been answered, and nobody knows."""


class Spending(Protocol):
    """Asked before every request."""

    def begin(self, most: Usage, stop: Stop) -> Settle:
        """Wait until a request that takes at most `most` may be sent.

        Raises OverReserveError if it must not, StoppedError after a stop.
        """
        ...


class Unlimited:
    """Whoever asks may send at once."""

    def begin(self, most: Usage, stop: Stop) -> Settle:  # noqa: ARG002 - as others are asked
        return _forget


UNLIMITED = Unlimited()


class Both:
    """Asks one, and then the other."""

    def __init__(self, first: Spending, second: Spending) -> None:
        self._first, self._second = first, second

    def begin(self, most: Usage, stop: Stop) -> Settle:
        told_first = self._first.begin(most, stop)
        try:
            told_second = self._second.begin(most, stop)
        except BaseException:
            told_first(NO_TOKENS)  # it is not sent
            raise

        def settle(took: Usage | None) -> None:
            told_second(took)
            told_first(took)

        return settle


class Budget:
    """What one try of a request may take, and took: the requests of its parts together.

    With `usd` or `tokens` None there is no limit of that kind. A request is begun only if the most
    it takes fits beside what was taken and what the others under way take at most: so the limit
    holds whatever the server answers. A request of which nobody knows counts as the most.
    """

    def __init__(self, usd: float | None, tokens: int | None, prices: Prices) -> None:
        self._usd, self._tokens = usd, tokens
        self._prices = prices
        self._held = NO_TOKENS
        self._lock = Lock()
        self.taken = NO_TOKENS

    @property
    def usd(self) -> float:
        """USD taken; 0 where prices are not known."""
        return self._prices.cost(self.taken) or 0.0

    @property
    def tokens(self) -> int:
        """Tokens of input and output taken."""
        return _tokens(self.taken)

    def begin(self, most: Usage, stop: Stop) -> Settle:  # noqa: ARG002 - it does not wait
        with self._lock:
            if not self._fits(self.taken + self._held + most):
                raise OverReserveError
            self._held += most
        return lambda took: self._settle(most, most if took is None else took)

    def _settle(self, most: Usage, took: Usage) -> None:
        with self._lock:
            self._held -= most
            self.taken += took

    def _fits(self, usage: Usage) -> bool:
        cost = self._prices.cost(usage)
        in_money = self._usd is None or cost is None or cost <= self._usd + _ROUNDING
        return in_money and (self._tokens is None or _tokens(usage) <= self._tokens)


_ROUNDING = 1e-9  # USD


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def _forget(_: Usage | None) -> None:
    """Nobody counts."""
