"""The texts of a person, and new drafts of their persona over all of them."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from services.access.roles import Role
from services.api.answers import persona_out
from services.api.given import ONCE, Author, Expected, MadeId, PersonaId, Work
from services.api.handling.operation import Operation, needs, reads
from services.api.models.claims import DifferenceOut, SourceIn, SourceOut, TakeOver
from services.api.models.personas import PersonaOut
from services.api.models.work import EngineIn, GenerationOut
from services.api.requests import chosen, generation_out, text_of
from services.errors import NotFoundError
from services.evidence.redraft import differences
from services.generation.regenerating import (
    append_source,
    draft_of,
    redraft,
    take_over_redraft,
    version_of,
)
from services.generation.requests import GenerationRequest, get_generation_requests
from services.personas import get_persona_repository
from services.personas.source_spans import spans_of
from services.settings import get_settings

router = APIRouter(
    route_class=Operation, tags=["Sources and new drafts"], prefix="/personas/{persona_id}"
)


@router.get("/sources", summary="The texts of a person", **reads(Role.VIEWER, 404))
def list_sources(persona_id: PersonaId, response: Response) -> list[SourceOut]:
    """The parts that `raw_text` is made of, in Unicode code points, end exclusive."""
    persona = get_persona_repository().read(persona_id)
    persona_out(persona, response)
    spans = spans_of(persona.raw_text, persona.sources)
    return [SourceOut.model_validate(span) for span in spans]


@router.post(
    "/sources",
    summary="Add a text",
    status_code=201,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 412, 413, 428),
)
def add_source(
    persona_id: PersonaId, source: SourceIn, expected: Expected, author: Author, response: Response
) -> PersonaOut:
    """One more text about the person. The persona stays as it is until it is drafted anew."""
    longest = get_settings().generation_max_characters
    text, on = text_of(source.text, source.url), source.on or datetime.now(UTC).date()
    saved = append_source(str(persona_id), text, source.label, on, author, longest, expected)
    return persona_out(saved, response)


@router.post(
    "/redrafts",
    summary="Draft a persona anew",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def draft_again(
    persona_id: PersonaId, which: EngineIn, author: Author, made: MadeId, work: Work
) -> GenerationOut:
    """Over all its texts, in the background. It changes nothing until it is taken over."""
    runner = work.runner()
    engine = chosen(which.engine, runner.engines)
    return generation_out(redraft(runner, str(persona_id), made, engine, author), runner)


@router.get("/redrafts/latest", summary="Follow a new draft", **reads(Role.VIEWER, 404))
def follow_draft(persona_id: PersonaId, work: Work) -> GenerationOut:
    """How far the latest new draft of this persona is."""
    return generation_out(_latest(persona_id), work.runner())


@router.get(
    "/redrafts/latest/differences",
    summary="What a new draft would change",
    **reads(Role.VIEWER, 404),
)
def list_differences(persona_id: PersonaId, response: Response) -> list[DifferenceOut]:
    """Field by field, once the draft is there."""
    request = _latest(persona_id)
    persona = get_persona_repository().read(persona_id)
    persona_out(persona, response)
    found = differences(version_of(persona), draft_of(request))
    return [DifferenceOut.model_validate(one) for one in found]


@router.post(
    "/redrafts/latest/take-over",
    summary="Take over a new draft",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 412, 413, 428),
)
def take_over(
    persona_id: PersonaId, taken: TakeOver, expected: Expected, author: Author, response: Response
) -> PersonaOut:
    """Store the differences whose keys are given as one new version; the draft is done with."""
    request = _latest(persona_id)
    saved = take_over_redraft(str(persona_id), request, taken.keys, author, expected)
    return persona_out(saved, response)


@router.delete(
    "/redrafts/latest",
    summary="Dismiss a new draft",
    status_code=204,
    **needs(Role.ANALYST, 404),
)
def dismiss_draft(persona_id: PersonaId) -> None:
    """Forget it; the persona stays as it is."""
    get_generation_requests().delete_regenerations(_latest(persona_id))


def _latest(persona_id: PersonaId) -> GenerationRequest:
    found = get_generation_requests().regeneration(persona_id)
    if found is None:
        raise NotFoundError("No new draft of this persona was asked for.", "Ask for one first.")
    return found
