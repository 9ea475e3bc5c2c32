"""Runs every benchmark: `make bench`, or `python -m tests.benchmarks`."""

from __future__ import annotations

from tests.benchmarks import (
    alignment,
    api,
    batches,
    calls,
    cancelling,
    in_browser,
    million,
    saving,
    server,
    sign_in,
    transfer,
)

BENCHMARKS = (
    alignment,
    calls,
    batches,
    cancelling,
    server,
    sign_in,
    api,
    saving,
    in_browser,
    million,
    transfer,
)

for benchmark in BENCHMARKS:
    print(f"\n=== {benchmark.__name__.rsplit('.', 1)[-1]}\n")
    benchmark.main()
