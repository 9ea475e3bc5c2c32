"""Takes requests from the queue and works on many of them at once, until it is stopped."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from uuid import UUID

from services.engines.generator import Generator, Progress
from services.errors import DashboardError
from services.fault_log import log_fault
from services.generation.batch_files.poller import FilePoller
from services.generation.drafting import Result
from services.generation.equal_texts.earlier import earlier_results
from services.generation.queue.saving import GroupedSaves
from services.generation.queue.stored import Claimed, Queue
from services.generation.worker.attempt import Attempt
from services.threads import join_within

log = logging.getLogger(__name__)

_BEATS = 4  # in a lease
_AHEAD = 2  # one in so many more is claimed than works at once: no call waits for a claim
_UNSAVED = 3  # times as many may be held, with those that wait to be saved
_LONGEST_PAUSE = 0.25  # seconds between claims: what ends meanwhile is replaced in one go
_FIRST_IDLE, _LONGEST_IDLE = 0.05, 4.0


class Worker:
    """Works on some more than `concurrency` requests, each in a thread of its own.

    A thread each is enough: they wait for the model server, and its client is one for all. How many
    ask at once is up to the engine: who waits for its turn there begins when another has ended,
    while that one is saved.
    """

    def __init__(
        self,
        queue: Queue,
        generators: Iterable[Generator],
        concurrency: int,
        *,
        on_ended: Callable[[], None] = lambda: None,
        files: FilePoller | None = None,
    ) -> None:
        """`on_ended` is called after each request. `files`: what looks after files of questions."""
        self.counts: Counter[str] = Counter()  # of what it ended, by status; "lost" among them
        self.is_idle = False  # the last claim gave nothing, and nothing is under way
        self._in_touch_since: float | None = None
        self._woken = False
        self._answer_was_lost = False
        self._untold: set[UUID] = set()  # ended, but the database was not told
        self._queue = queue
        self._saves = GroupedSaves(queue)
        self._generators = {generator.name: generator for generator in generators}
        self._servers = {name: server_of(one) for name, one in self._generators.items()}
        self._most = concurrency + concurrency // _AHEAD
        self._most_held = concurrency * _UNSAVED
        self._at_least = max(1, concurrency // 8)
        self._on_ended = on_ended
        self._files = files
        self._attempts: dict[UUID, Attempt] = {}
        self._threads: dict[UUID, threading.Thread] = {}
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._ending = threading.Event()
        loops = (self._claim_loop, self._beat_loop)
        self._loops = [threading.Thread(target=loop, daemon=True) for loop in loops]

    def start(self) -> None:
        for loop in self._loops:
            loop.start()
        if self._files:
            self._files.start()

    @property
    def under_way(self) -> int:
        return len(self._attempts)

    def stop(self, finish_seconds: float = 0.0, seconds: float = 2.0) -> None:
        """Take nothing more. What is under way may end for `finish_seconds`, then it is handed
        back, for which there are `seconds`. Idempotent."""
        self._stopping.set()
        self._changed.set()
        started = [loop for loop in self._loops[:1] if loop.is_alive()]
        join_within(started, finish_seconds + seconds)  # what it claims just now, too
        join_within(list(self._threads.values()), finish_seconds)
        self.hurry()
        join_within(list(self._threads.values()), seconds)
        if self._files:
            self._files.stop(seconds)
        self._ending.set()
        join_within(list(self._threads.values()), seconds)

    def hurry(self) -> None:
        """Hand back at once what `stop` waits for."""
        for attempt in list(self._attempts.values()):
            attempt.stop(returned=True)

    def wake(self) -> None:
        """Look for work now: some was just begun."""
        self._woken = True
        self._changed.set()

    def cancel(self, request_id: UUID) -> None:
        """Stop a request at once, on somebody's word; nothing if it is not of this worker."""
        if attempt := self._attempts.get(request_id):
            attempt.stop()

    def progress(self, request_id: UUID) -> Progress | None:
        """How far the request is; None if this worker does not hold it."""
        attempt = self._attempts.get(request_id)
        return attempt.progress if attempt else None

    # ------------------------------------------------------------------ claims

    def _claim_loop(self) -> None:
        idle = _FIRST_IDLE
        while not self._stopping.is_set():
            self._changed.clear()
            if self._claim(self._room()):
                idle = _FIRST_IDLE
                self._wait_for_room()
            else:
                self.is_idle = not self._attempts
                self._changed.wait(idle)
                idle = _FIRST_IDLE if self._woken else min(idle * 2, _LONGEST_IDLE)
                self._woken = False

    def _room(self) -> int:
        held = list(self._attempts.values())
        drafting = sum(not attempt.is_finished for attempt in held)
        return min(self._most - drafting, self._most_held - len(held))

    def _wait_for_room(self) -> None:
        """Until several can be claimed in one go, or a moment has passed and one can."""
        until = time.monotonic() + _LONGEST_PAUSE
        while not self._stopping.is_set() and self._room() < self._at_least:
            self._changed.clear()
            left = until - time.monotonic() if self._room() else None
            if left is not None and left <= 0:
                return
            self._changed.wait(left)

    def _claim(self, free: int) -> int:
        """How many were begun. What a claim gave and was not begun goes back with the next one."""
        lost, self._answer_was_lost = self._answer_was_lost, True
        try:
            claimed = self._queue.claim(
                self._servers,
                free,
                from_lost=self._is_in_touch(),
                held={*self._attempts, *self._untold} if lost else None,
            )
            self.is_idle = self.is_idle and not claimed
            earlier = self._earlier(claimed)
            for one in claimed:
                self._begin(one, earlier.get(one.id))
        except DashboardError as fault:
            self._in_touch_since = None
            log.warning("Nothing could be claimed: %s", type(fault).__name__)
        except Exception as error:  # the loop must not end
            log_fault(log, "A claim failed", error)
        else:
            self._answer_was_lost = False
            return len(claimed)
        self._stopping.wait(_LONGEST_IDLE)
        return 0

    def _is_in_touch(self) -> bool:
        """Whether the database has answered for longer than a lease.

        When it was away for all, nobody has given a sign of life, and everything looks lost: those
        who hold it come back first.
        """
        now = time.monotonic()
        self._in_touch_since = self._in_touch_since or now
        return now - self._in_touch_since > self._queue.lease * (1 + 1 / _BEATS)

    def _earlier(self, claimed: list[Claimed]) -> dict[UUID, Result]:
        """What was drafted before from texts of these: one look-up an engine and claim."""
        found: dict[UUID, Result] = {}
        asked = [one for one in claimed if one.reuse]
        for name, generator in self._generators.items():
            found |= earlier_results(generator, [one for one in asked if one.engine == name])
        return found

    def _begin(self, claimed: Claimed, earlier: Result | None) -> None:
        attempt = Attempt(
            claimed, self._queue, self._saves, self._generators, self._changed.set, earlier
        )
        thread = threading.Thread(target=self._run, args=(attempt,), daemon=True)
        with self._lock:
            self._attempts[claimed.id] = attempt
            self._threads[claimed.id] = thread
        if self._stopping.is_set():  # the claim was answered late
            attempt.stop(returned=True)
        try:
            thread.start()
        except RuntimeError:  # there are too many
            self._forget(claimed.id)
            raise

    def _forget(self, request_id: UUID) -> None:
        with self._lock:
            self._attempts.pop(request_id, None)
            self._threads.pop(request_id, None)

    def _run(self, attempt: Attempt) -> None:
        try:
            status = attempt.run(self._ending)
            with self._lock:
                self.counts[status or "lost"] += 1
                if status is None:
                    self._untold.add(attempt.claimed.id)
        finally:
            self._forget(attempt.claimed.id)
            self._changed.set()
            self._on_ended()

    # ------------------------------------------------------------------ signs of life

    def _beat_loop(self) -> None:
        while not self._ending.wait(self._queue.lease / _BEATS):
            try:
                self._beat()
            except DashboardError as fault:
                log.warning("No sign of life could be given: %s", type(fault).__name__)
            except Exception as error:
                log_fault(log, "A sign of life failed", error)
            if self._stopping.is_set() and not self._attempts:
                return

    def _beat(self) -> None:
        asked = dict(self._attempts)
        if not asked:
            return
        held = self._queue.beat(asked)
        for request_id, attempt in asked.items():
            if request_id not in held and not attempt.is_finished:
                attempt.stop()


def server_of(generator: Generator) -> str | None:
    """A name for the model server behind an engine, the same in every process; None for none."""
    return getattr(generator, "server_name", None)
