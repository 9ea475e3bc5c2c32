"""What a generation will take and costs, if the team told us its prices."""

from __future__ import annotations

from dataclasses import dataclass

from services.engines.generator import Usage
from services.settings import Settings

_TOKENS_PER_PRICE = 1_000_000


@dataclass(frozen=True)
class Prices:
    """USD per million tokens of input and output; None where the team has not said."""

    input: float | None = None
    output: float | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Prices:
        return cls(settings.openai_price_input, settings.openai_price_output)

    def cost(self, usage: Usage) -> float | None:
        """USD, None unless both prices are known. Cached input counts in full: an upper bound."""
        if self.input is None or self.output is None:
            return None
        spent = usage.input_tokens * self.input + usage.output_tokens * self.output
        return spent / _TOKENS_PER_PRICE
