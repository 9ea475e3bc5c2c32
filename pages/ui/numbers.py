"""Numbers as people write them."""

from __future__ import annotations

import math

from services.personas.finding.finder import Total


def amount(total: Total) -> str:
    """A number as people say it: exact, or "about 1.2 million"."""
    if total.exact:
        return f"{total.number:,}"
    if total.number >= 1_000_000:
        return f"about {total.number / 1_000_000:.1f} million"
    digits = max(0, len(str(total.number)) - 2)
    return f"about {round(total.number, -digits):,}"


def in_minutes(seconds: float) -> str:
    """A time to wait, roughly: "under a minute", "about 8 min", "about 3 h"."""
    if seconds < 60:
        return "under a minute"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {round(seconds / 3600)} h"


def money(usd: float) -> str:
    """USD with as many digits as tell something."""
    if usd >= 100:
        return f"{usd:,.0f}"
    return f"{usd:.2f}" if usd >= 0.1 or usd == 0 else f"{usd:.4f}"


def rounded_up(amount: float) -> float:
    """To two digits, upwards: 0.0123 is 0.013, 1234 is 1300."""
    if amount <= 0:
        return 0.01
    unit = 10.0 ** (math.floor(math.log10(amount)) - 1)
    return round(math.ceil(round(amount / unit, 6)) * unit, 10)
