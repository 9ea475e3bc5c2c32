"""The background work of this process: generations, batches, imports, texts that were given."""

from __future__ import annotations

import threading
import time
from uuid import UUID

from services.cached.reads import forget_all, forget_batches, forget_lists
from services.generation.engine_choice import build_generators
from services.generation.requests import get_generation_requests
from services.generation.runner import GenerationRunner
from services.generation.worker.build import build_worker
from services.generation.worker.worker import Worker
from services.importing.jobs import get_import_jobs
from services.importing.runner import ImportRunner
from services.importing.texts.intake import Intakes
from services.importing.texts.starting import Starter
from services.settings import get_settings

_FORGET_SECONDS = 2.0  # a batch ends many requests a second: lists are read anew now and then
_lock = threading.Lock()
_forgotten_at = 0.0
_runner: GenerationRunner | None = None
_imports: ImportRunner | None = None
_intakes: Intakes | None = None
_starter: Starter | None = None
_worker: Worker | None = None


def get_runner() -> GenerationRunner:
    """The runner of this process, made at first use."""
    global _runner
    with _lock:
        if _runner is None:
            settings = get_settings()
            _runner = GenerationRunner(
                get_generation_requests(),
                build_generators(settings),
                settings.generation_workers,
                settings.generation_max_characters,
                on_finished=forget_lists,
            )
        return _runner


def start_worker() -> None:
    """Begin to work on batches, and on requests that nobody works on any more."""
    global _worker
    with _lock:
        if _worker is None:
            settings = get_settings()
            _worker = build_worker(
                settings, settings.generation_workers, on_ended=_forget_now_and_then
            )
            _worker.start()


def _forget_now_and_then() -> None:
    global _forgotten_at
    if time.monotonic() - _forgotten_at > _FORGET_SECONDS:
        _forgotten_at = time.monotonic()
        forget_lists()


def get_worker() -> Worker | None:
    """The worker of this process, if it was started."""
    return _worker


def cancel_in_worker(request_id: UUID) -> None:
    """Stop a request that the worker of this process holds."""
    if worker := get_worker():
        worker.cancel(request_id)


def get_imports() -> ImportRunner:
    """The imports of this process, made at first use."""
    global _imports
    with _lock:
        if _imports is None:
            _imports = ImportRunner(get_import_jobs(), on_saved=forget_all)
        return _imports


def get_intakes() -> Intakes:
    """The texts that were given to this process, made at first use."""
    global _intakes
    with _lock:
        if _intakes is None:
            _intakes = Intakes(build_generators(get_settings()))
        return _intakes


def get_starter() -> Starter:
    """What stores given texts with their batches, made at first use."""
    global _starter
    with _lock:
        if _starter is None:
            generators = build_generators(get_settings())
            _starter = Starter({one.name: one for one in generators}, on_stored=_stored)
        return _starter


def _stored(intake_id: UUID) -> None:
    forget_batches()
    get_intakes().forget(intake_id)
    if worker := get_worker():
        worker.wake()


def stop_runner() -> None:
    """Stop what runs in the background, if anything does."""
    global _runner, _imports, _intakes, _starter, _worker
    with _lock:
        if _worker is not None:
            _worker.stop()
        _worker = None
        if _starter is not None:
            _starter.stop()
        _starter = None
        if _intakes is not None:
            _intakes.stop()
        _intakes = None
        if _imports is not None:
            _imports.stop()
        _imports = None
        if _runner is not None:
            _runner.stop()
        _runner = None
