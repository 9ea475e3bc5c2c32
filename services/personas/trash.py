"""The trash: personas that were deleted, until they are restored or erased for good."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from postgrest import CountMethod
from pydantic import BaseModel, ConfigDict
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import InvalidInputError, NotFoundError
from services.personas.derived import Columns
from services.personas.models import Timestamp
from services.personas.reading import TABLE, checked_id

AT_ONCE = 200  # restored in one request: each change keeps a version
_COLUMNS = "id,name:persona->>name,role:persona->>role,updated_by,deleted_at"


class TrashedPersona(BaseModel):
    """A persona in the trash as its list shows it. `updated_by` is who deleted it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: UUID
    name: str | None = None
    role: str | None = None
    updated_by: str | None = None
    deleted_at: Timestamp


class Trash:
    """The trash over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def list(
        self, limit: int = 100, name: str = "", until: datetime | None = None
    ) -> list[TrashedPersona]:
        """Up to `limit` (at most 1000) personas, last deleted first.

        With `name` only those whose name holds it, in upper or lower case; with `until` only those
        deleted at that time or before.
        """
        query = self._client.table(TABLE).select(_COLUMNS).not_.is_("deleted_at", "null")
        if until is not None:
            query = query.lte("deleted_at", until.isoformat())
        with translated_faults():
            query = _named(query, name).order("deleted_at", desc=True).order("id").limit(limit)
            rows = expect_rows(query.execute().data)
        return [TrashedPersona.model_validate(row) for row in rows]

    def count(self, name: str = "") -> int:
        """How many are in the trash, or of them have such a name."""
        table = self._client.table(TABLE)
        with translated_faults():
            # not by HEAD: a fault would come without its code
            query = table.select("id", count=CountMethod.exact).not_.is_("deleted_at", "null")
            response = _named(query.limit(1), name).execute()
        return response.count or 0

    def restore(self, persona_id: str | UUID, author: str | None = None) -> int:
        """Take the persona out of the trash, as a new version; its number. Raises NotFoundError."""
        columns: Columns = {"deleted_at": None, "origin": {"kind": "untrashed"}}
        if author:
            columns["updated_by"] = author
        with translated_faults():
            query = self._client.table(TABLE).update(columns).eq("id", checked_id(persona_id))
            response = query.not_.is_("deleted_at", "null").select("version").execute()
        for row in expect_rows(response.data):
            return int(str(row["version"]))
        raise NotFoundError("This persona is not in the trash (any more).")

    def restore_all(self, name: str, author: str, on_progress: Callable[[int], None]) -> int:
        """Take all out of the trash that are in it now, or of them those with such a name.

        `on_progress` hears after each part how many were restored; that many are returned.
        """
        newest = self.list(1, name)
        restored = 0
        while newest and (found := self.list(AT_ONCE, name, newest[0].deleted_at)):
            ids = [str(one.id) for one in found]
            arguments = {"ids": json.dumps(ids), "author": author}
            with translated_faults():
                response = self._client.rpc("restore_personas", arguments).execute()
            moved = int(str(response.data))
            if not moved:  # others were faster
                break
            restored += moved
            on_progress(restored)
        return restored

    def purge(self, persona_id: str | UUID, author: str) -> None:
        """Erase the persona with every version, request and draft of it. There is no way back.

        What stays is a row that says that it was erased, when and by whom. Raises NotFoundError
        if it is not in the trash, InvalidInputError without an author.
        """
        if not author:
            raise InvalidInputError("An erasure needs the name of who orders it.")
        arguments = {"persona_id": checked_id(persona_id), "erased_by": author}
        with translated_faults():
            response = self._client.rpc("purge_persona", arguments).execute()
        if response.data is not True:
            raise NotFoundError("This persona is not in the trash (any more).")


def _named(query: Any, name: str) -> Any:
    if not name.strip():
        return query
    # As a regular expression: a pattern of `like` has no way to say the character *.
    return query.filter("name_key", "match", re.sub(r"([^\w\s])", r"\\\1", name.strip().lower()))


@lru_cache(maxsize=1)
def get_trash() -> Trash:
    """The trash over this process's Supabase client."""
    return Trash()
