"""Requests that must not be done twice, and what was answered to them (migrations 025, 031)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.access.as_dashboard import call_as_dashboard
from services.errors import NotSupabaseError

State = Literal["new", "done", "running", "unknown", "other"]


@dataclass(frozen=True)
class Begun:
    """Where a request stands: see migration 025. `made` is set when it is new, the id for what it
    makes; `answer` when it is done."""

    state: State
    made: str | None = None
    answer: str | None = None


def begin_request(caller: str, key: str, fingerprint: str, *, repeatable: bool) -> Begun:
    """Begin a request of `caller`, once: of many at once, one is told that it is new.

    What is `repeatable` begins anew if whoever did it is gone.
    """
    data = call_as_dashboard(
        "begin_request", caller=caller, key=key, fingerprint=fingerprint, repeatable=repeatable
    )
    if not isinstance(data, str):
        raise NotSupabaseError
    return Begun(**json.loads(data))


def end_request(caller: str, key: str, answer: str, persona: UUID | None) -> None:
    """Keep what was answered for a day, or until that persona is erased."""
    _end(caller, key, answer, persona)


def forget_request(caller: str, key: str) -> None:
    """Nothing was done: the same request, or a corrected one, may be sent again.

    What an earlier try perhaps did is not forgotten: then it is let go, as below.
    """
    _end(caller, key, None, None)


def release_request(caller: str, key: str) -> None:
    """Perhaps it was done: the same request may begin anew at once, with the same `made`."""
    call_as_dashboard("release_request", caller=caller, key=key)


def _end(caller: str, key: str, answer: str | None, persona: UUID | None) -> None:
    made = str(persona) if persona else None
    call_as_dashboard("end_request", caller=caller, key=key, answer=answer, persona=made)
