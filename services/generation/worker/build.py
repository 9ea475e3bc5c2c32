"""A worker as the settings describe it."""

from __future__ import annotations

from collections.abc import Callable

from services.generation.batch_files.poller import FilePoller
from services.generation.engine_choice import build_generators
from services.generation.queue.stored import Queue
from services.generation.requests import STALE_AFTER
from services.generation.worker.worker import Worker, server_of
from services.settings import Settings
from services.threads import worker_name

_SHARE = 0.95  # of what a minute allows: a single request always finds some left


def build_worker(
    settings: Settings,
    concurrency: int,
    on_ended: Callable[[], None] = lambda: None,
    lease: float = STALE_AFTER.total_seconds(),
) -> Worker:
    """A worker that is not started yet.

    A request that fails is tried again by way of the queue, so that its pause holds up nothing and
    outlasts the process: the engine itself does not try again.
    """
    changed = {"generation_workers": concurrency, "openai_max_retries": 0}
    generators = build_generators(settings.model_copy(update=changed), _SHARE)
    queue = Queue(worker_name(), settings.generation_attempts, lease)
    servers = {one.name: server_of(one) for one in generators}
    files = FilePoller(generators, worker_name(), servers=servers, on_ended=on_ended)
    return Worker(queue, generators, concurrency, on_ended=on_ended, files=files)
