"""How much models think before they answer: thoughts are paid for as the answer is."""

from __future__ import annotations

import re
from threading import Lock

_THINKS = re.compile(
    r"(?:^|[/:])(?:o\d|gpt-[5-9]|gpt-oss)|reason|think|deepseek-r|qwq|magistral|qwen3",
    re.IGNORECASE,
)
_AT_FIRST = 1_000  # tokens an answer, of a model whose name tells that it thinks
_WEIGHT = 0.3  # of the newest answer


class ThoughtMemory:
    """Tokens of thoughts an answer, by server address and model. Safe to share by threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], float] = {}
        self._lock = Lock()

    def note(self, base_url: str, model: str, tokens: int) -> None:
        """An answer came after so many."""
        key = base_url, model
        with self._lock:
            before = self._known.get(key, tokens)
            self._known[key] = before + (tokens - before) * _WEIGHT

    def expected(self, base_url: str, model: str) -> int:
        """How many the next answer will take: as the last ones, or by the model's name."""
        with self._lock:
            known = self._known.get((base_url, model))
        if known is not None:
            return round(known)
        return _AT_FIRST if _THINKS.search(model) else 0


PROCESS_THOUGHTS = ThoughtMemory()
"""Shared by all generators of this process."""
