"""What keeping every version costs at a save: `python -m tests.benchmarks.saving`.

In one real PostgreSQL and one run: the same update of the same rows with the triggers of
migration 005 on, and with them off (a bare UPDATE). Then the same save through the dashboard's own
way, the Supabase client, where the network and JSON take most of the time. Ratios compare
machines; milliseconds don't.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from services.database import reset_supabase_client
from services.database.local import start_local_supabase
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaUpdate, get_persona_repository
from services.settings import get_settings

ROWS = 50
TEXT = "Ada Byron is an analyst who wants fewer meetings and more maths. " * 16  # about 1 KB
SAVED_ROWS = 10  # by the client, which takes longer
ROUNDS = 20
VERSIONING = (
    "personas_mark_author",
    "personas_mark_origin",
    "personas_version",
    "personas_keep_version",
)
UPDATE = (
    "update personas set persona = %s, updated_by = 'ann', origin = '{\"kind\": \"edited\"}'"
    " where id = %s"
)


def main() -> None:
    """Print p50 and p95 of a save with and without versions, and their ratios."""
    with _supabase() as stack, psycopg.connect(stack.db_url, autocommit=True) as connection:
        ids = _fill(connection)
        kept, bare = _in_turns(connection, lambda: _update_all(connection, ids))
        saved, plain = _in_turns(connection, lambda: _save_all(ids))
        connection.execute("set synchronous_commit = off")  # the work alone, without the disk
        unsynced, unsynced_bare = _in_turns(connection, lambda: _update_all(connection, ids))
        _print("bare UPDATE", bare)
        _print("the same with versions", kept)
        _print("bare UPDATE, not waiting for the disk", unsynced_bare)
        _print("the same with versions", unsynced)
        _print("save by the Supabase client, without", plain)
        _print("the same with versions", saved)
        print(
            f"\nA save with versions costs {_ratio(kept, bare):.2f} times a bare UPDATE in the "
            f"database ({_ratio(unsynced, unsynced_bare):.2f} without the wait for the disk), and "
            f"{_ratio(saved, plain):.2f} times a save without them as the client sees it."
        )
        _print_storage(connection)


def _in_turns(
    connection: psycopg.Connection, work: Callable[[], list[float]]
) -> tuple[list[float], list[float]]:
    """Milliseconds of each write with versions and without, in alternate rounds."""
    kept: list[float] = []
    bare: list[float] = []
    work()  # warm
    for _ in range(ROUNDS):
        kept += work()
        _switch(connection, "disable")
        bare += work()
        _switch(connection, "enable")
    return kept, bare


def _switch(connection: psycopg.Connection, how: str) -> None:
    actions = ", ".join(f"{how} trigger {name}" for name in VERSIONING)
    connection.execute(f"alter table personas {actions}".encode())


def _update_all(connection: psycopg.Connection, ids: list[str]) -> list[float]:
    times = []
    for persona_id in ids:
        started = time.perf_counter()
        connection.execute(UPDATE, [_persona(), persona_id])
        times.append((time.perf_counter() - started) * 1000)
    return times


def _save_all(ids: list[str]) -> list[float]:
    repository, times = get_persona_repository(), []
    for persona_id in ids[:SAVED_ROWS]:
        change = PersonaUpdate(persona=json.loads(_persona()))
        version = repository.version(persona_id)
        started = time.perf_counter()
        repository.save(persona_id, change, version, "ann")
        times.append((time.perf_counter() - started) * 1000)
    return times


def _persona() -> str:
    """About 1.3 KB, another one at each call."""
    goals = [f"goal number {number}, said in about as many words as usual" for number in range(18)]
    return json.dumps({"name": "Ada Byron", "at": time.monotonic_ns(), "goals": goals})


def _fill(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "insert into personas (raw_text, persona) select %s, %s from generate_series(1, %s)"
        " returning id::text",
        [TEXT, _persona(), ROWS],
    )
    return [persona_id for (persona_id,) in rows]


@contextmanager
def _supabase() -> Iterator[LocalSupabase]:
    """A local Supabase of this run's own, and the services set to it."""
    folder = Path(tempfile.mkdtemp(prefix="persona-bench-"))
    stack = start_local_supabase(folder)
    os.environ["SUPABASE_URL"] = stack.url
    os.environ["SUPABASE_SECRET_KEY"] = stack.key.get_secret_value()
    get_settings.cache_clear()
    reset_supabase_client()
    try:
        yield stack
    finally:
        del os.environ["SUPABASE_URL"], os.environ["SUPABASE_SECRET_KEY"]
        reset_supabase_client()
        get_settings.cache_clear()
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _print(what: str, times: list[float]) -> None:
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{what:40} p50 {statistics.median(times):7.2f} ms   p95 {p95:7.2f} ms   n {len(times)}")


def _ratio(some: list[float], others: list[float]) -> float:
    return statistics.median(some) / statistics.median(others)


def _print_storage(connection: psycopg.Connection) -> None:
    (size, number) = connection.execute(
        "select pg_table_size('persona_versions'), count(*) from persona_versions"
    ).fetchone() or (0, 1)
    print(f"A version takes {size / number / 1000:.1f} KB of disk ({number:,} versions kept).")


if __name__ == "__main__":
    main()
