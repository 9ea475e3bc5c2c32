"""What tells personas without a name apart: their summary, or how their text begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.personas.reading import TABLE

_LENGTH = 300  # characters
_AT_ONCE = 100  # ids in one request: more would not fit into an address
_WHOLE_TEXTS, _MOST_WHOLE = 25, 100  # read only to be cut: in one request, in all


def read_beginnings(ids: Sequence[UUID]) -> dict[UUID, str]:
    """By id, the summary of each, else the first words of its text; in the trash too. Those that
    are gone are left out, and of many long texts the last. Raises DatabaseError."""
    found = _words(TABLE, "persona->>summary", ids, _AT_ONCE)
    left = [one for one in ids if one not in found]
    found |= _words("persona_overview", "beginning", left, _AT_ONCE)
    left = [one for one in left if one not in found]
    return found | _words(TABLE, "raw_text", left[:_MOST_WHOLE], _WHOLE_TEXTS)


def _words(table: str, column: str, ids: Sequence[UUID], at_once: int) -> dict[UUID, str]:
    """By id, the beginning of what the column holds, if it holds something."""
    rows = _rows(table, f"id,words:{column}", ids, at_once)
    words = {UUID(str(row["id"])): _cut(row["words"]) for row in rows}
    return {one: text for one, text in words.items() if text}


def _rows(table: str, columns: str, ids: Sequence[UUID], at_once: int) -> Iterator[dict[str, Any]]:
    left = iter(ids)
    while some := list(islice(left, at_once)):
        query = get_supabase_client().client.table(table).select(columns)
        with translated_faults():
            answer = query.in_("id", [str(one) for one in some]).execute()
        yield from expect_rows(answer.data)


def _cut(value: str | None) -> str:
    return " ".join((value or "")[: 2 * _LENGTH].split())[:_LENGTH]
