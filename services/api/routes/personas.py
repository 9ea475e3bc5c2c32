"""Personas: created, listed, read, changed, moved to the trash."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Response

from services.access.roles import Role
from services.api.answers import etag, names, persona_out
from services.api.filters import Filters, cursor_to, position_at
from services.api.given import ONCE, Author, Expected, MadeId, PersonaId
from services.api.handling.operation import Operation, needs, reads
from services.api.models.personas import (
    Count,
    PersonaIn,
    PersonaItem,
    PersonaOut,
    PersonaPage,
    PersonaPatch,
    Statistics,
)
from services.generation.requests import get_generation_requests
from services.personas import PersonaUpdate, get_persona_repository
from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import DEFAULT_SIZE
from services.personas.merge_patch import patch_persona
from services.personas.statistics import statistics as counted

MERGE_PATCH = "application/merge-patch+json"
MOST = 100  # personas in one page

router = APIRouter(route_class=Operation, tags=["Personas"])


@router.get("/personas", summary="List and search personas", **reads(Role.VIEWER))
def list_personas(
    query: Filters,
    cursor: Annotated[
        str, Query(max_length=3000, description="`next` or `previous` of another page")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT_SIZE,
) -> PersonaPage:
    """One page of what matches every filter, in the order asked for.

    Go on with `next` as `cursor`, and the same filters and order. A cursor names a place in the
    order: personas that come or go move no others from one page to another.
    """
    position = position_at(query, cursor)
    page = get_persona_finder().page(query, position, limit)
    if page.position.backwards and not position.backwards:  # all after the cursor has gone
        last = cursor_to(query, page.position)
        return PersonaPage(items=[], next=None, previous=last, similar=False)
    return PersonaPage(
        items=[PersonaItem.model_validate(item) for item in page.items],
        next=cursor_to(query, page.next) if page.next else None,
        previous=cursor_to(query, page.previous) if page.previous else None,
        similar=page.similar,
    )


@router.get("/count", summary="Count personas", **reads(Role.VIEWER))
def count_personas(query: Filters) -> Count:
    """How many match the filters; an order makes no difference."""
    total = get_persona_finder().count(query)
    return Count(count=total.number, exact=total.exact)


@router.get("/statistics", summary="How many personas stand where", **reads(Role.VIEWER))
def statistics() -> Statistics:
    """Counts by status, what waits for review, what is in the trash, the first and last day."""
    unfinished = len(get_generation_requests().unfinished())
    return Statistics(**asdict(counted()), unfinished_requests=unfinished)


@router.post(
    "/personas",
    summary="Create a persona",
    status_code=201,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 409, 413, repeatable=True),
)
def create_persona(new: PersonaIn, author: Author, made: MadeId, response: Response) -> PersonaOut:
    """Store a persona that is written already. Values whose words stand in the text get them as
    evidence. To have one drafted from a text, see Generations."""
    stored = get_persona_repository().create(new, author, persona_id=made)
    response.headers["Location"] = f"personas/{stored.id}"
    return persona_out(stored, response)


@router.get(
    "/personas/{persona_id}",
    summary="Read a persona",
    response_model=PersonaOut,
    **reads(Role.VIEWER, 304, 404),
)
def read_persona(
    persona_id: PersonaId,
    response: Response,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", description="An `ETag` that you have already")
    ] = None,
) -> PersonaOut | Response:
    """The newest version. Its `ETag` goes into `If-Match` of a change."""
    persona = get_persona_repository().read(persona_id)
    current = etag(persona.version)
    if if_none_match is not None and names(if_none_match, current):
        return Response(status_code=304, headers={"ETag": current})
    return persona_out(persona, response)


@router.put(
    "/personas/{persona_id}",
    summary="Replace a persona",
    **needs(Role.ANALYST, 404, 412, 413, 428),
)
def replace_persona(
    persona_id: PersonaId,
    new: PersonaIn,
    expected: Expected,
    author: Author,
    response: Response,
) -> PersonaOut:
    """Store another persona and text in its place; the evidence follows what stayed."""
    change = PersonaUpdate.model_construct(persona=new.persona, raw_text=new.raw_text)
    saved = get_persona_repository().save(persona_id, change, expected, author)
    return persona_out(saved, response)


@router.patch(
    "/personas/{persona_id}",
    summary="Change parts of a persona",
    **needs(Role.ANALYST, 404, 412, 413, 428),
)
def change_persona(
    persona_id: PersonaId,
    patch: Annotated[PersonaPatch, Body(media_type=MERGE_PATCH)],
    expected: Expected,
    author: Author,
    response: Response,
) -> PersonaOut:
    """A JSON Merge Patch. Lists are replaced whole; null takes a field of the persona out. A
    summary that nobody wrote follows what is changed."""
    saved = patch_persona(
        persona_id, expected, author, persona=patch.persona, raw_text=patch.raw_text
    )
    return persona_out(saved, response)


@router.delete(
    "/personas/{persona_id}",
    summary="Move a persona to the trash",
    status_code=204,
    **needs(Role.ANALYST, 404, 412, 428),
)
def trash_persona(persona_id: PersonaId, expected: Expected, author: Author) -> None:
    """It stays in the trash until it is restored or erased."""
    get_persona_repository().delete(persona_id, expected, author)
