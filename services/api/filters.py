"""The filters and orders of the list, by the names that the address of the page Personas has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Query
from pydantic import WithJsonSchema

from services.errors import InvalidInputError
from services.personas.finding.query import COVERAGES, MAX_CONDITIONS, MAX_TEXT, SORTS, PersonaQuery
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
