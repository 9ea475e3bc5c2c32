"""Requests with the dashboard's own key, whoever acts: what members cannot reach themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.access.acting import DASHBOARD, acting_as
from services.database import get_supabase_client
from services.database.faults import translated_faults


@contextmanager
def as_dashboard() -> Iterator[None]:
    """What is asked within is asked with that key. Raises DatabaseError."""
    with acting_as(DASHBOARD), translated_faults():
        yield


def call_as_dashboard(function: str, **arguments: object) -> Any:
    """What a function of the database answers. Raises DatabaseError."""
    with as_dashboard():
        return get_supabase_client().client.rpc(function, arguments).execute().data
