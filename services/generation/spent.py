"""What a model takes at most, and was paid for work that came to no persona, over all tries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.engines.generator import Generator
from services.engines.parts import Span
from services.engines.prices import Prices
from services.engines.usage import COUNTS, NO_TOKENS, Usage
from services.settings import get_settings


def spent_with(before: Mapping[str, Any], usage: Usage) -> dict[str, Any] | None:
    """{usage, cost} as stored with a request; None if nothing was paid. Cost in USD or None."""
    total = usage_of(before) + usage
    if total == NO_TOKENS:
        return None
    now = Prices.from_settings(get_settings()).cost(usage)
    costs = [cost for cost in (before.get("cost"), now) if isinstance(cost, int | float)]
    return {"usage": total.as_json(), "cost": sum(costs) if costs else None}


def most_of(
    generator: Generator, text: str, spans: Sequence[Span] = ()
) -> tuple[float | None, int | None]:
    """What one try of `text` takes at most: USD (None without prices), tokens.

    `spans`: the texts that it is made of, if there are several. Both 0 for an engine that takes
    none. Raises TextTooLongError.
    """
    texts = [text[start:end] for start, end in spans] if len(spans) > 1 else [text]
    found = [generator.most(one) for one in texts]
    if None in found:
        return 0.0, 0
    most = sum((one for one in found if one), NO_TOKENS)
    cost = Prices.from_settings(get_settings()).cost(most)
    return cost, most.input_tokens + most.output_tokens


def usage_of(spent: Mapping[str, Any] | None) -> Usage:
    """The tokens of what is stored; none where it has another shape."""
    return usage_in(spent.get("usage") if spent else None)


def usage_in(stored: object) -> Usage:
    """Tokens as they are stored; none where they have another shape."""
    counts = stored if isinstance(stored, dict) else {}
    return Usage(*(_count(counts.get(name)) for name in COUNTS))


def _count(stored: Any) -> int:
    return stored if type(stored) is int and stored > 0 else 0
