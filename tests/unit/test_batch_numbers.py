"""Numbers of a batch as its page tells them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from pages.ui.batch.progress import Pace, bar, spent
from pages.ui.numbers import in_minutes, money, rounded_up
from services.generation.batches import Batch
from services.importing.texts.columns import TextColumns, guess_columns
from services.importing.texts.starting import spread

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def batch(number: int = 1, **columns: Any) -> Batch:
    given = {"state": "running", "engine": "openai", "created_at": NOW, "updated_at": NOW}
    return Batch.model_validate({"id": UUID(int=number), **given, **columns})


def test_the_pace_is_that_of_the_last_minute() -> None:
    pace = Pace()
    assert pace.note(batch(saved=100), 0.0) is None
    assert pace.note(batch(saved=100), 1.0) is None
    assert pace.note(batch(saved=110, failed=10), 10.0) == 2.0
    assert pace.note(batch(saved=240), 71.0) == pytest.approx(120 / 61)
    assert pace.note(batch(saved=242), 73.0) == pytest.approx(122 / 63)
    assert pace.note(batch(2, saved=5), 72.0) is None  # another batch begins anew


def test_the_bar_names_every_status_that_is_there() -> None:
    drawn = bar(batch(saved=3, failed=1, total=4))
    assert 'aria-label="4 texts: 3 drafted, 1 failed"' in drawn
    assert "batch-queued" not in drawn


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"cap_usd": 2.0, "spent_usd": 0.5, "spent_tokens": 1200}, "0.50 of 2.00 USD spent"),
        ({"cap_tokens": 5000, "spent_tokens": 1200}, "1,200 of 5,000 tokens used"),
        ({"spent_tokens": 1200}, "1,200 tokens"),
    ],
)
def test_what_it_cost_stands_against_what_it_may(columns: dict[str, Any], told: str) -> None:
    assert spent(batch(**columns))[0] == told
    assert spent(batch()) == []


def test_amounts_and_times_are_said_roughly() -> None:
    assert [rounded_up(one) for one in (0, 0.0121, 1.0, 1234, 0.5)] == [0.01, 0.013, 1.0, 1300, 0.5]
    assert [money(one) for one in (0, 0.0123, 1.5, 1234.5)] == ["0.00", "0.0123", "1.50", "1,234"]
    assert [in_minutes(one) for one in (5, 90, 7200)] == [
        "under a minute",
        "about 2 min",
        "about 2 h",
    ]


def test_a_sample_is_taken_from_the_whole_row() -> None:
    assert spread(list(range(100)), 4) == [0, 25, 50, 75]
    assert spread([7, 8], 4) == [7, 8]


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        (["id", "transcript", "age"], TextColumns("transcript", "id")),
        (["answer"], TextColumns("answer")),
        (["a", "b"], TextColumns()),
        ([], TextColumns()),
    ],
)
def test_columns_are_guessed_by_their_names(columns: list[str], guess: TextColumns) -> None:
    assert guess_columns(columns) == guess
