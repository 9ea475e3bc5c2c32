"""How long the answer to one prompt may be: lowered to what the server allows and has room for."""

from __future__ import annotations

from dataclasses import replace

from services.engines.model.dialect import Dialect
from services.engines.model.faults.limits import Limits

_LEAST = 512  # tokens; with less there is hardly room for an answer
_MARGIN = 16  # tokens a server adds to what it counts
LIKELY = 0.8  # of the cautious estimate of a prompt; a server that finds it more says so


class OutputRoom:
    """Room for one answer, at most `most` tokens. What a refusal says narrows it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._least = min(_LEAST, most)
        self._left: int | None = None  # beside the prompt, as the server counted it

    def limit(self, dialect: Dialect, prompt_tokens: int) -> int:
        """Tokens to ask for; `prompt_tokens` is the cautious estimate."""
        limits = [self._most, dialect.max_output, self._left]
        if dialect.context and self._left is None:
            limits.append(max(dialect.context - int(prompt_tokens * LIKELY), self._least))
        return min(limit for limit in limits if limit is not None)

    def lowered(self, dialect: Dialect, limits: Limits, prompt_tokens: int) -> Dialect | None:
        """The dialect after a refusal with these figures; None where hardly any room is left."""
        now = self.limit(dialect, prompt_tokens)
        if limits.output:
            fits = self._least <= limits.output < now
            return replace(dialect, max_output=limits.output) if fits else None
        if limits.context is None:
            return self.halved(dialect, prompt_tokens)
        room = limits.context - (limits.prompt or prompt_tokens) - _MARGIN
        if room < self._least:
            return None
        if room >= now:  # the server counts otherwise than it says
            return self.halved(dialect, prompt_tokens)
        self._left = room
        return replace(dialect, context=limits.context)

    def halved(self, dialect: Dialect, prompt_tokens: int) -> Dialect | None:
        """The dialect with half the limit: the server did not say how much it allows."""
        half = self.limit(dialect, prompt_tokens) // 2
        return replace(dialect, max_output=half) if half >= self._least else None
