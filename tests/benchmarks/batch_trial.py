"""A large batch under fire: `python -m tests.benchmarks.batch_trial [--texts 10000] [--kills 20]`.

Two worker processes and a dashboard draft it; the model server refuses or garbles some calls.
Workers, the gateway and the database are killed with SIGKILL in turn, spread over the run. Then
each text is one persona or one failure with a name; what was asked twice was under way at a kill.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from uuid import UUID

import psycopg

from services.errors import DashboardError
from services.generation.batches import Batch, get_batches
from services.local_supabase.stack import LocalSupabase
from tests.benchmarks.batches import ROOT, a_batch, stack, start_worker
from tests.fast_model import FastModel, Manner
from tests.isolated import command
from tests.waiting import free_port

CONCURRENCY = 16
DASHBOARD = 8  # of the dashboard
KILLED = ("worker", "gateway", "worker", "database", "worker")


def main() -> None:
    """Run it, and print what became of the texts and of the calls."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--texts", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=20)
    options = asked.parse_args()
    manner = Manner(0.05, busy=0.01, broken_down=0.01, garbled=0.005)
    with FastModel.running(manner) as model, stack(model) as supabase:
        batch = a_batch(options.texts)
        began = time.monotonic()
        with workers() as running, dashboard():
            get_batches().change(batch, "start")
            flying = _under_fire(batch, options, supabase, running)
            stored = _finished(batch)
        took = time.monotonic() - began
        _tell(stored, model, supabase, flying, took)


@contextmanager
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two worker processes; what stands in the list at the end is stopped."""
    running = [start_worker(CONCURRENCY) for _ in range(2)]
    try:
        yield running
    finally:
        for process in running:
            process.terminate()
            process.wait()


@contextmanager
def dashboard() -> Iterator[None]:
    """The real application, which works on batches as well."""
    arguments = ["streamlit", "run", "streamlit_app.py", "--server.headless", "true"]
    process = subprocess.Popen(
        command(*arguments, "--server.port", str(free_port())),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GENERATION_WORKERS": str(DASHBOARD)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _under_fire(
    batch: UUID,
    options: argparse.Namespace,
    supabase: LocalSupabase,
    running: list[subprocess.Popen[bytes]],
) -> int:
    """Kill one after the other; how many requests were under way then, in all."""
    flying = 0
    for number, kind in zip(range(1, options.kills + 1), cycle(KILLED), strict=False):
        target = options.texts * number // (options.kills + 1)
        while (stored := _read(batch)).saved + stored.failed < target:
            time.sleep(0.2)
        flying += stored.running
        print(
            f"{stored.saved:6} saved, {stored.running:3} under way: the {kind} is killed",
            flush=True,
        )
        if kind == "worker":
            victim = running.pop(0)
            victim.kill()
            victim.wait()
            running.append(start_worker(CONCURRENCY))
        else:
            os.kill(_pid_of(kind, supabase), signal.SIGKILL)
    return flying


def _pid_of(kind: str, supabase: LocalSupabase) -> int:
    if kind == "gateway":
        return supabase._gateway._process.pid
    return supabase._postgres._pid


def _read(batch: UUID) -> Batch:
    """The batch, patiently: what it is read through is killed as well."""
    while True:
        try:
            return get_batches().read(batch)
        except DashboardError:
            time.sleep(0.2)


def _finished(batch: UUID) -> Batch:
    while (stored := _read(batch)).state != "finished":
        time.sleep(0.5)
    return stored


def _tell(
    stored: Batch, model: FastModel, supabase: LocalSupabase, flying: int, took: float
) -> None:
    with psycopg.connect(supabase.db_url) as connection:
        rows = connection.execute("select raw_text from personas").fetchall()
    personas = Counter(text for (text,) in rows)
    doubled = sum(count > 1 for count in personas.values())
    reasons = {f.error_kind: f.requests for f in get_batches().failures(stored.id)}
    answers = Counter(one.status for one in model.entries())
    twice = sum(count - 1 for count in model.good_answers().values())
    for line in (
        f"\n{stored.total} texts in {took:.0f} s, {stored.total / took:.1f} a second",
        f"personas: {len(personas)}; texts with more than one: {doubled}",
        f"failed by name: {stored.failed} {reasons}",
        f"calls by answer (422: garbled): {dict(answers)}",
        f"answered twice: {twice}; requests under way when something was killed: {flying}",
        f"spent: {stored.spent_usd:.4f} USD by the batch (what was lost counts as the most), "
        f"{model.charged(1, 4):.4f} USD by the server; still reserved: {stored.reserved_usd}",
    ):
        print(line)
    fits = len(personas) == stored.saved and stored.saved + stored.failed == stored.total
    sys.exit(0 if fits and not doubled and twice <= flying else 1)


if __name__ == "__main__":
    main()
