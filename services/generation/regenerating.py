"""Stored personas and new drafts of them: what a regeneration starts from and ends in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from services.errors import InvalidInputError
from services.evidence.claims import evidence_from_json, rejected_from_json
from services.evidence.contradictions import Contradiction, contradictions
from services.evidence.redraft import Draft, Version
from services.evidence.redraft_choices import regenerated
from services.generation.requests import GenerationRequest, NewRequest
from services.personas.derived import known_origins
from services.personas.models import Persona
from services.personas.source_spans import source_at, spans_of, with_source


def version_of(stored: Persona) -> Version:
    """A stored persona as the comparison with a draft sees it."""
    evidence = evidence_from_json(stored.evidence, stored.raw_text)
    origins = known_origins(stored)
    return Version(stored.raw_text, stored.persona, evidence, origins, stored.generation)


def draft_of(request: GenerationRequest) -> Draft:
    """What the request proposes. Raises InvalidInputError if it proposes nothing (yet)."""
    if request.proposal is None:
        raise InvalidInputError(
            "There is no new draft to take over.", "Reload the page, or regenerate."
        )
    return Draft.of(request.proposal)


def request_for(
    stored: Persona, request_id: UUID, engine: str, author: str | None = None
) -> NewRequest:
    """The request that drafts this persona anew, over all its texts."""
    return NewRequest(
        id=request_id,
        raw_text=stored.raw_text,
        engine=engine,
        kind="regenerate",
        persona_id=stored.id,
        sources=stored.sources,
        created_by=author,
    )


def columns_taken(stored: Persona, draft: Draft, taken: Collection[str]) -> dict[str, Any]:
    """The columns of the next version, and how it came about."""
    columns = regenerated(version_of(stored), draft, taken)
    named = {name: draft.generation.get(name) for name in ("engine", "model", "prompt_version")}
    told = {name: value for name, value in named.items() if value}
    return {**columns, "origin": {"kind": "generated", **told, "again": True}}


def columns_with_source(stored: Persona, text: str, label: str, on: date) -> dict[str, Any]:
    """The columns of the next version, with one more text."""
    raw_text, sources = with_source(
        stored.raw_text, stored.sources, text, label, on, first_on=stored.created_at.date()
    )
    return {
        "raw_text": raw_text,
        "sources": sources,
        "origin": {"kind": "source_added", "label": sources[-1]["label"]},
    }


def contradictions_of(stored: Persona) -> list[Contradiction]:
    """Where the texts of a stored persona disagree, by what was kept out of it."""
    proposals = rejected_from_json((stored.generation or {}).get("rejected"))
    return _between_texts(stored, stored.persona, version_of(stored).evidence, proposals)


def contradictions_in(stored: Persona, draft: Draft) -> list[Contradiction]:
    """Where the texts disagree, by a new draft of them."""
    proposals = rejected_from_json(draft.generation.get("rejected"))
    return _between_texts(stored, draft.persona, draft.evidence, proposals)


def _between_texts(
    stored: Persona, persona: dict[str, Any], evidence: Any, proposals: Any
) -> list[Contradiction]:
    spans = spans_of(stored.raw_text, stored.sources)
    if len(spans) < 2:
        return []
    held = [item for item in evidence if item.holds(stored.raw_text)]
    return contradictions(
        persona, held, proposals, stored.raw_text, lambda offset: source_at(spans, offset)
    )
