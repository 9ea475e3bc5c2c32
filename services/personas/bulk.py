"""What is done to many personas at once: to some that were picked, or to all that match a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.database import get_supabase_client
from services.database.faults import translated_faults
from services.personas.finding import get_persona_finder
from services.personas.query import PersonaQuery
from services.personas.reviewing import Status, get_reviewing

AT_ONCE = 200  # ids in one request

Selection = Sequence[UUID] | PersonaQuery
OnProgress = Callable[[int], None]


@dataclass(frozen=True)
class Outcome:
    """How many personas were changed, and how many stayed: they were gone, or may not move so."""

    changed: int = 0
    kept: int = 0


def trash_all(
    selection: Selection, author: str, on_progress: OnProgress, until: datetime | None = None
) -> Outcome:
    """Move the selection to the trash; `on_progress` hears after each part how many were seen.

    Of a query, only what was there `until` the moment it was confirmed.
    """
    return _apply(selection, until, on_progress, lambda ids: _trash(ids, author))


def move_all(
    selection: Selection,
    status: Status,
    author: str,
    on_progress: OnProgress,
    until: datetime | None = None,
) -> Outcome:
    """Move the selection to a status, where that move is allowed; `until` as above."""

    def move(ids: list[UUID]) -> int:
        return sum(move.moved for move in get_reviewing().set_statuses(ids, status, author))

    return _apply(selection, until, on_progress, move)


def _apply(
    selection: Selection,
    until: datetime | None,
    on_progress: OnProgress,
    change: Callable[[list[UUID]], int],
) -> Outcome:
    seen = changed = 0
    for ids in _parts(selection, until):
        changed += change(ids)
        seen += len(ids)
        on_progress(seen)
    return Outcome(changed, seen - changed)


def _parts(selection: Selection, until: datetime | None) -> Iterator[list[UUID]]:
    whole = (
        get_persona_finder().matching(selection, until)
        if isinstance(selection, PersonaQuery)
        else iter([list(selection)])
    )
    for ids in whole:
        yield from (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _trash(ids: list[UUID], author: str) -> int:
    arguments = {"ids": json.dumps([str(one) for one in ids]), "author": author}
    trashed = 0
    while moved := _call_trash(arguments):  # each call does what its time allows
        trashed += moved
    return trashed


def _call_trash(arguments: dict[str, str]) -> int:
    with translated_faults():
        response = get_supabase_client().client.rpc("trash_personas", arguments).execute()
    return int(str(response.data))
