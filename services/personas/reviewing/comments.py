"""Comments on a persona, or on one field of it: written, resolved, opened again, deleted.

They belong to the persona: erasing it erases them. What a comment says and who wrote it does not
change (migration 009).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import DatabaseError, InvalidInputError, NotFoundError
from services.evidence.pointers import resolve
from services.personas.models import Timestamp
from services.personas.reading import checked_id
from services.personas.repository import get_persona_repository

TABLE = "persona_comments"
MAX_TEXT = 5000  # characters; migration 009 refuses more
_FOREIGN_KEY = "23503"


class Comment(BaseModel):
    """A comment. `path` is a JSON Pointer into the persona, "" the persona as a whole; `about` the
    value that stood there when the comment was written."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: UUID
    persona_id: UUID
    path: str = ""
    about: str | None = None
    text: str
    author: str
    created_at: Timestamp
    resolved_at: Timestamp | None = None
    resolved_by: str | None = None


class Comments:
    """Comments over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def of(self, persona_id: str | UUID, limit: int = 200) -> list[Comment]:
        """The comments on a persona: what is open first, then the latest first."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("persona_id", checked_id(persona_id))
            ordered = query.order("resolved_at", desc=True, nullsfirst=True)
            response = ordered.order("created_at", desc=True).limit(limit).execute()
        return [Comment.model_validate(row) for row in expect_rows(response.data)]

    def add(self, persona_id: str | UUID, text: str, author: str, path: str = "") -> Comment:
        """Comment on the value at `path`, or on the whole persona.

        Raises InvalidInputError for a blank or too long text, or where `path` is no place of the
        persona; NotFoundError.
        """
        persona = get_persona_repository().read(persona_id).persona
        row = {
            "persona_id": checked_id(persona_id),
            "path": path,
            "about": _value_at(persona, path) if path else None,
            "text": _checked(text),
            "author": author,
        }
        try:
            with translated_faults():
                response = self._client.table(TABLE).insert(row).execute()
        except DatabaseError as error:
            if error.code == _FOREIGN_KEY:  # purged at this very moment
                raise NotFoundError from error
            raise
        return Comment.model_validate(expect_rows(response.data)[0])

    def resolve(self, comment_id: str | UUID, author: str) -> Comment:
        """Mark the comment as dealt with. Raises NotFoundError."""
        now = datetime.now(UTC).isoformat()
        return self._change(comment_id, {"resolved_at": now, "resolved_by": author})

    def reopen(self, comment_id: str | UUID) -> Comment:
        """Take the mark away again. Raises NotFoundError."""
        return self._change(comment_id, {"resolved_at": None, "resolved_by": None})

    def delete(self, comment_id: str | UUID, author: str, since: datetime | None = None) -> None:
        """Delete a comment that this author wrote, `since` then where that is given.

        Raises NotFoundError if there is none.
        """
        with translated_faults():
            query = self._client.table(TABLE).delete().eq("id", checked_id(comment_id))
            query = query.eq("author", author)
            if since is not None:
                query = query.gte("created_at", since.isoformat())
            response = query.execute()
        if not expect_rows(response.data):
            raise _gone()

    def _change(self, comment_id: str | UUID, columns: dict[str, Any]) -> Comment:
        with translated_faults():
            query = self._client.table(TABLE).update(columns).eq("id", checked_id(comment_id))
            response = query.execute()
        rows = expect_rows(response.data)
        if not rows:
            raise _gone()
        return Comment.model_validate(rows[0])


@lru_cache(maxsize=1)
def get_comments() -> Comments:
    """The comments over this process's Supabase client."""
    return Comments()


def _gone() -> NotFoundError:
    return NotFoundError("This comment does not exist (any more).", "Reload the page.")


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_TEXT or "\x00" in text:
        raise InvalidInputError(f"A comment holds 1 to {MAX_TEXT:,} characters.", "Change it.")
    return text


def _value_at(persona: dict[str, Any], path: str) -> str:
    try:
        value = resolve(persona, path)
    except (KeyError, ValueError):
        raise InvalidInputError(
            "This field is not there any more.", "Somebody changed the persona. Reload the page."
        ) from None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
