"""The filters and orders of the list, by the names that the address of the page Personas has, and
the cursors of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Query
from pydantic import WithJsonSchema

from services.errors import InvalidInputError
from services.personas.finding.query import (
    COVERAGES,
    MAX_CONDITIONS,
    MAX_TEXT,
    SORTS,
    PersonaQuery,
    Position,
)
from services.personas.reviewing.workflow import Status

_DAYS = "A range of days in UTC, `2026-01-01..2026-01-31`; either end may be left out"


async def _query(
    q: Annotated[
        str,
        Query(
            max_length=MAX_TEXT,
            description='Words that must all be found, "phrases", -words that must not, and '
            "`field:value`",
            examples=["SQL location:Madrid"],
        ),
    ] = "",
    where: Annotated[
        list[str] | None,
        Query(
            max_length=MAX_CONDITIONS,
            description="A condition on a field: `is:location=Madrid`, `contains:skills=SQL`, "
            "`any:company=Nordlys`, `has:skills`. Several must all hold",
        ),
    ] = None,
    status: Annotated[
        list[Annotated[str, WithJsonSchema({"type": "string", "enum": list(Status)})]] | None,
        Query(max_length=20, description="Any of several; each is a parameter by itself"),
    ] = None,
    engine: Annotated[
        list[str] | None,
        Query(max_length=20, description="What drafted it, `-` for by hand; any of several"),
    ] = None,
    created: Annotated[str, Query(max_length=30, description=_DAYS)] = "",
    updated: Annotated[str, Query(max_length=30, description=_DAYS)] = "",
    coverage: Annotated[
        str, Query(pattern=f"^({'|'.join(COVERAGES)})?$", description="Do its claims have a source")
    ] = "",
    sort: Annotated[str, Query(pattern=f"^({'|'.join(SORTS)})$")] = "created",
    order: Annotated[str, Query(pattern="^(asc|desc)$")] = "desc",
) -> PersonaQuery:
    return query_of(
        {
            "q": [q],
            "where": where or [],
            "status": status or [],
            "engine": engine or [],
            "created": [created],
            "updated": [updated],
            "coverage": [coverage],
            "sort": [sort],
            "order": [order],
        }
    )


Filters = Annotated[PersonaQuery, Depends(_query)]


def query_of(parameters: Mapping[str, list[str]]) -> PersonaQuery:
    """The query that these parameters make. Raises InvalidInputError."""
    if not set(parameters.get("status", ())) <= set(Status):
        raise InvalidInputError(
            f"A status is one of {', '.join(Status)}.",
            f"For several, give each by itself: status={Status.DRAFT}&status={Status.APPROVED}.",
        )
    return PersonaQuery.from_url(parameters)


def cursor_to(query: PersonaQuery, position: Position) -> str:
    """The position in the order of the query."""
    return f"{_order(query)}.{position.to_url()}"


def position_at(query: PersonaQuery, cursor: str) -> Position:
    """Where the cursor leads. Raises InvalidInputError for one of another order: its place would
    be looked for among values of another kind."""
    order, _, place = cursor.partition(".")
    if cursor and order != _order(query):
        raise InvalidInputError(
            "This page cannot be found.",
            "Send a cursor with the sort and order that it came with, or none for the first page.",
        )
    return Position.from_url(place)


def _order(query: PersonaQuery) -> str:
    return f"{query.sort}-{'desc' if query.descending else 'asc'}"
