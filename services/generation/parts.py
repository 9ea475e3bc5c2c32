"""The parts of a request's text: stored when they are read, so that none is paid for twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import lru_cache
from threading import Event, Lock
from typing import Any
from uuid import UUID

from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.database.patience import patiently
from services.engines.parts import FailedPart, NotRead, Parts, ReadPart
from services.engines.usage import NO_TOKENS, Usage
from services.errors import DashboardError
from services.evidence.schema import Claim
from services.generation.spent import usage_in
from services.personas.models import StoredModel

log = logging.getLogger(__name__)

TABLE = "generation_parts"
_KEY = "request_id,start_at,end_at,made_by"


class StoredPart(StoredModel):
    """text[start_at:end_at] of a request: read (has claims), failed, or left out after a fault."""

    start_at: int
    end_at: int
    made_by: str
    claims: list[dict[str, Any]] | None = None
    usage: dict[str, Any] | None = None
    cut_at: int | None = None
    error_kind: str | None = None
    error: str | None = None
    left_out: bool = False

    @property
    def is_failed(self) -> bool:
        """It could not be read, and nobody has left it out."""
        return self.claims is None and not self.left_out

    def read(self) -> ReadPart | None:
        """As the engine knows it; None if it was not read."""
        if self.claims is None:
            return None
        return ReadPart(
            self.start_at,
            self.end_at,
            self.made_by,
            tuple(Claim(**claim) for claim in self.claims),
            usage_in(self.usage),
            self.cut_at,
        )

    def not_read(self) -> NotRead | None:
        """As the persona tells of it; None if nobody has left it out."""
        return NotRead(self.start_at, self.end_at, self.error or "") if self.left_out else None


class PartRepository:
    """Parts over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def of(self, request_id: UUID | str) -> list[StoredPart]:
        """All parts of the request, in the order of its text; none once it is saved."""
        with translated_faults():
            query = self._client.table(TABLE).select("*").eq("request_id", str(request_id))
            response = query.order("start_at").execute()
        return [StoredPart.model_validate(row) for row in expect_rows(response.data)]

    def keep(self, request_id: UUID, part: ReadPart) -> None:
        """Store a part that was read, in the place of what was known of it."""
        claims = [asdict(claim) for claim in part.claims]
        told = {"claims": claims, "usage": part.usage.as_json(), "cut_at": part.cut_at}
        self._write(request_id, part, told)

    def fail(self, request_id: UUID, part: FailedPart) -> None:
        """Store why a part could not be read."""
        fault = part.fault
        self._write(request_id, part, {"error_kind": fault.kind, "error": str(fault)})

    def leave_out_failed(self, request_id: UUID) -> None:
        """Go on without the parts that could not be read."""
        with translated_faults():
            query = self._client.table(TABLE).update({"left_out": True})
            query = query.eq("request_id", str(request_id)).is_("claims", "null")
            query.execute()

    def forget(self, request_id: UUID, *, only_failed: bool) -> None:
        """Forget the faults of parts that nobody has left out, or everything."""
        with translated_faults():
            query = self._client.table(TABLE).delete().eq("request_id", str(request_id))
            if only_failed:
                query = query.is_("claims", "null").eq("left_out", False)
            query.execute()

    def _write(
        self, request_id: UUID, part: ReadPart | FailedPart, told: Mapping[str, Any]
    ) -> None:
        row = {
            "request_id": str(request_id),
            "start_at": part.start,
            "end_at": part.end,
            "made_by": part.made_by,
            **dict.fromkeys(("claims", "usage", "cut_at", "error_kind", "error")),
            "left_out": False,
            **told,
        }
        with translated_faults():
            self._client.table(TABLE).upsert(row, on_conflict=_KEY).execute()


class KeptParts:
    """The parts of one try of a request: what is stored of them, and what this try adds.

    What cannot be stored stays in the try's memory, and its tokens are the try's own.
    """

    def __init__(self, request_id: UUID, stopped: Event) -> None:
        self._request_id = request_id
        self._stopped = stopped
        self._repository = get_parts()
        self._kept = NO_TOKENS
        self._before = NO_TOKENS
        self._lock = Lock()

    def parts(self) -> Parts:
        """What the engine gets. Forgets the faults of earlier tries. Raises DatabaseError."""
        repository, request_id = self._repository, self._request_id
        patiently(lambda: repository.forget(request_id, only_failed=True), self._stopped)
        stored = patiently(lambda: repository.of(request_id), self._stopped)
        read = [part for one in stored if (part := one.read())]
        left_out = [gap for one in stored if (gap := one.not_read())]
        parts = Parts(read, left_out, self._keep, self._note)
        self._before = parts.paid_before
        return parts

    def own(self, paid: Usage) -> Usage:
        """Of what the try has `paid`, that which does not stand with a stored part."""
        return paid - self._kept

    def forget(self) -> None:
        """Forget all parts: from now on their tokens are the try's own."""
        patiently(
            lambda: self._repository.forget(self._request_id, only_failed=False), self._stopped
        )
        self._kept = NO_TOKENS - self._before

    def _keep(self, part: ReadPart) -> None:
        if self._stored(lambda: self._repository.keep(self._request_id, part)):
            with self._lock:
                self._kept += part.usage

    def _note(self, part: FailedPart) -> None:
        self._stored(lambda: self._repository.fail(self._request_id, part))

    def _stored(self, write: Callable[[], None]) -> bool:
        try:
            patiently(write, self._stopped)
        except DashboardError as error:
            log.warning("A part could not be stored: %s", type(error).__name__)
            return False
        return True


@lru_cache(maxsize=1)
def get_parts() -> PartRepository:
    """The parts over this process's Supabase client."""
    return PartRepository()


def usage_of_parts(parts: list[StoredPart]) -> Usage:
    """What all these parts took."""
    return sum((usage_in(part.usage) for part in parts), NO_TOKENS)
