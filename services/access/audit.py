"""The record of who did what. The database writes it; here it is read, and exports are noted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.access.acting import current_actor
from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults

ACTIONS = (
    "signed in", "signed out", "signed out everywhere", "sessions ended", "role given",
    "role taken", "erased", "exported", "trashed many", "restored many", "moved many",
    "key made", "key used", "key revoked",
)  # fmt: skip
PAGE = 1000  # Supabase gives no more at once


class AuditEntry(BaseModel):
    """One thing that was done. `actor` and `subject` are ids, or the role of a key."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    at: datetime
    actor: str
    action: str
    subject: str | None
    detail: dict[str, Any]


def audit_entries(
    *,
    action: str | None = None,
    actor: str | None = None,
    before: int | None = None,
    size: int = 50,
) -> list[AuditEntry]:
    """The newest entries first, behind the entry with the id `before`. Only admins see any."""
    query = get_supabase_client().client.table("persona_audit").select("*")
    query = query.eq("action", action) if action else query
    query = query.eq("actor", actor) if actor else query
    query = query.lt("id", before) if before is not None else query
    with translated_faults():
        rows = expect_rows(query.order("id", desc=True).limit(min(size, PAGE)).execute().data)
    return [_entry(row) for row in rows]


def note_export(detail: Mapping[str, object]) -> None:
    """Record an export of who acts: names of fields and numbers, no words that were looked for.

    Nothing is recorded where nobody signs in. Raises DatabaseError.
    """
    if current_actor() is None:
        return
    with translated_faults():
        client = get_supabase_client().client
        client.rpc("note_export", {"detail": json.dumps(detail)}).execute()


def _entry(row: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry.model_validate({**row, "at": datetime.fromisoformat(row["at"])})
