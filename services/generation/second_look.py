"""A second look at what was only inferred: what its words do not carry becomes a proposal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from services.engines.spending import UNLIMITED, Spending
from services.engines.stopping import Stop
from services.engines.usage import NO_TOKENS, Usage
from services.errors import GenerationError
from services.evidence.checking import CheckedPersona
from services.evidence.pointers import claims_of_persona, tokens
from services.evidence.schema import Claim


@runtime_checkable
class LooksAgain(Protocol):
    """An engine that can judge claims by their words."""

    looks_again: bool

    def doubted(
        self,
        claims: Sequence[Claim],
        stop: Stop,
        pay: Callable[[Usage], object],
        spending: Spending = UNLIMITED,
    ) -> list[Claim]:
        """Those of `claims` that their quotes do not carry. Raises GenerationError."""
        ...


@dataclass(frozen=True)
class SecondLook:
    """What came of it: the claims that were looked at, those that fell, what it took."""

    checked: int
    doubted: tuple[Claim, ...] = ()
    usage: Usage = NO_TOKENS
    fault: GenerationError | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """For the analyst, where it could not be made: the draft is kept as it was."""
        if self.fault is None:
            return ()
        return (f"The second look could not be made: {self.fault.problem}",)


def look_again(
    engine: object,
    checked: CheckedPersona,
    stop: Stop,
    pay: Callable[[Usage], object],
    spending: Spending = UNLIMITED,
) -> SecondLook | None:
    """Have the engine judge the inferred claims of the persona; None if it does not do that.

    `pay` hears of every request. Raises StoppedError.
    """
    if not (isinstance(engine, LooksAgain) and engine.looks_again):
        return None
    claims = inferred(checked)
    if not claims:
        return SecondLook(0)
    paid: list[Usage] = []

    def count(usage: Usage) -> None:
        paid.append(usage)
        pay(usage)

    try:
        fallen = engine.doubted(claims, stop, count, spending)
    except GenerationError as fault:
        return SecondLook(0, usage=sum(paid, NO_TOKENS), fault=fault)
    return SecondLook(len(claims), tuple(fallen), sum(paid, NO_TOKENS))


def inferred(checked: CheckedPersona) -> list[Claim]:
    """The claims of the persona that are a reading of their words, with the words of the text."""
    values = dict(claims_of_persona(checked.persona))
    return [
        Claim(tokens(item.path)[0], str(values[item.path]), item.quote)
        for item in checked.evidence
        if item.support == "inferred" and item.path in values
    ]
