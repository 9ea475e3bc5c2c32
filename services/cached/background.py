"""The background work of this process: generations, batches and imports."""

from __future__ import annotations

import threading

from services.cached.reads import forget_all, forget_lists
from services.generation.engine_choice import build_generators
from services.generation.requests import get_generation_requests
from services.generation.runner import GenerationRunner
from services.generation.worker.build import build_worker
from services.generation.worker.worker import Worker
from services.importing.jobs import get_import_jobs
from services.importing.runner import ImportRunner
from services.settings import get_settings

_lock = threading.Lock()
_runner: GenerationRunner | None = None
_imports: ImportRunner | None = None
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
            _worker = build_worker(settings, settings.generation_workers, on_ended=forget_lists)
            _worker.start()


def get_worker() -> Worker | None:
    """The worker of this process, if it was started."""
    return _worker


def get_imports() -> ImportRunner:
    """The imports of this process, made at first use."""
    global _imports
    with _lock:
        if _imports is None:
            _imports = ImportRunner(get_import_jobs(), on_saved=forget_all)
        return _imports


def stop_runner() -> None:
    """Stop what runs in the background, if anything does."""
    global _runner, _imports, _worker
    with _lock:
        if _worker is not None:
            _worker.stop()
        _worker = None
        if _imports is not None:
            _imports.stop()
        _imports = None
        if _runner is not None:
            _runner.stop()
        _runner = None
