"""What starts before the first page is served, and stops after the last."""

from __future__ import annotations

import gc
import importlib
import logging
import sys
from uuid import UUID

from services.access.acting import ask_for_actor
from services.access.decision import check_decision
from services.access.own_token import send_own_tokens
from services.api.given import Background
from services.database import close_database, get_supabase_client
from services.errors import DashboardError, SettingsError
from services.generation.runner import GenerationRunner
from services.importing.runner import ImportRunner
from services.settings import get_settings

log = logging.getLogger(__name__)

_NOISY = ("httpx", "httpx2", "openai", "httpcore", "watchdog")  # they log every request
_HEAVY = ("pandas", "pyarrow", "altair")  # loaded once here instead of in somebody's first click


def check_settings(listens_on: str) -> None:
    """End the process with a message that names the variable if a setting is nonsense, or missing
    where the dashboard listens (a name or an address; "" for all)."""
    try:
        check_decision(get_settings(), listens_on)
    except SettingsError as error:
        sys.exit(f"The dashboard did not start. {error}")


def start() -> None:
    """Set up logging, open the database, begin to work on batches and what others have left."""
    _set_up_logging(get_settings().log_level)
    try:
        get_supabase_client()
    except DashboardError as error:
        # The pages show it too, and try again: the analyst may be the one who can mend it.
        log.error("%s", error)
    from services import cached  # only now: Streamlit's caches want a running server

    if get_settings().signs_in:
        ask_for_actor(cached.actor_of_run)
        send_own_tokens()
    cached.start_worker()
    _settle_memory()


def background() -> Background:
    """The background work of this process, for the API; looked up when it is used."""

    def runner() -> GenerationRunner:
        from services import cached

        return cached.get_runner()

    def imports() -> ImportRunner:
        from services import cached

        return cached.get_imports()

    def wake_worker() -> None:
        from services.cached.background import get_worker

        if worker := get_worker():
            worker.wake()

    def cancel_in_worker(request_id: UUID) -> None:
        from services.cached import background

        background.cancel_in_worker(request_id)

    return Background(runner, imports, wake_worker, cancel_in_worker)


def stop() -> None:
    """Hand back what is under way, then let go of the database."""
    from services import cached

    cached.stop_runner()
    close_database()


def _set_up_logging(level: str) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _settle_memory() -> None:
    """Keep what is loaded for good out of every later garbage collection."""
    for name in _HEAVY:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
