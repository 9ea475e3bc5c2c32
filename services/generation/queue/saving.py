"""Saves the drafts of one process in groups: a request for each takes more than its saving."""

from __future__ import annotations

import time
from collections.abc import Mapping
from threading import Lock
from uuid import UUID

from services.errors import DashboardError
from services.generation.queue.stored import Drafted, Queue

_GATHER_SECONDS = 0.1  # for others to join: nobody looks at a batch closer than that
_MOST = 16  # in a group: the next one begins at once
_MOST_CHARACTERS = 500_000  # of their texts: their batch is locked meanwhile, for half a second
_Try = tuple[UUID, int]  # a worker may hold a second try of a request while its first one ends


class GroupedSaves:
    """Whoever comes first saves for all who come within a moment."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._waiting: dict[_Try, Drafted] = {}
        self._saved: set[_Try] = set()
        self._lock = Lock()
        self._saving = Lock()

    def save(self, drafted: Drafted) -> bool:
        """Store it; whether its request was still there. Raises DashboardError: call it again then.

        A request of its own does not wait for others. What a group refuses is saved alone, so that
        nobody gets the fault of another.
        """
        if drafted.claimed.batch_id is not None and self._save_in_group(drafted):
            return True
        return self._queue.save(drafted) is not None

    def _save_in_group(self, drafted: Drafted) -> bool:
        own = drafted.claimed.id, drafted.claimed.attempts
        with self._lock:
            self._waiting[own] = drafted
        with self._saving:
            if own in self._waiting:
                self._save_those_waiting(own)
            is_saved = own in self._saved
            self._saved.discard(own)
            return is_saved

    def _save_those_waiting(self, own: _Try) -> None:
        if len(self._waiting) < _MOST:
            time.sleep(_GATHER_SECONDS)
        with self._lock:
            group = {one: self._waiting.pop(one) for one in together(own, self._waiting)}
        if len(group) == 1:
            return
        try:
            saved = self._queue.save_all(group.values())
        except DashboardError:
            return  # each one of them is saved alone
        self._saved |= {one for one in group if one[0] in saved}


def together(own: _Try, waiting: Mapping[_Try, Drafted]) -> list[_Try]:
    """Which of those that wait are saved at once with `own`, itself among them."""
    chosen, characters = [own], len(waiting[own].claimed.raw_text)
    for one, drafted in waiting.items():
        size = len(drafted.claimed.raw_text)
        if one != own and len(chosen) < _MOST and characters + size <= _MOST_CHARACTERS:
            chosen.append(one)
            characters += size
    return chosen
