"""Trying again: how long the pauses are, and when it ends."""

from __future__ import annotations

from threading import Event, Timer

import pytest

from services.database.patience import patiently
from services.errors import (
    DatabaseBusyError,
    DatabaseDownError,
    DatabaseError,
    InvalidKeyError,
    RefusedValueError,
    TimeLimitError,
)


class Pauses(Event):
    """An event that only notes how long it was waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout or 0)
        return False


class Calls:
    """Fails with each fault in turn, then answers."""

    def __init__(self, *faults: DatabaseError) -> None:
        self.faults = list(faults)
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        if self.faults:
            raise self.faults.pop(0)
        return "stored"


def test_pauses_double_up_to_half_a_minute_and_vary() -> None:
    pauses = Pauses()
    assert patiently(Calls(*[DatabaseDownError()] * 9), pauses) == "stored"
    expected = [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    shares = [asked / wanted for asked, wanted in zip(pauses.asked, expected, strict=True)]
    assert all(1 <= share <= 1.25 for share in shares)
    assert len(set(shares)) > 1


def test_the_server_may_ask_for_longer_but_not_for_ever() -> None:
    pauses = Pauses()
    faults = [DatabaseBusyError(retry_after=seconds) for seconds in (7, 0, 86_400)]
    patiently(Calls(*faults), pauses)
    first, second, third = pauses.asked
    assert 7 <= first <= 8.75
    assert second < 2
    assert 300 <= third <= 375


@pytest.mark.parametrize("fault", [InvalidKeyError(), RefusedValueError()], ids=repr)
def test_what_does_not_pass_is_raised_at_once(fault: DatabaseError) -> None:
    calls = Calls(fault)
    with pytest.raises(type(fault)):
        patiently(calls, Event())
    assert calls.made == 1


def test_a_time_out_is_repeated_only_where_that_is_wanted() -> None:
    assert patiently(Calls(TimeLimitError()), Pauses()) == "stored"
    with pytest.raises(TimeLimitError):
        patiently(Calls(TimeLimitError()), Pauses(), remedies=("wait",))


def test_it_ends_after_its_time() -> None:
    with pytest.raises(DatabaseDownError):
        patiently(Calls(DatabaseDownError()), Event(), seconds=-1)


def test_a_stop_ends_the_pause_for_one_last_call() -> None:
    stopped = Event()
    Timer(0.1, stopped.set).start()
    calls = Calls(*[DatabaseBusyError(retry_after=60)] * 3)
    with pytest.raises(DatabaseBusyError):
        patiently(calls, stopped)
    assert calls.made == 2
