"""Worker processes against a model server with books of its own: killed, capped, paced."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from services.database import reset_supabase_client
from services.generation.batches import NewBatch, NewItem, get_batches
from services.generation.engine_choice import build_generators
from services.generation.spent import most_of
from services.generation.worker import __main__ as worker_command
from services.generation.worker.build import build_worker
from services.local_supabase.stack import LocalSupabase
from services.settings import get_settings
from tests.fast_model import FastModel, Manner, marked_text
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
INPUT_PRICE, OUTPUT_PRICE = 1.0, 4.0  # USD per million tokens


@pytest.fixture(scope="module")
def server() -> Iterator[FastModel]:
    with FastModel.running(Manner(busy=0.01, broken_down=0.01, garbled=0.005)) as model:
        yield model


@pytest.fixture
def model(server: FastModel, database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> FastModel:
    """The services, and the processes that they start, with this server."""
    server.forget()
    settings = {
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_MODEL": "m",
        "OPENAI_MAX_OUTPUT_TOKENS": "1000",
        "OPENAI_PRICE_INPUT": str(INPUT_PRICE),
        "OPENAI_PRICE_OUTPUT": str(OUTPUT_PRICE),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    return server


def a_batch(size: int, **values: object) -> UUID:
    batch = NewBatch.model_validate({"id": uuid4(), "engine": "openai", **values})
    get_batches().create(batch)
    usd, tokens = most_of(build_generators(get_settings())[0], marked_text(size))
    texts = ((n, marked_text(n)) for n in range(size))
    items = (
        NewItem(position=n, raw_text=text, max_usd=usd, max_tokens=tokens) for n, text in texts
    )
    get_batches().enqueue(batch.id, items)
    get_batches().change(batch.id, "start")
    return batch.id


def start_worker(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "services.generation.worker", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)


@contextmanager
def processes(count: int, *arguments: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    workers = [start_worker(*arguments) for _ in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def personas_of(database: LocalSupabase) -> Counter[str]:
    """How many personas there are of each text."""
    with psycopg.connect(database.db_url) as connection:
        rows = connection.execute("select raw_text from personas").fetchall()
    return Counter(text for (text,) in rows)


def held_by(database: LocalSupabase, worker: subprocess.Popen[bytes]) -> int:
    """How many requests it works on: their calls are under way, or answered and not saved yet."""
    name = f"%:{worker.pid}:%"  # see services.threads.worker_name
    counted = "select count(*) from generation_requests where status = 'running' and worker like %s"
    with psycopg.connect(database.db_url) as connection:
        ((held,),) = connection.execute(counted, [name]).fetchall()
    return int(held)


def test_killed_workers_lose_nothing_and_save_nothing_twice(
    model: FastModel, database: LocalSupabase
) -> None:
    # A lease that a worker keeps up on a busy machine: what it lost alive would be asked twice too.
    size, lease = 200, ("--lease-seconds", "8", "--concurrency", "8")
    batch = a_batch(size)
    in_flight = 0
    with processes(2, *lease) as workers:
        for done in (20, 70, 120):
            eventually(lambda done=done: get_batches().read(batch).saved >= done)  # type: ignore[misc]
            victim = workers.pop(0)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            in_flight += held_by(database, victim)
            workers.append(start_worker(*lease))
        eventually(lambda: get_batches().read(batch).state == "finished")
    stored = get_batches().read(batch)
    assert stored.saved + stored.failed == size
    assert all(f.error_kind for f in get_batches().failures(batch))
    personas = personas_of(database)
    assert (len(personas), set(personas.values())) == (stored.saved, {1})
    twice = sum(count - 1 for count in model.good_answers().values())
    print(f"{size} texts, 3 kills, {twice} calls twice of {in_flight} held at a kill")
    assert twice <= in_flight
    assert (stored.reserved_usd, stored.running) == (0, 0)
    charged = model.charged(INPUT_PRICE, OUTPUT_PRICE)
    assert charged <= stored.spent_usd * (1 + 1e-9), "what was killed is charged as well"


def test_a_cap_holds_by_the_server_s_own_books(model: FastModel) -> None:
    cap = 0.15
    batch = a_batch(150, cap_usd=cap)
    worker = build_worker(get_settings(), 64)
    worker.start()
    eventually(lambda: get_batches().read(batch).state == "paused")
    stored = get_batches().read(batch)
    charged = model.charged(INPUT_PRICE, OUTPUT_PRICE)
    most = most_of(build_generators(get_settings())[0], marked_text(0))[0]
    assert (stored.pause_reason, stored.reserved_usd) == ("cap", 0)
    assert most is not None
    assert cap - most < charged <= cap
    assert stored.spent_usd == pytest.approx(charged)
    get_batches().change(batch, "resume", cap_usd=1)
    eventually(lambda: get_batches().read(batch).state == "finished")
    worker.stop()
    assert model.charged(INPUT_PRICE, OUTPUT_PRICE) == pytest.approx(
        get_batches().read(batch).spent_usd
    )


def test_three_workers_keep_one_rate(model: FastModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first seconds as many as a minute allows; tests/benchmarks/batches.py goes on."""
    monkeypatch.setenv("OPENAI_REQUESTS_PER_MINUTE", "40")
    get_settings.cache_clear()
    a_batch(100)
    workers = [build_worker(get_settings(), 16) for _ in range(3)]
    for worker in workers:
        worker.start()
    eventually(lambda: len(model.entries()) >= 30)
    time.sleep(1)  # for more to come, if any more could
    for worker in workers:
        worker.stop()
    assert 30 <= len(model.entries()) <= 38, "95 % of 40: a single request finds some left"


def test_the_command_ends_by_itself_by_signal_and_says_how(
    model: FastModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = a_batch(12)
    with processes(1, "--until-empty", "--concurrency", "4") as (worker,):
        failed = eventually(lambda: worker.poll() is not None) and get_batches().read(batch).failed
        assert worker.returncode == (3 if failed else 0)
    assert get_batches().read(batch).state == "finished"
    with processes(1) as (worker,):
        a_batch(300)
        eventually(lambda: len(model.entries()) > 20)
        worker.terminate()
        assert worker.wait(30) == 0
    with pytest.raises(SystemExit, match="2"):
        worker_command.main(["--concurrency", "0"])
    monkeypatch.setenv("SUPABASE_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()
    reset_supabase_client()
    assert worker_command.main([]) == 1
