"""Drafts the requests of batches, on any number of machines.

    python -m services.generation.worker --concurrency 32

It works on the database and the model server of the settings (environment, .env), takes requests
from the queue, and ends on SIGTERM or SIGINT: what is under way may end for --finish-seconds, the
rest is handed back for others. A second signal hands back at once. Exit codes:

    0   stopped by a signal; with --until-empty: nothing is left to do
    1   the settings, the database or the local Supabase do not let it start
    2   wrong arguments
    3   with --until-empty: nothing is left to do, and texts have failed
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from services.database import close_database, get_supabase_client
from services.errors import DashboardError
from services.generation.batches import get_batches
from services.generation.requests import STALE_AFTER
from services.generation.worker.build import build_worker
from services.generation.worker.worker import Worker
from services.settings import get_settings

log = logging.getLogger("worker")

_NOISY = ("httpx", "httpx2", "openai", "httpcore")  # they log every request
_LOOK_SECONDS = 0.2
_LINE_SECONDS = 15.0
_NICE = 10  # what people do on the same machine goes before what nobody waits for
_DONE, _FAULT, _FAILED = 0, 1, 3


def main(arguments: list[str] | None = None) -> int:
    """Run until a signal, or until nothing is left; an exit code as above."""
    asked = _parser().parse_args(arguments)
    try:
        settings = get_settings()
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
        get_supabase_client().check()
    except DashboardError as error:
        print(f"The worker did not start. {error}", file=sys.stderr)
        close_database()
        return _FAULT
    os.nice(_NICE)
    worker = build_worker(settings, asked.concurrency, lease=asked.lease_seconds)
    try:
        with _signals(worker) as stop:
            worker.start()
            _work(worker, stop, until_empty=asked.until_empty)
            worker.stop(finish_seconds=asked.finish_seconds)
    finally:
        close_database()
    _tell(worker)
    return _FAILED if asked.until_empty and worker.counts["failed"] else _DONE


def _work(worker: Worker, stop: threading.Event, *, until_empty: bool) -> None:
    told_at = time.monotonic()
    while not stop.wait(_LOOK_SECONDS):
        if time.monotonic() - told_at > _LINE_SECONDS:
            _tell(worker)
            told_at = time.monotonic()
        if until_empty and worker.is_idle and not _is_anything_left():
            return


def _is_anything_left() -> bool:
    """Whether a running batch has requests, be they those of other workers or not due yet."""
    with suppress(DashboardError):
        return get_batches().has_work()
    return True


def _tell(worker: Worker) -> None:
    counts = worker.counts
    log.info(
        "%d under way, %d saved, %d to be tried again, %d failed, %d cancelled",
        worker.under_way, counts["saved"], counts["queued"], counts["failed"], counts["cancelled"],
    )  # fmt: skip


@contextmanager
def _signals(worker: Worker) -> Iterator[threading.Event]:
    """An event that the first signal sets; the second makes the worker hurry."""
    stop = threading.Event()

    def heard(number: int, _: object) -> None:
        if stop.is_set():
            threading.Thread(target=worker.hurry, daemon=True).start()
        else:
            log.info("%s: ending", signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
    yield stop


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.generation.worker",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--concurrency", type=_at_least_one, default=32, help="requests at once (default 32)"
    )
    parser.add_argument(
        "--finish-seconds", type=float, default=20.0, help="after a signal (default 20)"
    )
    parser.add_argument(
        "--lease-seconds",
        type=float,
        default=STALE_AFTER.total_seconds(),
        help="silence after which others have its requests; the same for all workers (default 20)",
    )
    parser.add_argument(
        "--until-empty", action="store_true", help="end when no running batch has anything left"
    )
    return parser


def _at_least_one(given: str) -> int:
    if not given.isdecimal() or not 1 <= int(given) <= 500:
        raise argparse.ArgumentTypeError("must be a number from 1 to 500")
    return int(given)


if __name__ == "__main__":
    sys.exit(main())
