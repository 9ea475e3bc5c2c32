"""What is done to many personas at once: to some that were picked, or to all that match a query."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.database.functions import call_function
from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import PersonaQuery
from services.personas.reading import TABLE
from services.personas.reviewing.workflow import Status, get_reviewing

AT_ONCE = 200  # ids in one request
_IN_ADDRESS = 100  # ids in a request whose address holds them

Selection = Sequence[UUID] | PersonaQuery
OnProgress = Callable[[int], None]


@dataclass(frozen=True)
class Outcome:
    """How many personas were changed, and how many stayed; `why` counts the reasons, as Move has
    them. `done` are those that were changed, as far as that is told of each; `trashed` are those
    that were not in the trash before, with the version that moving them there makes."""

    changed: int = 0
    kept: int = 0
    why: Mapping[str, int] = field(default_factory=dict, compare=False)
    done: tuple[UUID, ...] = field(default=(), compare=False)
    trashed: Mapping[UUID, int] = field(default_factory=dict, compare=False)


def trash_all(
    selection: Selection, author: str, on_progress: OnProgress, until: datetime | None = None
) -> Outcome:
    """Move the selection to the trash; `on_progress` hears after each part how many were seen.

    Of a query, only what was there `until` the moment it was confirmed.
    """
    trashed: dict[UUID, int] = {}

    def trash(ids: list[UUID]) -> int:
        found = _versions(ids, in_trash=False)
        trashed.update({one: version + 1 for one, (version, _) in found.items()})
        return _called("trash_personas", ids, author)

    return replace(_apply(selection, until, on_progress, trash), trashed=trashed)


def restore_trashed(trashed: Mapping[UUID, int], author: str) -> int:
    """Take out of the trash what the author moved there as these versions; how many they were.

    What somebody else moved there, or was restored meanwhile and moved there again, stays.
    """

    def restore(ids: list[UUID]) -> int:
        found = _versions(ids, in_trash=True)
        own = [one for one, now in found.items() if now == (trashed[one], author)]
        return _called("restore_personas", own, author)

    return _apply(list(trashed), None, lambda _: None, restore).changed


def move_all(
    selection: Selection,
    status: Status,
    author: str,
    on_progress: OnProgress,
    until: datetime | None = None,
) -> Outcome:
    """Move the selection to a status, where that move is allowed; `until` as above."""

    done: list[UUID] = []
    why: Counter[str] = Counter()

    def move(ids: list[UUID]) -> int:
        moves = get_reviewing().set_statuses(ids, status, author)
        moved = [one.id for one in moves if one.moved]
        done.extend(moved)
        why.update(one.reason for one in moves if one.reason)
        return len(moved)

    outcome = _apply(selection, until, on_progress, move)
    return replace(outcome, why=dict(why), done=tuple(done))


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


def _versions(ids: Sequence[UUID], *, in_trash: bool) -> dict[UUID, tuple[int, str]]:
    """By id, the newest version and who made it, of those that are in the trash, or are not."""
    found: dict[UUID, tuple[int, str]] = {}
    for at in range(0, len(ids), _IN_ADDRESS):
        some = [str(one) for one in ids[at : at + _IN_ADDRESS]]
        query = get_supabase_client().client.table(TABLE).select("id,version,updated_by")
        query = (query.not_ if in_trash else query).is_("deleted_at", "null")
        with translated_faults():
            rows = expect_rows(query.in_("id", some).execute().data)
        for row in rows:
            found[UUID(str(row["id"]))] = (int(str(row["version"])), str(row["updated_by"]))
    return found


def _called(function: str, ids: list[UUID], author: str) -> int:
    """How many a function changed that is called again until it changes none: each call does what
    its time allows."""
    arguments = {"ids": json.dumps([str(one) for one in ids]), "author": author}
    changed = 0
    while more := _call(function, arguments):
        changed += more
    return changed


def _call(function: str, arguments: dict[str, str]) -> int:
    return int(str(call_function(function, arguments)))
