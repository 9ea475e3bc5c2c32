"""What the REST API costs: `python -m tests.benchmarks.api`.

Each request beside the bare one to PostgREST that it rests on, in turns, in one run; then 50
clients at once, and what a rerun of the dashboard costs meanwhile. API_ROWS personas (2000).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Thread

import httpx
import psycopg
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from services.database.local import start_local_supabase
from services.local_supabase.stack import LocalSupabase
from services.personas.finding.finder import LISTED
from services.personas.reading import COLUMNS, WRITTEN
from tests.browser.dashboard import Dashboard
from tests.conftest import new_stack_folder
from tests.isolated import clean_environment, command

ROWS = int(os.environ.get("API_ROWS", "2000"))
ROUNDS, CLIENTS, SECONDS = 100, 50, 5
PERSONA = "00000000-0000-4000-8000-000000000001"
STORE = """
insert into personas (id, raw_text, persona)
select case when n = 1 then %(id)s::uuid else gen_random_uuid() end,
  'Person ' || n || ' writes SQL and lives in Madrid. ' || repeat('Words about them. ', 40),
  jsonb_build_object('name', 'Person ' || n, 'role', 'Analyst', 'skills', array['SQL'])
from generate_series(1, %(rows)s) n
"""
Ask = Callable[[], httpx.Response]


def main() -> None:
    """Print the tables."""
    with _served() as (bare, api, dashboard):
        _compare(bare, api)
        alone = _reruns(dashboard.port)
        stop, told = Event(), []
        load = Thread(target=lambda: told.append(_crowd(api, stop)))
        load.start()
        meanwhile = _reruns(dashboard.port)
        stop.set()
        load.join()
        print(f"\n{CLIENTS} clients at once, half reading, half listing: {told[0]}")
        ratio = meanwhile / alone
        print(f"A rerun: {alone:.1f} ms alone, {meanwhile:.1f} ms meanwhile ({ratio:.1f} times)")


@contextmanager
def _served() -> Iterator[tuple[httpx.Client, httpx.Client, Dashboard]]:
    """The stack with personas, a client of PostgREST, one of the API, and the dashboard."""
    folder = new_stack_folder()
    stack = start_local_supabase(folder)
    dashboard = Dashboard(
        SUPABASE_URL=stack.url,
        SUPABASE_SECRET_KEY=stack.key.get_secret_value(),
        API_REQUESTS_PER_MINUTE="1000000",
    )
    try:
        with psycopg.connect(stack.db_url, autocommit=True) as connection:
            connection.execute(STORE, {"id": PERSONA, "rows": ROWS})
            connection.execute("analyze personas")
        dashboard.start()
        key = {"apikey": stack.key.get_secret_value()}
        authorized = {"Authorization": f"Bearer {_made_key(stack)}"}
        limits = httpx.Limits(max_connections=CLIENTS)
        with (
            httpx.Client(base_url=f"{stack.url}/rest/v1", headers=key, trust_env=False) as bare,
            httpx.Client(
                base_url=f"{dashboard.url}/api/v1",
                headers=authorized,
                trust_env=False,
                limits=limits,
                timeout=60,
            ) as api,
        ):
            yield bare, api, dashboard
    finally:
        dashboard.remove()
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _made_key(stack: LocalSupabase) -> str:
    environment = clean_environment(
        SUPABASE_URL=stack.url, SUPABASE_SECRET_KEY=stack.key.get_secret_value()
    )
    words = ("services.access.keys", "make", "--name", "bench", "--role", "admin")
    made = subprocess.run(
        command(*words), env=environment, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


def _compare(bare: httpx.Client, api: httpx.Client) -> None:
    newest = {"order": "created_place.desc", "limit": "26"}
    search = {"request": '{"words": "SQL", "size": 26, "sort": "created", "descending": true}'}
    pairs: dict[str, tuple[Ask, Ask]] = {
        "read": (
            lambda: bare.get("/personas", params={"select": COLUMNS, "id": f"eq.{PERSONA}"}),
            lambda: api.get(f"/personas/{PERSONA}"),
        ),
        "list of 25": (
            lambda: bare.get("/persona_overview", params={"select": LISTED, **newest}),
            lambda: api.get("/personas"),
        ),
        "search": (
            lambda: bare.post("/rpc/search_personas", json=search),
            lambda: api.get("/personas", params={"q": "SQL"}),
        ),
        "patch": (_bare_patch(bare), _patch(api)),
    }
    for name, (plain, ours) in pairs.items():
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for ask, kept in zip((plain, ours), times, strict=True):
                started = time.perf_counter()
                ask().raise_for_status()
                kept.append((time.perf_counter() - started) * 1000)
        base, cost = (statistics.median(one) for one in times)
        print(f"{name:11} PostgREST {base:6.2f} ms   API {cost:6.2f} ms   ratio {cost / base:.2f}")


def _bare_patch(bare: httpx.Client) -> Ask:
    numbers = count()

    def ask() -> httpx.Response:
        persona = {"name": "Person 1", "role": "Analyst", "skills": ["SQL"], "b": next(numbers)}
        return bare.patch(
            "/personas",
            params={"id": f"eq.{PERSONA}", "select": WRITTEN},
            json={"persona": persona, "origin": {"kind": "edited"}},
            headers={"Prefer": "return=representation"},
        )

    return ask


def _patch(api: httpx.Client) -> Ask:
    numbers = count()
    kind = {"Content-Type": "application/merge-patch+json"}

    def ask() -> httpx.Response:
        etag = f'"{ask.version}"'  # type: ignore[attr-defined]
        answer = api.patch(
            f"/personas/{PERSONA}",
            json={"persona": {"a": next(numbers)}},
            headers={**kind, "If-Match": etag},
        )
        if answer.status_code == 412:  # the bare one was first
            ask.version = answer.json()["current_version"]  # type: ignore[attr-defined]
            return ask()
        ask.version = answer.json()["version"] + 1  # type: ignore[attr-defined]
        return answer

    ask.version = api.get(f"/personas/{PERSONA}").json()["version"] + 1  # type: ignore[attr-defined]
    return ask


def _crowd(api: httpx.Client, stop: Event) -> str:
    times: list[float] = []
    failed: list[int] = []

    def ask(number: int) -> None:
        path = "/personas" if number % 2 else f"/personas/{PERSONA}"
        while not stop.is_set():
            started = time.perf_counter()
            status = api.get(path).status_code
            times.append((time.perf_counter() - started) * 1000)
            if status != 200:
                failed.append(status)

    began = time.perf_counter()
    threads = [Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(times) / (time.perf_counter() - began)
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"{rate:.0f} requests/s, p95 {p95:.0f} ms, {len(failed)} errors"


def _reruns(port: int) -> float:
    """Milliseconds of a rerun of the list, the median over some seconds."""
    return asyncio.run(_rerun_times(port))


async def _rerun_times(port: int) -> float:
    times: list[float] = []
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
    ) as socket:
        until = time.perf_counter() + SECONDS
        while time.perf_counter() < until or len(times) < 3:
            started = time.perf_counter()
            message = BackMsg()
            message.rerun_script.query_string = ""
            await socket.send(message.SerializeToString())
            while True:
                answer = ForwardMsg.FromString(await socket.recv())  # type: ignore[arg-type]
                if answer.WhichOneof("type") == "script_finished":
                    break
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
