"""The queue of requests as a worker sees it (migrations/026_batches.sql)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from services.database.faults import expect_json_list
from services.database.functions import call_function
from services.errors import NotSupabaseError
from services.generation.requests import STALE_AFTER, Kind, Status
from services.personas.models import StoredModel

_NEVER = 1_000_000_000  # seconds


class Claimed(StoredModel):
    """A request that this worker holds, with its text. `attempts` names the try."""

    id: UUID
    kind: Kind = "generate"
    raw_text: str
    about: str = ""
    sources: list[dict[str, Any]] = Field(default_factory=list)
    persona_id: UUID | None = None
    batch_id: UUID | None = None
    engine: str
    model: str | None = None
    attempts: int
    label: str = ""
    spent: dict[str, Any] | None = None
    max_usd: float | None = None
    max_tokens: int | None = None
    text_hash: str | None = None
    reuse: bool = True  # a draft of an equal text may be there


@dataclass(frozen=True)
class Cost:
    """What one try took: USD (0 where prices are not known), tokens of input and output."""

    usd: float = 0.0
    tokens: int = 0


@dataclass(frozen=True)
class Drafted:
    """A draft (columns persona, evidence, generation) of a claimed request, and what it took."""

    claimed: Claimed
    columns: Mapping[str, Any]
    cost: Cost

    def told(self) -> dict[str, Any]:
        """As the database is told."""
        return {**self.columns, "attempt": self.claimed.attempts, **asdict(self.cost)}


@dataclass(frozen=True)
class Outcome:
    """How a try ended without a persona: see `end_generation`."""

    status: Literal["queued", "failed", "cancelled"]
    kind: str | None = None
    error: str | None = None
    after_seconds: float = 0
    returned: bool = False
    down: int | None = (
        None  # of the model server: 0 it answered, 1 its fault, 2 it refuses everybody
    )


class Queue:
    """The queue for one worker; raises the faults of services.errors.

    Every call may be made again when its answer is lost: none is counted twice.
    """

    def __init__(
        self, worker: str, attempts: int = 5, lease: float = STALE_AFTER.total_seconds()
    ) -> None:
        """`attempts`: tries a request has at most; `lease`: seconds without a sign of life after
        which somebody else may have it, the same for all workers."""
        self.worker = worker
        self.lease = lease
        self._attempts = attempts

    def claim(
        self,
        servers: Mapping[str, str | None],
        n: int,
        *,
        from_lost: bool = True,
        held: Iterable[UUID] | None = None,
    ) -> list[Claimed]:
        """Take at most `n` requests; `servers` has the model server (or None) of each engine.

        `from_lost`: also what workers hold that have been silent for a lease. `held`: after a claim
        whose answer was lost, all that this worker knows of: the rest goes back.
        """
        told: dict[str, Any] = {
            "attempts": self._attempts,
            "servers": {engine: server for engine, server in servers.items() if server},
        }
        if held is not None:
            told["held"] = [str(one) for one in held]
        arguments = {
            "worker": self.worker,
            "engines": json.dumps(list(servers)),
            "n": n,
            "stale_after_seconds": max(1, round(self.lease)) if from_lost else _NEVER,
            "conditions": json.dumps(told),
        }
        rows = expect_json_list(call_function("claim_generations", arguments))
        return [Claimed.model_validate(row) for row in rows]

    def beat(self, ids: Iterable[UUID]) -> set[UUID]:
        """Tell that these requests are worked on; those that are still this worker's."""
        asked = json.dumps([str(one) for one in ids])
        return _ids(call_function("heartbeat_generations", {"worker": self.worker, "ids": asked}))

    def save(self, drafted: Drafted) -> UUID | None:
        """Store the draft, whoever holds the request by now.

        The id of the persona; None if the request was deleted just now.
        """
        arguments = {
            "request_id": str(drafted.claimed.id),
            "worker": self.worker,
            "result": json.dumps(drafted.told()),
        }
        saved = call_function("save_generation", arguments)
        return UUID(str(saved)) if saved else None

    def save_all(self, drafted: Iterable[Drafted]) -> set[UUID]:
        """Store these drafts, all or none: when one is refused, its fault is raised.

        The ids of the requests that are saved: not of those that are gone.
        """
        results = [{**one.told(), "request": str(one.claimed.id)} for one in drafted]
        arguments = {"worker": self.worker, "results": json.dumps(results)}
        return _ids(call_function("save_generations", arguments))

    def end(
        self,
        claimed: Claimed,
        outcome: Outcome,
        cost: Cost | None = None,
        spent: Mapping[str, Any] | None = None,
    ) -> Status | None:
        """End the try; what the request is then, None if it is gone. `spent`: of all tries."""
        told = {name: value for name, value in asdict(outcome).items() if value is not None}
        told |= {"attempt": claimed.attempts, "attempts": self._attempts, "spent": spent}
        told |= asdict(cost or Cost())
        arguments = {
            "request_id": str(claimed.id),
            "worker": self.worker,
            "outcome": json.dumps(told),
        }
        answer: Any = call_function("end_generation", arguments)
        return answer if isinstance(answer, str) else None  # type: ignore[return-value]

    def take_turns(
        self,
        server: str,
        limits: Mapping[str, int | None],
        wanted: Sequence[int],
        used: Mapping[int, int],
        share: float = 1.0,
    ) -> tuple[list[int], float]:
        """Turns for the first of `wanted` (tokens at most), and how long the others wait.

        `limits` has `requests` and `tokens` a minute; `used`: what earlier turns did take.
        """
        asked = {
            **limits,
            "server": server,
            "share": share,
            "wanted": list(wanted),
            "used": [{"turn": turn, "tokens": tokens} for turn, tokens in used.items()],
        }
        answer = call_function("take_turns", {"asked": json.dumps(asked)})
        told = json.loads(answer) if isinstance(answer, str) else answer
        if not isinstance(told, dict):
            raise NotSupabaseError
        return [int(turn) for turn in told["turns"]], float(told["wait"])


def _ids(answer: object) -> set[UUID]:
    told = json.loads(answer) if isinstance(answer, str) else answer
    if not isinstance(told, list):
        raise NotSupabaseError
    return {UUID(str(one)) for one in told}
