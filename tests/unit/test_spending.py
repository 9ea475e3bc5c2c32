"""What a try may take, at which pace it asks, and what becomes of it when it fails."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services import errors
from services.engines.prices import Prices
from services.engines.spending import Both, Budget
from services.engines.stopping import NEVER, Stop, StoppedError
from services.engines.usage import Usage
from services.errors import OverReserveError
from services.generation.queue.pace import Pace
from services.generation.worker.outcomes import outcome_of

MOST = Usage(100, 50)
PRICES = Prices(1_000_000.0, 2_000_000.0)  # a token of input costs 1 USD, of output 2


def test_a_budget_lets_through_what_fits_beside_all_that_may_still_be_taken() -> None:
    budget = Budget(None, 400, Prices())
    first, second = budget.begin(MOST, NEVER), budget.begin(MOST, NEVER)
    with pytest.raises(OverReserveError):
        budget.begin(MOST, NEVER)
    first(Usage(40, 10))
    third = budget.begin(MOST, NEVER)
    assert budget.tokens == 50
    second(None)  # nobody knows what it took
    third(Usage())  # it was refused
    assert budget.tokens == 50 + 150
    budget.begin(MOST, NEVER)
    with pytest.raises(OverReserveError):
        budget.begin(MOST, NEVER)


def test_a_budget_in_money_goes_by_the_prices() -> None:
    budget = Budget(400.0, None, PRICES)
    settle = budget.begin(MOST, NEVER)
    budget.begin(MOST, NEVER)
    with pytest.raises(OverReserveError):
        budget.begin(Usage(1), NEVER)
    settle(Usage(99, 50))
    assert budget.usd == 199
    budget.begin(Usage(1), NEVER)


def test_what_the_second_refuses_the_first_gets_back() -> None:
    first, second = Budget(None, 150, Prices()), Budget(None, 0, Prices())
    for _ in range(3):
        with pytest.raises(OverReserveError):
            Both(first, second).begin(MOST, NEVER)
    first.begin(MOST, NEVER)


class Turns:
    """Lets `free` through, and counts how it was asked."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.asked: list[tuple[list[int], dict[int, int]]] = []
        self._given = 0
        self._lock = threading.Lock()

    def take_turns(
        self,
        server: str,
        limits: object,
        wanted: list[int],
        used: dict[int, int],
        share: float,
    ) -> tuple[list[int], float]:
        with self._lock:
            self.asked.append((list(wanted), dict(used)))
            given = min(self.free, len(wanted))
            self.free -= given
            self._given += given
            turns = list(range(self._given - given + 1, self._given + 1))
            return turns, 0.0 if given == len(wanted) else 0.05


def test_a_pace_lets_each_through_once_and_tells_what_it_took() -> None:
    turns = Turns(40)
    pace = Pace(turns, "s", 40, None, 1.0)
    with ThreadPoolExecutor(40) as pool:
        settled = list(pool.map(lambda _: pace.begin(MOST, NEVER), range(40)))
    assert turns.free == 0
    assert len(turns.asked) <= 40
    for settle in settled:
        settle(Usage(1, 1))
    turns.free = 1
    pace.begin(MOST, NEVER)
    assert turns.asked[-1][1] == dict.fromkeys(range(1, 41), 2)


def test_who_waits_for_a_turn_can_be_stopped_and_others_go_on() -> None:
    turns, stop = Turns(0), Stop()
    pace = Pace(turns, "s", 1, None, 1.0)
    with ThreadPoolExecutor(2) as pool:
        stopped = pool.submit(pace.begin, MOST, stop)
        waiting = pool.submit(pace.begin, MOST, NEVER)
        stop.set()
        with pytest.raises(StoppedError):
            stopped.result(10)
        turns.free = 1
        waiting.result(10)(None)


@pytest.mark.parametrize(
    ("fault", "status", "down"),
    [
        (errors.RateLimitedError(retry_after=30), "queued", 1),
        (errors.ModelServerError(), "queued", 1),
        (errors.ModelUnreachableError(), "queued", 1),
        (errors.ModelTimeoutError(), "queued", 1),
        (errors.ModelUnauthorizedError(), "queued", 2),
        (errors.QuotaExceededError(), "queued", 2),
        (errors.InvalidOutputError(), "queued", 0),
        (errors.OverReserveError(), "queued", 0),
        (errors.ModelRefusedError(), "failed", None),
        (errors.OutputTruncatedError(), "failed", None),
        (errors.TextTooLongError(), "failed", None),
        (errors.InvalidInputError("No engine.", "Choose one."), "failed", None),
    ],
)
def test_what_becomes_of_a_try(fault: errors.DashboardError, status: str, down: int | None) -> None:
    first, third = outcome_of(fault, 1), outcome_of(fault, 3)
    assert (first.status, first.down, first.error) == (status, down, str(fault))
    assert first.kind == getattr(fault, "kind", "failed")
    if status == "queued":
        asked = getattr(fault, "retry_after", None) or 0
        assert max(1, asked) <= first.after_seconds <= max(1, asked) * 1.25
        assert third.after_seconds >= max(4, asked)
