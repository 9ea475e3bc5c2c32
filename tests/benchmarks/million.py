"""Finding among many: `python -m tests.benchmarks.million --rows 1000000`.

Loads fictional personas into a local Supabase of its own and times the list as the page asks for
it, through the Supabase client, next to its baselines in the same run: the bare PostgREST request
for 25 rows, and a page by OFFSET with an exact count. Rounds go through all cases in turn, so that
what else the machine does hits all of them alike. Then the same as an analyst has it: from an
address in the browser to the first row. Trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from postgrest import CountMethod

from services.database import get_supabase_client, reset_supabase_client
from services.database.local import start_local_supabase
from services.local_supabase.stack import LocalSupabase
from services.personas.finding.conditions import Condition
from services.personas.finding.finder import BARE, get_persona_finder
from services.personas.finding.query import FIRST, LAST, SORTS, PersonaQuery, Position, Sort
from services.settings import get_settings
from tests.benchmarks.in_browser import analyst_of, open_list
from tests.benchmarks.synthetic import COMMON_WORD, RARE_WORD, load_personas
from tests.browser.dashboard import Dashboard

ROWS = 100_000
ROUNDS = 300
SLOW_ROUNDS = 5  # of what takes a second each
BROWSER_ROUNDS = 20
FORGOTTEN_SECONDS = 5.5  # after which the dashboard asks the database again
BARE_REQUEST = "bare PostgREST request, 25 rows"
OFFSET = "OFFSET to the deep page, exact count"

Case = Callable[[], object]


def main(arguments: list[str] | None = None) -> None:
    """Load, measure, print; leaves nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=int(os.environ.get("ROWS") or ROWS))
    options, _ = parser.parse_known_args(arguments)
    with _own_supabase() as stack:
        load_and_index(stack, options.rows)
        deep = {sort: _deep_position(stack, sort, options.rows) for sort in SORTS}
        _print(_measure(_cases(deep), ROUNDS), _measure(_slow_cases(options.rows), SLOW_ROUNDS))
        _print_totals()
        _print_in_browser(stack)


@contextmanager
def _own_supabase() -> Iterator[LocalSupabase]:
    folder = Path(tempfile.mkdtemp(prefix="persona-bench-"))
    before = {name: os.environ.get(name) for name in ("SUPABASE_URL", "SUPABASE_SECRET_KEY")}
    stack = start_local_supabase(folder)
    try:
        os.environ["SUPABASE_URL"] = stack.url
        os.environ["SUPABASE_SECRET_KEY"] = stack.key.get_secret_value()
        get_settings.cache_clear()
        reset_supabase_client()
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        get_settings.cache_clear()
        reset_supabase_client()


