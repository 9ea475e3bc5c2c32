"""What a reviewer does to the claims of a stored persona."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.evidence.claims import Rejected
from services.evidence.review import Review
from services.personas.models import Persona
from services.personas.repository import get_persona_repository

ReviewChange = Callable[[Review], Review]
ProposalChange = Callable[[Review, Rejected], Review]


def review_claims(
    persona_id: str | UUID,
    change: ReviewChange,
    author: str | None,
    did: str,
    field: str,
    expected_version: int | None = None,
) -> Persona:
    """Store what a reviewer did to a claim. Raises InvalidInputError if the claim is gone.

    `did` (a verb in the past) and `field` tell it in the history. What changes nothing, such as
    accepting twice, makes no version. Raises ConflictError if `expected_version` is not the newest.
    """

    def columns(stored: Persona) -> dict[str, Any]:
        review = Review.of(stored.raw_text, stored.persona, stored.evidence, stored.generation)
        changed = change(review)
        return {} if changed == review else changed.columns()

    origin = {"kind": "reviewed", "did": did, "field": field}
    return get_persona_repository().revise(persona_id, columns, author, origin, expected_version)
