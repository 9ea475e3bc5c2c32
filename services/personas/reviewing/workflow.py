"""Where a persona stands in review, how it moves on, and the queue of what needs eyes.

The database decides (migration 009): it refuses every move that MOVES lacks, whoever asks, and
keeps who moved a persona, when, and with which note. `set_status` moves one persona of a known
version; `set_statuses` moves many and tells of each whether it moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import ConflictError, InvalidInputError, NotFoundError, RefusedMoveError
from services.personas.models import Persona, Timestamp
from services.personas.reading import checked_id
from services.personas.repository import get_persona_repository

MAX_NOTE = 2000  # characters; migration 009 refuses more
_AT_ONCE = 500  # ids in one request: half of what the database takes
COUNTED = 1000  # the queue is counted up to here


class Status(StrEnum):
    """Where a persona stands, by the names the database uses."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"


MOVES: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.IN_REVIEW,),
    Status.IN_REVIEW: (Status.APPROVED, Status.REJECTED, Status.DRAFT),
    Status.APPROVED: (Status.IN_REVIEW, Status.DRAFT),
    Status.REJECTED: (Status.IN_REVIEW, Status.DRAFT),
}
WAITING = (Status.IN_REVIEW, Status.DRAFT)  # the queue holds these

Reason = Literal["missing", "changed", "same", "not_allowed"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Move(_Row):
    """What became of one persona of a move: its status and version now, why it did not move.

    missing: it does not exist (any more). changed: it is not at the version given. same: it has
    that status already. not_allowed: MOVES has no such move.
    """

    id: UUID
    moved: bool
    status: Status | None = None
    version: int | None = None
    reason: Reason | None = None


class Place(_Row):
    """A place in the queue: that of a persona when it was opened, whatever becomes of it."""

    priority: int = Field(validation_alias="review_priority")
    id: UUID

    def to_text(self) -> str:
        """As one URL parameter."""
        return f"{self.priority}_{self.id}"

    @classmethod
    def of(cls, persona: Persona) -> Place | None:
        """Where a persona stands now, None if it does not wait."""
        if persona.review_priority is None:
            return None
        return cls(review_priority=persona.review_priority, id=persona.id)

    @classmethod
    def from_text(cls, text: str) -> Place:
        """What to_text wrote. Raises InvalidInputError for anything else."""
        priority, _, row = text.partition("_")
        try:
            return cls(review_priority=int(priority), id=UUID(row))
        except ValueError as error:
            raise InvalidInputError("This place in the queue cannot be found.") from error


class QueueItem(Place):
    """A persona that waits, and why it should be looked at.

    `unsourced` claims have no words to rest on, `unsure` ones inferred or approximate words that
    nobody accepted; `misshapen` known fields hold something else than the field set says.
    """

    name: str | None = None
    role: str | None = None
    status: Status
    version: int
    risk: int
    claims: int
    unsourced: int
    unsure: int
    proposals: int
    misshapen: int
    waiting_since: Timestamp
    changed_since_review: bool
    open_comments: int

    @property
    def place(self) -> Place:
        return Place(review_priority=self.priority, id=self.id)


class Reviewing:
    """Moves and queue over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def set_status(
        self,
        persona_id: str | UUID,
        new: Status,
        expected_version: int,
        author: str,
        note: str = "",
    ) -> Move:
        """Move version `expected_version` of a persona, and nothing if it is not the newest.

        Raises RefusedMoveError where there is no such move, ConflictError with the persona as it
        is now, NotFoundError.
        """
        wanted = [{"id": checked_id(persona_id), "version": expected_version}]
        (move,) = self._move(wanted, new, author, note)
        if move.reason == "missing":
            raise NotFoundError
        if move.reason == "changed":
            raise ConflictError(get_persona_repository().read(persona_id))
        if move.status and move.reason:
            raise RefusedMoveError(move.status, new, MOVES[move.status])
        return move

    def set_statuses(
        self, ids: Iterable[str | UUID], new: Status, author: str, note: str = ""
    ) -> list[Move]:
        """Move each of these personas, whatever its version; one Move for each id, by id."""
        waiting = sorted({checked_id(one) for one in ids})
        moves: list[Move] = []
        while waiting:  # each request answers for the ids that its time allowed
            answered = self._move(waiting[:_AT_ONCE], new, author, note)
            moves += answered
            waiting = waiting[max(1, len(answered)) :]
        return moves

    def queue(
        self,
        statuses: Iterable[Status] = WAITING,
        size: int = 25,
        after: Place | None = None,
        *,
        backwards: bool = False,
        batch: str = "",
    ) -> list[QueueItem]:
        """Up to `size` (at most 200) waiting personas, the riskiest first; a long wait counts too.

        After a place, what follows it; backwards, what stands before it, the nearest first. With
        `batch` (an id), of what came of that batch alone.
        """
        arguments: dict[str, Any] = {
            "statuses": _asked(statuses, batch),
            "size": size,
            "after_priority": after.priority if after else None,
            "after_id": str(after.id) if after else None,
            "backwards": backwards,
        }
        with translated_faults():
            response = self._client.rpc("review_queue", arguments).execute()
        return [QueueItem.model_validate(row) for row in expect_rows(response.data)]

    def queue_length(
        self, statuses: Iterable[Status] = WAITING, most: int = COUNTED, batch: str = ""
    ) -> int:
        """How many personas wait (of a batch), counted up to `most`."""
        arguments = {"statuses": _asked(statuses, batch), "most": most}
        with translated_faults():
            response = self._client.rpc("review_queue_length", arguments).execute()
        return int(str(response.data))

    def _move(self, wanted: list[Any], new: Status, author: str, note: str) -> list[Move]:
        arguments = {
            "ids": json.dumps(wanted),
            "new_status": Status(new).value,
            "author": author,
            "note": checked_note(note),
        }
        with translated_faults():
            response = self._client.rpc("set_status", arguments).execute()
        return [Move.model_validate(row) for row in expect_rows(response.data)]


@lru_cache(maxsize=1)
def get_reviewing() -> Reviewing:
    """Moves and queue over this process's Supabase client."""
    return Reviewing()


def _asked(statuses: Iterable[Status], batch: str) -> str:
    """As the functions of migration 027 take it. Raises InvalidIdError."""
    if not batch:
        return json.dumps(list(statuses))
    return json.dumps({"statuses": list(statuses), "batch": checked_id(batch)})


def checked_note(note: str) -> str:
    """The note as stored. Raises InvalidInputError if it is too long or cannot be stored."""
    if len(note) > MAX_NOTE:
        raise InvalidInputError(f"A note holds up to {MAX_NOTE:,} characters.", "Shorten it.")
    if any(char < " " and char not in "\t\n\r" for char in note):
        raise InvalidInputError("The note contains control characters.", "Type it again.")
    return note.strip()
