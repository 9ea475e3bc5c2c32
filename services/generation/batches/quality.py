"""How good the drafts of a batch are, at a glance (migration 027)."""

from __future__ import annotations

from uuid import UUID

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.personas.models import StoredModel

MOST = 2000  # personas that are looked at


class Quality(StoredModel):
    """Personas that came of a batch (up to MOST), their claims, those with a source, and personas
    with fewer than three claims."""

    personas: int = 0
    claims: int = 0
    sourced: int = 0
    few: int = 0


def quality_of(batch_id: UUID | str) -> Quality:
    """The quality of what is drafted so far. Raises DatabaseError."""
    client = get_supabase_client().client
    with translated_faults():
        rows = expect_rows(client.rpc("batch_quality", {"batch": str(batch_id)}).execute().data)
    return Quality.model_validate(rows[0]) if rows else Quality()
