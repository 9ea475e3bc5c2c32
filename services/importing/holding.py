"""The files that this process holds for imports.

A file that cannot be read is not kept; of the others, those that nobody goes on with go first.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from services.errors import InvalidInputError
from services.importing.held_file import HeldFile, Preview
from services.importing.mapping import Mapping

_KEPT = 20  # of those that wait for their check, and as many that are checked and wait
_UNCHECKED_SECONDS = 6 * 3600  # that a file waits for its check


@dataclass
class Work:
    """A file, and what is done with it."""

    file: HeldFile
    mapping: Mapping = field(default_factory=dict)
    cancelled: threading.Event = field(default_factory=threading.Event)
    running: bool = False
    begun: bool = False  # its check was
    asked_at: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = None


class Works:
    """The files of this process, by the ids of their imports."""

    def __init__(self) -> None:
        self._works: dict[UUID, Work] = {}
        self._lock = threading.Lock()

    def __contains__(self, job_id: UUID) -> bool:
        return job_id in self._works

    def take(self, job_id: UUID, name: str, source: BinaryIO) -> Preview:
        """Keep a copy of a file under this id, if it can be read. Raises ImportFileError."""
        if (work := self._works.get(job_id)) is None:
            work = self._keep(job_id, _read(name, source))
        work.asked_at = time.monotonic()
        return work.file.preview()

    def of(self, job_id: UUID) -> Work:
        """The file of this import. Raises InvalidInputError if it is not held."""
        try:
            return self._works[job_id]
        except KeyError:
            raise InvalidInputError(
                "The dashboard does not have this file any more.",
                "Give the file again: what was saved is skipped.",
            ) from None

    def begin(self, job_id: UUID) -> Work | None:
        """The file for whoever now works on it alone, and may be cancelled from now on; None if
        somebody does already. Raises InvalidInputError."""
        with self._lock:
            work = self.of(job_id)
            if work.running:
                return None
            work.running = work.begun = True
            work.cancelled.clear()
            return work

    def cancel(self, job_id: UUID) -> None:
        """Ask whoever works on it to stop."""
        if work := self._works.get(job_id):
            work.cancelled.set()

    def cancel_all(self) -> list[Work]:
        """Ask everybody to stop; all that is held."""
        works = list(self._works.values())
        for work in works:
            work.cancelled.set()
        return works

    def let_go(self, job_id: UUID) -> None:
        """The file is not needed any more, and holds people's texts."""
        if work := self._works.pop(job_id, None):
            work.file.close()

    def _keep(self, job_id: UUID, file: HeldFile) -> Work:
        with self._lock:
            if job_id in self._works:  # given twice at once
                file.close()
            work = self._works.setdefault(job_id, Work(file))
            self._let_go_of_old()
            return work

    def _let_go_of_old(self) -> None:
        since = time.monotonic() - _UNCHECKED_SECONDS
        for begun in (False, True):
            idle = [
                (work.asked_at, job_id)
                for job_id, work in self._works.items()
                if work.begun is begun and not work.running
            ]
            for place, (asked_at, job_id) in enumerate(sorted(idle, reverse=True)):
                if place >= _KEPT or (asked_at < since and not begun):
                    self.let_go(job_id)


def _read(name: str, source: BinaryIO) -> HeldFile:
    file = HeldFile(name, source)
    try:
        file.preview()
    except BaseException:
        file.close()
        raise
    return file
