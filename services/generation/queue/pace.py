"""The pace at which one process sends requests to a model server: the limits of all, a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Protocol

from services.database.patience import patiently
from services.engines.spending import Settle
from services.engines.stopping import Stop
from services.engines.usage import Usage

_FRESH_SECONDS = 2.0  # within which a request is sent; the database counts on it (026)
_LONGEST_SECONDS = 1.0  # until it is asked again: others may have taken less than they might


class TurnsOfAll(Protocol):
    """Where the turns of all processes are counted."""

    def take_turns(
        self,
        server: str,
        limits: dict[str, int | None],
        wanted: list[int],
        used: dict[int, int],
        share: float,
    ) -> tuple[list[int], float]:
        """Turns for the first of `wanted`, and seconds until it is worth asking for the others."""
        ...


@dataclass(eq=False)
class _Waiting:
    tokens: int
    turn: int | None = None
    asked_at: float = 0.0


class Pace:
    """Spending at a pace. Whoever comes first asks for all that wait in this process."""

    def __init__(
        self, turns: TurnsOfAll, server: str, requests: int | None, tokens: int | None, share: float
    ) -> None:
        """`requests`, `tokens` a minute, None for no limit; `share` of them that is used."""
        self._turns = turns
        self._server = server
        self._limits = {"requests": requests, "tokens": tokens}
        self._share = share
        self._waiting: list[_Waiting] = []
        self._used: dict[int, int] = {}
        self._not_before = 0.0
        self._lock = Lock()
        self._asking = Lock()

    def begin(self, most: Usage, stop: Stop) -> Settle:
        """Wait for a turn. Raises StoppedError; DatabaseError for a fault that does not pass."""
        entry = _Waiting(most.input_tokens + most.output_tokens)
        with self._lock:
            self._waiting.append(entry)
        try:
            while not self._has_fresh_turn(entry):
                stop.check()
                self._ask_for_all(entry, stop)
        finally:
            with self._lock:
                if entry in self._waiting:
                    self._waiting.remove(entry)
        return partial(self._settle, entry.turn)

    def _settle(self, turn: int | None, took: Usage | None) -> None:
        if turn is not None and took is not None:
            with self._lock:
                self._used[turn] = took.input_tokens + took.output_tokens

    def _has_fresh_turn(self, entry: _Waiting) -> bool:
        if entry.turn is None:
            return False
        if time.monotonic() - entry.asked_at < _FRESH_SECONDS:
            return True
        entry.turn = None  # this thread was not run for long: it counts, and is asked for again
        with self._lock:
            self._waiting.append(entry)
        return False

    def _ask_for_all(self, entry: _Waiting, stop: Stop) -> None:
        with self._asking:
            if entry.turn is not None:
                return
            pause = self._not_before - time.monotonic()
            if pause <= 0:
                self._ask(stop)
                return
        stop.wait(min(pause, _LONGEST_SECONDS))

    def _ask(self, stop: Stop) -> None:
        with self._lock:
            waiting = list(self._waiting)
            used, self._used = self._used, {}
        asked_at = time.monotonic()
        wanted = [one.tokens for one in waiting]
        turns, wait = patiently(
            lambda: self._turns.take_turns(self._server, self._limits, wanted, used, self._share),
            stop,
        )
        with self._lock:
            for one, turn in zip(waiting, turns, strict=False):
                one.turn, one.asked_at = turn, asked_at
                if one in self._waiting:
                    self._waiting.remove(one)
            if len(turns) < len(waiting):
                self._not_before = time.monotonic() + min(wait, _LONGEST_SECONDS)
