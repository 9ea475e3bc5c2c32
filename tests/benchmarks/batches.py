"""What workers reach of a model's own time: `python -m tests.benchmarks.batches [--seconds 1]`.

A model server of its own process answers each text in so many seconds. Worker processes with 32
calls at once each draft a batch from a real local Supabase. The ideal is what clients reach that
add nothing: calls at once divided by the time of an answer. A page of the list is read meanwhile.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from services.database import reset_supabase_client
from services.database.local import start_local_supabase
from services.generation.batches import Batch, NewBatch, NewItem, get_batches
from services.generation.engine_choice import build_generators
from services.generation.spent import most_of
from services.local_supabase.stack import LocalSupabase
from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import PersonaQuery
from services.settings import get_settings
from tests.fast_model import FastModel, Manner, marked_text, most_in_a_minute

ROOT = Path(__file__).resolve().parents[2]
CONCURRENCY = 32
ROUNDS = 12  # texts for each call at once


def main() -> None:
    """Print throughput against the ideal for 1, 2 and 4 worker processes."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=1.0)
    asked.add_argument("--workers", default="1,2,4")
    asked.add_argument("--rate", type=int, default=0, help="a minute, for three workers; 2 minutes")
    asked.add_argument("--cap", type=float, default=0.0, help="USD, for one worker of 64 calls")
    options, _ = asked.parse_known_args()
    with FastModel.running(Manner(options.seconds)) as model, stack(model):
        if options.rate:
            _measure_rate(options.rate, model)
            return
        if options.cap:
            _measure_cap(options.cap, model)
            return
        print(f"answers of {options.seconds:.2f} s, {CONCURRENCY} at once in each worker")
        print("workers   texts   texts/s   of the ideal   memory MB   list ms: idle    meanwhile")
        idle = _page_of_the_list(lambda count: count >= 20)
        for count in map(int, options.workers.split(",")):
            _measure(count, options.seconds, idle)


@contextmanager
def stack(model: FastModel) -> Iterator[LocalSupabase]:
    """A local Supabase that this process and its children work on, with this model."""
    folder = Path(tempfile.mkdtemp(prefix="persona-batches-"))
    supabase = start_local_supabase(folder)
    before = dict(os.environ)
    os.environ |= environment(supabase, model)
    get_settings.cache_clear()
    reset_supabase_client()
    try:
        yield supabase
    finally:
        os.environ.clear()
        os.environ |= before
        get_settings.cache_clear()
        reset_supabase_client()
        supabase.stop()
        shutil.rmtree(folder, ignore_errors=True)


def environment(supabase: LocalSupabase, model: FastModel) -> dict[str, str]:
    """The settings of a worker on this stack."""
    return {
        "SUPABASE_URL": supabase.url,
        "SUPABASE_SECRET_KEY": supabase.key.get_secret_value(),
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_MODEL": "m",
        "OPENAI_PRICE_INPUT": "1",
        "OPENAI_PRICE_OUTPUT": "4",
        "OPENAI_MAX_OUTPUT_TOKENS": "1000",
        "SIGN_IN": "off",
    }


def start_worker(concurrency: int = CONCURRENCY, *more: str) -> subprocess.Popen[bytes]:
    """A worker process on the settings of this one."""
    command = [sys.executable, "-m", "services.generation.worker"]
    return subprocess.Popen(
        [*command, "--concurrency", str(concurrency), *more], cwd=ROOT, stderr=subprocess.DEVNULL
    )


def a_batch(size: int, first: int = 0, **values: object) -> UUID:
    """A batch of marked texts, filled and not yet begun."""
    new = NewBatch.model_validate({"id": uuid4(), "engine": "openai", "name": "b", **values})
    get_batches().create(new)
    generator = build_generators(get_settings())[0]
    usd, tokens = most_of(generator, marked_text(first))
    get_batches().enqueue(
        new.id,
        (
            NewItem(position=n, raw_text=marked_text(first + n), max_usd=usd, max_tokens=tokens)
            for n in range(size)
        ),
    )
    return new.id


def until_finished(batch: UUID, pause: float = 0.25) -> Batch:
    """The batch once nothing is left of it to do."""
    while (stored := get_batches().read(batch)).state == "running":
        time.sleep(pause)
    return stored


def _page_of_the_list(is_enough: Callable[[int], bool]) -> float:
    """Milliseconds of the middle one of some readings, until there are enough of them."""
    times: list[float] = []
    while not is_enough(len(times)):
        began = time.monotonic()
        get_persona_finder().page(PersonaQuery())
        times.append(time.monotonic() - began)
        time.sleep(0.2)
    return statistics.median(times) * 1000


def _measure(count: int, seconds: float, idle: float) -> None:
    size = count * CONCURRENCY * ROUNDS
    batch = a_batch(size, first=count * 100_000)  # no text twice: its draft would be taken over
    workers = [start_worker() for _ in range(count)]
    time.sleep(4)  # until they have loaded: a worker runs for hours
    get_batches().change(batch, "start")
    while not get_batches().read(batch).running:  # an idle worker looks every few seconds
        time.sleep(0.02)
    began = time.monotonic()
    page = _page_of_the_list(lambda _: get_batches().read(batch).state != "running")
    took = time.monotonic() - began
    for worker in workers:
        worker.terminate()
        worker.wait()
    reached = size / took / (count * CONCURRENCY / seconds)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{count:7} {size:7} {size / took:9.1f} {reached:14.2f} {memory:12.0f}"
        f" {idle:20.1f} {page:8.1f}", flush=True,
    )  # fmt: skip


def _measure_cap(cap: float, model: FastModel) -> None:
    """What the server's own books say at the cap, and once the batch may cost more."""
    batch = a_batch(round(1000 * cap), cap_usd=cap)  # a call costs 0.1 to 0.3 cents
    worker = start_worker(64)
    get_batches().change(batch, "start")
    for more in (0, cap * 9):
        if more:
            get_batches().change(batch, "resume", cap_usd=cap + more)
        stored = until_finished(batch)
        charged = model.charged(1, 4)
        print(
            f"cap {cap + more:.2f} USD: {stored.state} ({stored.pause_reason or 'all is done'}), "
            f"{stored.saved} of {stored.total} saved, {charged:.6f} USD by the server's books, "
            f"{stored.spent_usd:.6f} by ours"
        )
        assert charged <= cap + more
    worker.terminate()
    worker.wait()


def _measure_rate(rate: int, model: FastModel) -> None:
    """Three workers, a batch of twice as many texts as a minute allows."""
    os.environ["OPENAI_REQUESTS_PER_MINUTE"] = str(rate)
    get_settings.cache_clear()
    batch = a_batch(2 * rate)
    workers = [start_worker() for _ in range(3)]
    get_batches().change(batch, "start")
    until_finished(batch)
    for worker in workers:
        worker.terminate()
        worker.wait()
    times = [entry.at for entry in model.entries()]
    print(
        f"{len(times)} requests in {max(times) - min(times):.0f} s, by answer "
        f"{dict(Counter(entry.status for entry in model.entries()))}; at most "
        f"{most_in_a_minute(times)} in any 60 s ({rate} allowed, batches use 95 %)"
    )


if __name__ == "__main__":
    main()
