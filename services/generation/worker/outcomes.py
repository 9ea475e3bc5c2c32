"""What becomes of a request whose try came to no persona: decided from the fault alone."""

from __future__ import annotations

import random

from services import errors
from services.errors import DashboardError
from services.generation.queue.stored import Outcome

_AGAIN_AFTER = 1.0  # seconds; doubles with each try
_LONGEST = 300.0

# The server is at fault, not the text: another text would meet it too.
_PASSING = (
    errors.RateLimitedError,
    errors.ModelServerError,
    errors.ModelTimeoutError,
    errors.ModelUnreachableError,
)
_FOR_A_PERSON = (
    errors.ModelUnauthorizedError,
    errors.ModelNotFoundError,
    errors.QuotaExceededError,
)
# The server answered, and may answer otherwise another time.
_CHANCE = (errors.InvalidOutputError, errors.NoClaimsError, errors.OverReserveError)


def outcome_of(fault: DashboardError, attempt: int) -> Outcome:
    """How the try number `attempt` (from 1) ends after this fault."""
    kind = fault.kind if isinstance(fault, errors.GenerationError) else "failed"
    if isinstance(fault, _PASSING):
        return Outcome("queued", kind, str(fault), pause_after(fault, attempt), down=1)
    if isinstance(fault, _FOR_A_PERSON):
        return Outcome("queued", kind, str(fault), pause_after(fault, attempt), down=2)
    if isinstance(fault, _CHANCE):
        return Outcome("queued", kind, str(fault), pause_after(fault, attempt), down=0)
    return Outcome("failed", kind, str(fault))


def pause_after(fault: DashboardError, attempt: int) -> float:
    """Seconds until the next try: twice as long each time, varied, and as long as was asked for."""
    pause = min(_AGAIN_AFTER * 2 ** (attempt - 1), _LONGEST)
    asked = getattr(fault, "retry_after", None) or 0.0
    return float(max(pause, asked) * random.uniform(1, 1.25))  # noqa: S311 - no secret
