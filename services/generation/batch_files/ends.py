"""How a question in a file ends that brings no persona: asked singly then, or a named failure."""

from __future__ import annotations

from typing import Any

from services.engines.prices import Prices
from services.engines.spending import Budget
from services.engines.usage import NO_TOKENS, Usage
from services.errors import (
    BatchExpiredError,
    GenerationError,
    InvalidOutputError,
    ModelRefusedError,
    NoClaimsError,
    OutputTruncatedError,
    OverReserveError,
    RateLimitedError,
    TextTooLongError,
)
from services.generation.batch_files.repository import StoredFile
from services.generation.queue.stored import Claimed, Cost
from services.generation.spent import spent_with
from services.settings import get_settings

_OF_THE_TEXT = (ModelRefusedError, OutputTruncatedError, NoClaimsError)
OF_ONE_TEXT = (*_OF_THE_TEXT, InvalidOutputError, OverReserveError, TextTooLongError)
"""Faults that another text need not meet."""
_CANCELLED = "The batch at the model server was cancelled before it came to this text."
_NOTHING = Cost()
_FULL_SECONDS = 900.0  # until a server that has too much waiting is given more


def cost_of(usage: Usage | None) -> Cost:
    """What a try took, as it is counted against a cap."""
    usage = usage or NO_TOKENS
    usd = Prices.from_settings(get_settings()).cost(usage)
    return Cost(usd or 0.0, usage.input_tokens + usage.output_tokens)


def budget_of(held: Claimed, spent: Cost = _NOTHING) -> Budget:
    """What may be asked beside what was `spent`, so that the most of the text is kept."""
    usd = None if held.max_usd is None else held.max_usd - spent.usd
    tokens = None if held.max_tokens is None else held.max_tokens - spent.tokens
    return Budget(usd, tokens, Prices.from_settings(get_settings()))


def end_of(
    file: StoredFile, held: Claimed, fault: GenerationError, usage: Usage | None = NO_TOKENS
) -> dict[str, Any]:
    """As `end_in_file` (028) is told. What was not paid for counts as no try of the text.

    Of what was paid and nobody knows how much (`usage` is None), the most is counted.
    """
    cost = Cost(held.max_usd or 0.0, held.max_tokens or 0) if usage is None else cost_of(usage)
    told = {
        "id": str(held.id),
        "attempt": held.attempts,
        "kind": fault.kind,
        "error": str(fault),
        "usd": cost.usd,
        "tokens": cost.tokens,
        "spent": spent_with(held.spent or {}, usage or NO_TOKENS),
    }
    if file.calls_after_files and not isinstance(fault, _OF_THE_TEXT):
        return {**told, "status": "queued", "by_calls": True, "returned": usage == NO_TOKENS}
    return {**told, "status": "failed"}


def given_back(
    held: Claimed, *, by_calls: bool = False, after_seconds: float = 0
) -> dict[str, Any]:
    """The same for one that was not asked: it waits as before, or to be asked singly."""
    return {
        "id": str(held.id),
        "attempt": held.attempts,
        "status": "queued",
        "returned": True,
        "by_calls": by_calls,
        "after_seconds": after_seconds,
    }


def unanswered(file: StoredFile, held: Claimed, fault: GenerationError | None) -> dict[str, Any]:
    """The same for one that no line of the files answers; `fault`: why the server took none."""
    if isinstance(fault, RateLimitedError):
        return given_back(held, after_seconds=_FULL_SECONDS)
    if fault is None and file.server_state in ("expired", "cancelled"):
        fault = BatchExpiredError(_CANCELLED if file.server_state == "cancelled" else None)
    return end_of(
        file,
        held,
        fault
        or InvalidOutputError(
            "The model server's files hold no answer to this text that can be read.",
            "Your text is kept. Run it again.",
        ),
    )