def load_and_index(stack: LocalSupabase, rows: int) -> None:
    """Without the indexes for finding, which are quicker made over all rows at once."""
    with psycopg.connect(stack.db_url, autocommit=True) as connection:
        indexes = connection.execute(
            "select indexname, indexdef from pg_indexes where tablename = 'personas'"
            " and indexdef like any (array['%persona_place%', '% gin %', '%idx_personas_filter%'])"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}".encode())
        began = time.monotonic()
        load_personas(stack.db_url, rows)
        print(f"{rows:,} personas loaded in {time.monotonic() - began:.0f} s", end=", ", flush=True)
        began = time.monotonic()
        connection.execute("set maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            connection.execute(definition.encode())
        connection.execute("vacuum analyze personas")
        print(f"indexed in {time.monotonic() - began:.0f} s\n", flush=True)


def _deep_position(stack: LocalSupabase, sort: Sort, rows: int) -> Position:
    """Nine tenths down the list."""
    with psycopg.connect(stack.db_url) as connection:
        found = connection.execute(
            f"select {sort}_place from persona_list order by 1 desc limit 1 offset %s".encode(),  # noqa: S608
            [rows * 9 // 10],
        ).fetchone()
    assert found
    return Position(False, *found)


def _cases(deep: dict[Sort, Position]) -> dict[str, Case]:
    def page(query: PersonaQuery, position: Position = FIRST) -> Case:
        return lambda: get_persona_finder().page(query, position, 25)

    whole = PersonaQuery()
    location = PersonaQuery(conditions=(Condition("is", "location", "madrid"),))
    rare_field = PersonaQuery(conditions=(Condition("is", "age", "44"),), statuses=("rejected",))
    return {
        BARE_REQUEST: _bare,
        "first page": page(whole),
        "deep page (90 %)": page(whole, deep["created"]),
        "page before it": page(whole, Position(True, deep["created"].place)),
        "last page": page(whole, LAST),
        **{f"first page by {sort}": page(PersonaQuery(sort=sort)) for sort in SORTS[1:]},
        **{f"deep page by {sort}": page(PersonaQuery(sort=sort), deep[sort]) for sort in SORTS[1:]},
        "common word": page(PersonaQuery(COMMON_WORD)),
        "common word by name": page(PersonaQuery(COMMON_WORD, sort="name", descending=False)),
        "rare word": page(PersonaQuery(RARE_WORD)),
        "rare word by its stem": page(PersonaQuery(f"{RARE_WORD}s")),
        "rare word by name": page(PersonaQuery(RARE_WORD, sort="name", descending=False)),
        "common and rare word": page(PersonaQuery(f"{COMMON_WORD} {RARE_WORD}")),
        "phrase": page(PersonaQuery('"night shifts"')),
        "beginning of a name": page(PersonaQuery("osterq")),
        "no such word": page(PersonaQuery("zyzzyva")),
        "location is Madrid": page(location),
        "age is 44, rejected": page(rare_field),
        "has a field none has": page(PersonaQuery(conditions=(Condition("has", "email"),))),
        "count of all": lambda: get_persona_finder().count(whole),
        "count of the rare word": lambda: get_persona_finder().count(PersonaQuery(RARE_WORD)),
        "count of location": lambda: get_persona_finder().count(location),
    }


def _bare() -> object:
    table = get_supabase_client().client.table("personas")
    query = table.select(BARE).is_("deleted_at", "null")
    return query.order("created_at", desc=True).order("id", desc=True).limit(25).execute()


def _slow_cases(rows: int) -> dict[str, Case]:
    def offset() -> object:
        table = get_supabase_client().client.table("personas")
        query = table.select(BARE, count=CountMethod.exact).is_("deleted_at", "null")
        ordered = query.order("created_at", desc=True).order("id", desc=True)
        return ordered.range(rows * 9 // 10, rows * 9 // 10 + 24).execute()

    return {OFFSET: offset}


def _measure(cases: dict[str, Case], rounds: int, pause: float = 0) -> dict[str, list[float]]:
    """The milliseconds of each case; `pause` seconds between its rounds."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(rounds + 2):
        for name, case in cases.items():
            began = time.perf_counter()
            case()
            if turn >= 2:  # the first two warm up
                times[name].append((time.perf_counter() - began) * 1000)
        time.sleep(pause)
    return times


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]


def _print(times: dict[str, list[float]], slow: dict[str, list[float]]) -> None:
    bare = times[BARE_REQUEST]
    bare_p50, bare_p95 = statistics.median(bare), _p95(bare)
    print(f"{'':38}{'p50 ms':>9}{'p95 ms':>9}{'p50 ratio':>11}{'p95 ratio':>11}")
    for name, values in {**times, **slow}.items():
        p50, p95 = statistics.median(values), _p95(values)
        print(f"{name:38}{p50:9.1f}{p95:9.1f}{p50 / bare_p50:10.2f}x{p95 / bare_p95:10.2f}x")
    deep = statistics.median(times["deep page (90 %)"])
    print(
        f"\nThe deep page is {statistics.median(slow[OFFSET]) / deep:.0f} times as fast as OFFSET."
    )


def _print_totals() -> None:
    for query in (PersonaQuery(), PersonaQuery(COMMON_WORD), PersonaQuery(RARE_WORD)):
        total = get_persona_finder().count(query)
        print(f"{'exactly' if total.exact else 'about'} {total.number:,} match {query.text!r}")


def _print_in_browser(stack: LocalSupabase) -> None:
    """From opening an address to the first row of the list, with nothing in the caches."""
    settings = {"SUPABASE_URL": stack.url, "SUPABASE_SECRET_KEY": stack.key.get_secret_value()}
    dashboard = Dashboard(**settings)
    try:
        dashboard.start()
        with analyst_of(dashboard) as analyst:
            cases = {
                "whole list": lambda: open_list(analyst),
                "common word": lambda: open_list(analyst, f"?q={COMMON_WORD}"),
            }
            times = _measure(cases, BROWSER_ROUNDS, FORGOTTEN_SECONDS)
    finally:
        dashboard.remove()
    whole = statistics.median(times["whole list"])
    for name, values in times.items():
        p50 = statistics.median(values)
        print(f"in a browser: {name:24}{p50:9.0f}{_p95(values):9.0f}{p50 / whole:10.2f}x")


if __name__ == "__main__":
    main()
