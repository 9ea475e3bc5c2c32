"""Finding personas: one page of a query, how many there are, and the ids of all that match."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import Field

from services.database import get_supabase_client
from services.database.faults import expect_json_list, expect_rows, translated_faults
from services.errors import (
    DatabaseTimeoutError,
    InvalidInputError,
    NotFoundError,
    SearchTimeoutError,
)
from services.personas.finding.query import FIRST, LAST, MAX_TEXT, PersonaQuery, Position
from services.personas.models import PersonaSummary
from services.personas.reading import checked_id

HIT_BEGINS, HIT_ENDS = "\x02", "\x03"  # around each hit in a snippet, which holds no other such
MAX_ROWS = 500  # in one page
BARE = "id,name,role,summary,status,engine,coverage,created_at,updated_at,updated_by"
LISTED = f"{BARE},beginning"

Row = dict[str, Any]


class FoundPersona(PersonaSummary):
    """A persona as the list shows it, with the words around what was found.

    `coverage` is the percentage of its claims that have a source, None if it claims nothing;
    then `beginning` is how its text begins.
    """

    status: str = "draft"
    engine: str = ""
    coverage: int | None = None
    updated_by: str | None = None
    beginning: str | None = None
    snippet: str | None = None
    place: str | None = Field(default=None, repr=False)


@dataclass(frozen=True)
class FoundPage:
    """One page. `position` is where it stands: where rows went, another than was asked for.

    `previous` and `next` are None at the ends. `similar` says that nothing matched, and that these
    are names that look like the words.
    """

    items: tuple[FoundPersona, ...]
    position: Position = FIRST
    previous: Position | None = None
    next: Position | None = None
    similar: bool = False


@dataclass(frozen=True)
class Total:
    """How many personas match: counted, or (not `exact`) as the database expects."""

    number: int
    exact: bool


class PersonaFinder:
    """Queries over the functions of migration 010. Raises the faults of services.errors."""

    def page(self, query: PersonaQuery, position: Position = FIRST, size: int = 25) -> FoundPage:
        """Up to `size` (1 to 500) personas from `position` on.

        Where fewer than a page stand before a row, the page before it is the first one; where none
        stand after it any more, the last one. Raises SearchTimeoutError.
        """
        if not 1 <= size <= MAX_ROWS:
            raise InvalidInputError(f"A page holds 1 to {MAX_ROWS} personas.")
        rows, more = self._rows(query, position, size)
        if position.backwards and not more and len(rows) < size:
            return self.page(query, FIRST, size)
        if not rows and not position.is_first:
            return self.page(query, LAST, size)
        if not rows and query == PersonaQuery(query.text) and not query.all_conditions:
            return self._similar(query.words, size)
        return _page(rows, more, position, size)

    def count(self, query: PersonaQuery) -> Total:
        """How many personas match; quick, because it counts only while that is cheap."""
        rows = self._call("count_personas", query, {"request": json.dumps(query.to_request())})
        return Total(int(rows[0]["total"]), bool(rows[0]["exact"]))

    def matching(self, query: PersonaQuery, until: datetime | None = None) -> Iterator[list[UUID]]:
        """The ids of all that match, up to 1000 at a time, in the order of the ids.

        That order stays, whatever is done to them meanwhile: each comes once. With `until` only
        those that were there by then.
        """
        request = query.to_request()
        if until:
            limits = (request.get("created_before"), until.astimezone(UTC).isoformat())
            request["created_before"] = min(filter(None, limits))
        after: str | None = None
        while True:
            arguments = {"request": json.dumps(request), "after": after}
            rows = self._call("matching_personas", query, arguments)
            ids = [UUID(row["id"]) for row in rows]
            if not ids:
                return
            yield ids
            after = str(ids[-1])

    def neighbour(self, query: PersonaQuery, persona_id: str, *, backwards: bool) -> UUID | None:
        """The persona before or after one in the order of a query; None at its ends.

        Raises NotFoundError, SearchTimeoutError.
        """
        column = f"{query.sort}_place"
        table = get_supabase_client().client.table("persona_overview")
        with translated_faults():
            answer = table.select(column).eq("id", checked_id(persona_id)).limit(1).execute()
        rows = expect_rows(answer.data)
        if not rows:
            raise NotFoundError
        found, _ = self._rows(query, Position(backwards, str(rows[0][column])), 1)
        return UUID(str(found[0]["id"])) if found else None

    def _rows(self, query: PersonaQuery, position: Position, size: int) -> tuple[list[Row], bool]:
        fetch = self._searched if query.is_filtered else self._listed
        rows = fetch(query, position, size + 1)
        page = rows[:size]
        return (page[::-1] if position.backwards else page), len(rows) > size

    def _searched(self, query: PersonaQuery, position: Position, most: int) -> list[Row]:
        request = {
            **query.to_request(),
            "sort": query.sort,
            "descending": query.descending,
            "backwards": position.backwards,
            "size": most,
        }
        if position.place is not None:
            request["place"] = position.place
        return self._found(query, {"request": json.dumps(request)})

    def _listed(self, query: PersonaQuery, position: Position, most: int) -> list[Row]:
        """The whole list, by a table request: the cheapest there is."""
        column = f"{query.sort}_place"
        downwards = query.descending is not position.backwards
        table = get_supabase_client().client.table("persona_overview")
        rows = table.select(f"{LISTED},place:{column}").order(column, desc=downwards).limit(most)
        if position.place is not None:
            rows = rows.filter(column, "lt" if downwards else "gt", position.place)
        with translated_faults():
            return expect_rows(rows.execute().data)

    def _similar(self, words: str, size: int) -> FoundPage:
        if not words:
            return FoundPage(())
        arguments = {"words": words[:MAX_TEXT], "size": size}
        rows = self._call("similar_personas", PersonaQuery(words), arguments)
        return FoundPage(_items(rows), similar=bool(rows))

    def _found(self, query: PersonaQuery, arguments: Row) -> list[Row]:
        with _explained(query), translated_faults():
            answer = get_supabase_client().client.rpc("search_personas", arguments).execute()
        return expect_json_list(answer.data)

    def _call(self, function: str, query: PersonaQuery, arguments: Row) -> list[Row]:
        with _explained(query), translated_faults():
            response = get_supabase_client().client.rpc(function, arguments).execute()
        return expect_rows(response.data)


@lru_cache(maxsize=1)
def get_persona_finder() -> PersonaFinder:
    """The finder over this process's Supabase client."""
    return PersonaFinder()


@contextmanager
def _explained(query: PersonaQuery) -> Iterator[None]:
    """A time-out of a filtered list is the filter's matter: the advice says how to narrow it."""
    try:
        yield
    except DatabaseTimeoutError as error:
        if query.is_filtered:
            raise SearchTimeoutError(code=error.code) from error
        raise


def _page(rows: list[Row], more: bool, position: Position, size: int) -> FoundPage:
    at_start = not more if position.backwards else position.is_first
    at_end = not more if not position.backwards else position.place is None
    number = 0 if at_start else position.number
    items = _items(rows)
    return FoundPage(
        items,
        position=FIRST if at_start else position,
        previous=None if at_start else _before(items[0], number, size),
        next=None if at_end else _after(items, number),
    )


def _items(rows: list[Row]) -> tuple[FoundPersona, ...]:
    return tuple(FoundPersona.model_validate(row) for row in rows)


def _before(first: FoundPersona, number: int | None, size: int) -> Position:
    left = None if number is None else max(0, number - size)
    return Position(True, first.place, left)


def _after(items: tuple[FoundPersona, ...], number: int | None) -> Position:
    passed = None if number is None else number + len(items)
    return Position(False, items[-1].place, passed)
