"""The age of a draft in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pages.ui.kept_drafts import age

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "a moment ago"),  # the database's clock is ahead
        (0, "a moment ago"),
        (59, "a moment ago"),
        (60, "1 minute ago"),
        (3 * 60 + 59, "3 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400, "1 day ago"),
        (40 * 86_400, "40 days ago"),
    ],
)
def test_age(seconds: int, words: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == words
