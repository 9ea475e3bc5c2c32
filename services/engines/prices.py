"""What a generation will take and costs, if the team told us its prices."""

from __future__ import annotations

from dataclasses import dataclass

from services.engines.usage import Usage
from services.settings import Settings

_TOKENS_PER_PRICE = 1_000_000


@dataclass(frozen=True)
class Prices:
    """USD per million tokens; None where the team has not said. Cached input: as other input.

    `batch_share` is what of it the server takes for tokens that were asked in a file.
    """

    input: float | None = None
    output: float | None = None
    cached_input: float | None = None
    batch_share: float = 0.5

    @classmethod
    def from_settings(cls, settings: Settings) -> Prices:
        return cls(
            settings.openai_price_input,
            settings.openai_price_output,
            settings.openai_price_cached_input,
            settings.openai_batch_price_share,
        )

    def cost(self, usage: Usage) -> float | None:
        """USD, None unless the prices of input and output are known."""
        if self.input is None or self.output is None:
            return None
        cached_price = self.input if self.cached_input is None else self.cached_input
        cached = min(usage.cached_input_tokens, usage.input_tokens)
        spent = (usage.input_tokens - cached) * self.input + cached * cached_price
        spent += usage.output_tokens * self.output
        batch = usage.batch_input_tokens * self.input + usage.batch_output_tokens * self.output
        return (spent - batch * (1 - self.batch_share)) / _TOKENS_PER_PRICE
