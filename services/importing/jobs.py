"""Import jobs as stored: how far each is, and the problems of its rows. They hold no text.

    checking ──> checked ──> saving ──> saved
                    ^           ├─────> failed, cancelled ──> saving again
                    └── killed in between: the same file, given again, goes on where it stopped

A job whose worker stops beating for STALE_AFTER is interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from supabase import Client

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.database.functions import call_function
from services.errors import NotFoundError, NotSupabaseError
from services.importing.rows import Problem, ReadyRow
from services.personas.models import Timestamp

JOBS = "import_jobs"
PROBLEMS = "import_problems"
STALE_AFTER = timedelta(seconds=60)
_PAGE = 1000
Status = Literal["checking", "checked", "saving", "saved", "cancelled", "failed"]


class ImportJob(BaseModel):
    """A stored job. `known` of its good rows were stored already when it was checked; `saved` and
    `skipped` count what its last run did."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: UUID
    file_name: str
    file_digest: str = ""
    status: Status
    rows: int
    good: int
    known: int
    faulty: int
    saved: int
    skipped: int
    error: str | None = None
    worker: str | None = None
    heartbeat_at: Timestamp | None = None
    created_at: Timestamp

    @property
    def is_open(self) -> bool:
        """Somebody works on it."""
        last = self.heartbeat_at or self.created_at
        return self.status in ("checking", "saving") and datetime.now(UTC) - last < STALE_AFTER

    @property
    def is_update(self) -> bool:
        """It is done, and wrote new versions of what was stored before; `saved` counts them."""
        return bool(self.status == "saved" and self.saved and self.good == self.known)

    @property
    def is_interrupted(self) -> bool:
        """Begun, but nobody works on it any more."""
        return self.status in ("checking", "saving") and not self.is_open


class ImportJobRepository:
    """Import jobs over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def create(self, job_id: UUID, file_name: str, digest: str, author: str) -> ImportJob:
        """Store a job; the same id again is the same job."""
        row = {"id": str(job_id), "file_name": file_name, "file_digest": digest}
        row |= {"created_by": author}
        with translated_faults():
            query = self._client.table(JOBS).upsert(row, ignore_duplicates=True, on_conflict="id")
            query.execute()
        return self.read(job_id)

    def read(self, job_id: UUID | str) -> ImportJob:
        """The job as it is now. Raises NotFoundError."""
        with translated_faults():
            query = self._client.table(JOBS).select("*").eq("id", str(job_id))
            rows = expect_rows(query.limit(1).execute().data)
        if not rows:
            raise NotFoundError("This import does not exist.", "Start a new one.")
        return ImportJob.model_validate(rows[0])

    def recent(self, limit: int = 10) -> list[ImportJob]:
        """The newest jobs first."""
        with translated_faults():
            query = self._client.table(JOBS).select("*").order("created_at", desc=True)
            rows = expect_rows(query.limit(limit).execute().data)
        return [ImportJob.model_validate(row) for row in rows]

    def change(self, job_id: UUID, **columns: Any) -> None:
        """Write columns of the job, with a sign of life."""
        columns["heartbeat_at"] = datetime.now(UTC).isoformat()
        with translated_faults():
            self._client.table(JOBS).update(columns).eq("id", str(job_id)).execute()

    def add_problems(self, job_id: UUID, problems: Sequence[Problem]) -> None:
        """Store problems; one that is there already stays."""
        rows = [
            {"job_id": str(job_id), "row": problem.number, "reason": problem.reason}
            for problem in problems
        ]
        with translated_faults():
            query = self._client.table(PROBLEMS)
            query.upsert(rows, ignore_duplicates=True, on_conflict="job_id,row").execute()

    def problems(self, job_id: UUID, after: int = -1) -> Iterator[Problem]:
        """Every problem in the order of the file, behind the row `after`."""
        last = after
        while True:
            with translated_faults():
                query = self._client.table(PROBLEMS).select("row,reason").eq("job_id", str(job_id))
                ordered = query.gt("row", last).order("row")
                rows = expect_rows(ordered.limit(_PAGE).execute().data)
            for row in rows:
                last = int(str(row["row"]))
                yield Problem(last, str(row["reason"]))
            if len(rows) < _PAGE:
                return

    def known(self, rows: Sequence[ReadyRow], digest: str) -> set[int]:
        """The numbers of those rows that are stored already."""
        given = [{"row": r.number, "id": r.id, "md5": r.md5} for r in rows]
        data = self._call("known_import_rows", {"rows": json.dumps(given), "digest": digest})
        found: set[int] = set(json.loads(data))
        return found

    def claim(self, job_id: UUID, worker: str) -> bool:
        """Take the job to save its rows; False if somebody else does."""
        arguments = {"job": str(job_id), "worker": worker}
        seconds = int(STALE_AFTER.total_seconds())
        with translated_faults():
            query = self._client.rpc("claim_import", {**arguments, "stale_after_seconds": seconds})
            return bool(query.execute().data)

    def save(self, job_id: UUID, worker: str, rows: Sequence[ReadyRow]) -> None:
        """Store what is not stored yet and count it, in one step. Raises DatabaseError (PT409) if
        the job is not held by this worker."""
        head = json.dumps({"job": str(job_id), "worker": worker, "rows": ""})
        given = b",".join(row.json for row in rows)
        self._send("save_import", b'%s[%s]"}' % (head.removesuffix('"}').encode(), given))

    def _send(self, function: str, body: bytes) -> None:
        """Call a function with arguments that are JSON already: a large row is never a text here,
        which could take four times its room."""
        request = self._client.rpc(function, {}).request
        headers = {**request.headers, "Content-Type": "application/json"}
        with translated_faults():
            request.session.request(
                "POST", str(request.path), content=body, headers=headers, auth=request.auth
            )

    def _call(self, function: str, arguments: dict[str, Any]) -> str:
        data = call_function(function, arguments)
        if not isinstance(data, str):
            raise NotSupabaseError
        return data


@lru_cache(maxsize=1)
def get_import_jobs() -> ImportJobRepository:
    """The jobs over this process's Supabase client."""
    return ImportJobRepository()
