"""Cancelling a request, whoever holds it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from services.generation.requests import get_generation_requests


def cancel_request(request_id: UUID, *holders: Callable[[UUID], None]) -> None:
    """End a request that nobody holds, and tell those of this process who may hold it.

    Its text stays. One that another process works on goes on. Raises DatabaseError; the holders
    were told then, too.
    """
    try:  # first: who takes the request just then is told after it
        get_generation_requests().cancel_unheld(request_id)
    finally:
        for cancel in holders:
            cancel(request_id)
