"""What a request costs in the dashboard's own server: `python -m tests.benchmarks.server`.

The same dashboard with the event loop of requirements.txt (uvloop) and with Python's own, which
never sets TCP_NODELAY on Streamlit's socket: on a connection that is kept, an answer then waits
for the system. The ratio compares the two in one run.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.browser.dashboard import Dashboard
from tests.isolated import ROOT

REQUESTS = 200


def main() -> None:
    """Print p50 and p95 of a request on a kept connection, with both event loops."""
    with _without_uvloop() as path:
        slow = _milliseconds(Dashboard(PYTHONPATH=f"{path}:{ROOT}"))
    fast = _milliseconds(Dashboard())
    for name, times in (("Python's event loop", slow), ("uvloop", fast)):
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:22} p50 {statistics.median(times):7.2f} ms   p95 {p95:7.2f} ms")
    ratio = statistics.median(slow) / statistics.median(fast)
    print(f"\nWith uvloop an answer comes {ratio:.1f} times as fast.")


@contextmanager
def _without_uvloop() -> Iterator[Path]:
    """A folder that makes Python believe uvloop is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="persona-bench-"))
    (folder / "uvloop.py").write_text("raise ImportError\n")
    yield folder
    shutil.rmtree(folder)


def _milliseconds(dashboard: Dashboard) -> list[float]:
    times = []
    try:
        dashboard.start()
        with httpx.Client(base_url=dashboard.url, trust_env=False) as client:
            client.get("/_stcore/health")
            for _ in range(REQUESTS):
                started = time.perf_counter()
                client.get("/_stcore/health")
                times.append((time.perf_counter() - started) * 1000)
    finally:
        dashboard.remove()
    return times


if __name__ == "__main__":
    main()
