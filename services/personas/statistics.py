"""How many personas there are, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import PersonaQuery
from services.personas.reviewing.workflow import Status, get_reviewing
from services.personas.trash import get_trash


@dataclass(frozen=True)
class Statistics:
    """Counts of all personas that are not in the trash; not `exact`: as the database expects."""

    personas: int
    exact: bool
    by_status: dict[Status, int]
    waiting_for_review: int
    in_trash: int
    first_created_at: datetime | None
    last_created_at: datetime | None


def statistics() -> Statistics:
    """Counted now. Raises DatabaseError."""
    finder = get_persona_finder()
    total = finder.count(PersonaQuery())
    totals = {status: finder.count(PersonaQuery(statuses=(status,))) for status in Status}
    return Statistics(
        personas=total.number,
        exact=total.exact and all(one.exact for one in totals.values()),
        by_status={status: one.number for status, one in totals.items()},
        waiting_for_review=get_reviewing().queue_length(),
        in_trash=get_trash().count(),
        first_created_at=_created(descending=False),
        last_created_at=_created(descending=True),
    )


def _created(*, descending: bool) -> datetime | None:
    items = get_persona_finder().page(PersonaQuery(descending=descending), size=1).items
    return items[0].created_at if items else None
