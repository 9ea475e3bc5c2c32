"""Times in words, and where the browser is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pages.ui.clock import in_zone, when

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),  # the database's clock is ahead
        (59, "just now"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "21 Nov 2026, 12:00 UTC"),
    ],
)
def test_a_time_is_relative_while_it_is_young(seconds: int, words: str) -> None:
    assert when(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Kolkata", "17:30"),
        ("America/New_York", "07:00"),
        ("UTC", "12:00"),
        ("Atlantis/City", "12:00 UTC"),
        ("../../etc/passwd", "12:00 UTC"),
        ("Europe", "12:00 UTC"),
        ("", "12:00 UTC"),
        (None, "12:00 UTC"),
    ],
)
def test_a_time_where_the_browser_is(zone: str | None, shown: str) -> None:
    assert in_zone(NOW, zone, "%H:%M") == shown


def test_the_end_of_time_has_no_zone() -> None:
    assert in_zone(datetime.max.replace(tzinfo=UTC), "Asia/Kolkata", "%Y") == "9999 UTC"
    assert in_zone(datetime.min.replace(tzinfo=UTC), "America/New_York", "%H:%M") == "00:00 UTC"
