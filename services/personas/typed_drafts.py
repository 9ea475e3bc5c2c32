"""What an analyst has typed and not saved: kept in the database, offered again later.

A draft belongs to an owner (a user, or a browser) and to a box: `kind` says which, `subject` what
it is about. Saving the same subject again replaces its draft. A box may hold another text in each
of several tabs, so a subject may have a mark at its end (`another_subject`).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict
from supabase import Client

from services.access.as_dashboard import as_dashboard
from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import InvalidTextError
from services.personas.models import Timestamp

TABLE = "drafts"
MAX_BYTES = 16 * 1024 * 1024  # migration 007 refuses more
_ON_CONFLICT = "owner,kind,subject"
_MOST_ROWS = 20
_MOST_ABOUT = 100
_MARK = "#"  # migration 007 knows it


def another_subject(subject: str) -> str:
    """Under which one more draft of the same box can be kept."""
    return f"{box_subject(subject)}{_MARK}{secrets.token_hex(8)}"


def box_subject(subject: str) -> str:
    """What the box is about that a draft belongs to."""
    return subject.split(_MARK)[0]


class TypedDraft(BaseModel):
    """A kept draft. `base_version` is the version of the persona that it is an edit of."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    kind: str
    subject: str
    body: str
    base_version: int | None = None
    updated_at: Timestamp


class DraftRepository:
    """Drafts over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def save(
        self, owner: str, kind: str, subject: str, body: str, base_version: int | None = None
    ) -> TypedDraft:
        """Keep what stands in the box now, in place of what was kept under this subject.

        Raises InvalidTextError if it is too long or cannot be stored.
        """
        _check(body)
        row = {
            "owner": owner,
            "kind": kind,
            "subject": subject,
            "body": body,
            "base_version": base_version,
        }
        with translated_faults():
            query = self._client.table(TABLE).upsert(row, on_conflict=_ON_CONFLICT)
            response = query.execute()
        return TypedDraft.model_validate(expect_rows(response.data)[0])

    def about(self, owner: str, subject: str) -> list[TypedDraft]:
        """The drafts of all boxes with this subject, the latest first."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("owner", owner)
            query = query.like("subject", f"{subject}%").order("updated_at", desc=True)
            response = query.limit(_MOST_ABOUT).execute()
        found = [TypedDraft.model_validate(row) for row in expect_rows(response.data)]
        return [draft for draft in found if box_subject(draft.subject) == subject]

    def of_box(self, owner: str, kind: str, subject: str) -> list[TypedDraft]:
        """The drafts of one box, the latest first: usually one, or none."""
        return [draft for draft in self.about(owner, subject) if draft.kind == kind]

    def read_all(self, owner: str, kind: str, limit: int = 20) -> list[TypedDraft]:
        """This owner's drafts of one kind, the latest first."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("owner", owner).eq("kind", kind)
            response = query.order("updated_at", desc=True).limit(limit).execute()
        return [TypedDraft.model_validate(row) for row in expect_rows(response.data)]

    def adopt(self, browser: str, member: str) -> bool:
        """Give a member what was typed in their browser before they signed in; whether any was.

        Nobody else is offered it then. Called again after a crash it leaves no second copy, and
        what the member typed on since stays.
        """
        was_any = False
        with as_dashboard():
            query = self._client.table(TABLE).select("*").eq("owner", browser).limit(_MOST_ROWS)
            while found := expect_rows(query.execute().data):
                was_any = True
                for row in found:
                    self._move(row, member)
        return was_any

    def _move(self, row: dict[str, Any], member: str) -> None:
        moved = {**row, "owner": member, "subject": _moved(str(row["subject"]))}
        table = self._client.table(TABLE)
        table.upsert(moved, on_conflict=_ON_CONFLICT, ignore_duplicates=True).execute()
        named = {name: row[name] for name in ("owner", "kind", "subject")}
        table.delete().match(named).execute()

    def dismiss(self, owner: str, kind: str, subject: str, until: datetime) -> None:
        """Forget the draft of this subject, unless a newer one was kept after `until`."""
        with translated_faults():
            query = self._client.table(TABLE).delete().eq("owner", owner).eq("kind", kind)
            query = query.eq("subject", subject).lte("updated_at", until.isoformat())
            query.execute()


def _moved(subject: str) -> str:
    """Under which a draft stands beside what another owner has kept of the same box."""
    mark = hashlib.sha256(subject.encode()).hexdigest()[:16]
    return f"{box_subject(subject)}{_MARK}{mark}"


@lru_cache(maxsize=1)
def get_drafts() -> DraftRepository:
    """The drafts over this process's Supabase client."""
    return DraftRepository()


def _check(body: str) -> None:
    if "\x00" in body:
        raise InvalidTextError(
            "The text holds NUL characters, so no draft of it is kept.",
            "Remove them (they often come from binary files).",
        )
    if len(body.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidTextError(
            f"The text is larger than {MAX_BYTES // 1024**2} MB, so no draft of it is kept.",
            "Shorten it, or save it.",
        )
