"""New drafts of stored personas: what a redraft starts from, and what is taken over of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from services.errors import InvalidInputError
from services.evidence.claims import evidence_from_json
from services.evidence.contradictions import Contradiction, contradictions
from services.evidence.redraft import Redraft, Version, proposals_of
from services.evidence.redraft_choices import Decisions, regenerated
from services.generation.requests import (
    GenerationRequest,
    NewRequest,
    get_generation_requests,
)
from services.generation.runner import GenerationRunner
from services.personas.derived import known_origins
from services.personas.models import Persona
from services.personas.repository import get_persona_repository
from services.personas.source_spans import source_at, spans_of, with_source
from services.sources.plain_text import check_length


def version_of(stored: Persona) -> Version:
    """A stored persona as the comparison with a draft sees it."""
    evidence = evidence_from_json(stored.evidence, stored.raw_text)
    origins = known_origins(stored)
    return Version(stored.raw_text, stored.persona, evidence, origins, stored.generation)


def draft_of(request: GenerationRequest) -> Redraft:
    """What the request proposes. Raises InvalidInputError if it proposes nothing (yet)."""
    if request.proposal is None:
        raise InvalidInputError(
            "There is no new draft to take over.", "Reload the page, or regenerate."
        )
    return Redraft.of(request.proposal)


def redraft(
    runner: GenerationRunner, persona_id: str, request_id: UUID, engine: str, author: str | None
) -> GenerationRequest:
    """Draft a stored persona anew, over all its texts; it stays as it is.

    The same id again is the same request; if it ended without a draft, it is run again.
    """
    request = runner.submit(_request_for(persona_id, request_id, engine, author))
    if request.status in ("failed", "cancelled") or request.is_interrupted:
        runner.run_again(request.id)
    return request


def take_over_redraft(
    persona_id: str,
    request: GenerationRequest,
    taken: Collection[str],
    author: str | None,
    expected_version: int | None = None,
    decisions: Decisions = lambda review: review,
) -> Persona:
    """Store the differences whose keys are in `taken` as one new version; the request is done.

    `decisions` is what was decided about the claims that come of it. Raises InvalidInputError if
    the request proposes nothing, ConflictError if `expected_version` is not the newest.
    """
    draft = draft_of(request)
    named = {name: draft.generation.get(name) for name in ("engine", "model", "prompt_version")}
    told = {name: value for name, value in named.items() if value}
    origin = {"kind": "generated", **told, "again": True}
    written = get_persona_repository().revise(
        persona_id,
        lambda stored: regenerated(version_of(stored), draft, taken, decisions),
        author,
        origin,
        expected_version,
    )
    get_generation_requests().delete_regenerations(request)
    return written


def append_source(
    persona_id: str,
    text: str,
    label: str,
    on: date,
    author: str | None,
    longest: int,
    expected_version: int | None = None,
) -> Persona:
    """Store one more text about the person; all together may have `longest` characters.

    Raises InvalidTextError, InvalidInputError, ConflictError if `expected_version` is not the
    newest.
    """

    def columns(stored: Persona) -> dict[str, Any]:
        raw_text, sources = with_source(
            stored.raw_text, stored.sources, text, label, on, first_on=stored.created_at.date()
        )
        check_length(raw_text, longest)
        origin = {"kind": "source_added", "label": sources[-1]["label"]}
        return {"raw_text": raw_text, "sources": sources, "origin": origin}

    return get_persona_repository().revise(
        persona_id, columns, author, expected_version=expected_version
    )


def _request_for(persona_id: str, request_id: UUID, engine: str, author: str | None) -> NewRequest:
    stored = get_persona_repository().read(persona_id)
    return NewRequest(
        id=request_id,
        raw_text=stored.raw_text,
        engine=engine,
        kind="regenerate",
        persona_id=stored.id,
        sources=stored.sources,
        created_by=author,
        about=(stored.generation or {}).get("about", ""),
        reuse=False,  # a new draft is wished
    )


def contradictions_of(stored: Persona) -> list[Contradiction]:
    """Where the texts of a stored persona disagree, by what was kept out of it."""
    spans = spans_of(stored.raw_text, stored.sources)
    if len(spans) < 2:
        return []
    version = version_of(stored)
    held = [item for item in version.evidence if item.holds(stored.raw_text)]
    return contradictions(
        stored.persona,
        held,
        proposals_of(version),
        stored.raw_text,
        lambda offset: source_at(spans, offset),
    )


def contradictions_after(
    stored: Persona, draft: Redraft, taken: Collection[str]
) -> list[Contradiction]:
    """Where the texts will disagree once the differences in `taken` are stored."""
    columns = regenerated(version_of(stored), draft, taken)
    return contradictions_of(stored.model_copy(update=columns))
