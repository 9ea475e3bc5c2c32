"""The texts of many stored personas, without the rest of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from pydantic import Field

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.personas.models import StoredModel

AT_ONCE = 50  # texts in one answer
_IDS = 1000


class SourceOfPersona(StoredModel):
    """The text of a stored persona, its parts, its name and whom it was drafted about. `coverage`
    is None where nothing is claimed: it is not drafted yet."""

    id: UUID
    raw_text: str = ""
    sources: list[dict[str, Any]] = Field(default_factory=list)
    name: str | None = None
    about: str | None = None
    coverage: int | None = None


def source_texts(ids: Sequence[UUID]) -> list[SourceOfPersona]:
    """Those of up to AT_ONCE personas that are not in the trash, in any order."""
    table = get_supabase_client().client.table("personas")
    query = table.select(
        "id,raw_text,sources,name:persona->>name,about:generation->>about,coverage"
    )
    query = query.in_("id", [str(one) for one in ids]).is_("deleted_at", "null")
    with translated_faults():
        rows = expect_rows(query.execute().data)
    return [SourceOfPersona.model_validate(row) for row in rows]


def undrafted_of_file(digest: str) -> Iterator[UUID]:
    """Personas that were imported from the file with this digest and are not drafted yet."""
    after = "00000000-0000-0000-0000-000000000000"
    while True:
        query = get_supabase_client().client.table("personas").select("id")
        query = query.eq("origin->>file", digest).is_("coverage", "null").is_("deleted_at", "null")
        with translated_faults():
            rows = expect_rows(query.gt("id", after).order("id").limit(_IDS).execute().data)
        yield from (UUID(str(row["id"])) for row in rows)
        if len(rows) < _IDS:
            return
        after = str(rows[-1]["id"])
