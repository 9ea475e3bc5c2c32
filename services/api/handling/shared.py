"""One call for all who ask the same at the same time.

Whoever asks while a call is under way gets the next one, which begins after they asked: nobody gets
an answer that is older than their question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Shared(Generic[Answer]):
    """Calls by name, in one event loop."""

    def __init__(self, call: Callable[[str], Awaitable[Answer]]) -> None:
        self._call = call
        self._running: dict[str, asyncio.Task[Answer]] = {}
        self._next: dict[str, asyncio.Task[Answer]] = {}

    async def ask(self, name: str) -> Answer:
        """What a call answers that begins now or later. Raises what it raises."""
        if name not in self._next:
            self._next[name] = asyncio.create_task(self._turn(name, self._running.get(name)))
        return await asyncio.shield(self._next[name])

    async def _turn(self, name: str, before: asyncio.Task[Answer] | None) -> Answer:
        if before is not None:
            await asyncio.wait([before])
        own = self._running[name] = self._next.pop(name)  # who asks from here on gets another
        try:
            return await self._call(name)
        finally:
            if self._running.get(name) is own:
                del self._running[name]
