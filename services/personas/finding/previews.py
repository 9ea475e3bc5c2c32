"""What several personas hold, without their texts: for a preview beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import Field

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.personas.models import StoredModel
from services.personas.reading import TABLE


class PreviewedPersona(StoredModel):
    """The claims of a stored persona and their evidence."""

    id: UUID
    persona: dict[str, Any]
    evidence: list[dict[str, Any]] = Field(default_factory=list)


def read_previews(ids: Sequence[UUID]) -> list[PreviewedPersona]:
    """A page of them, in any order; those that are gone are left out. Raises DatabaseError."""
    if not ids:
        return []
    query = get_supabase_client().client.table(TABLE).select("id,persona,evidence")
    with translated_faults():
        answer = query.in_("id", [str(one) for one in ids]).execute()
    return [PreviewedPersona.model_validate(row) for row in expect_rows(answer.data)]
