"""What signing in costs a click: `python -m tests.benchmarks.sign_in`.

Reruns of the list over the dashboard's own WebSocket, with SIGN_IN=off and with a person signed in,
by turns in one run. A rerun reads nothing that is cached, or everything (pause: caches run out).
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.browser.dashboard import Dashboard
from tests.isolated import ROOT, clean_environment, command

RERUNS = 150
FRESH = 12  # reruns after a pause in which the caches run out
PAUSE_SECONDS = 5.2
PASSWORD = "a long and fictional one"


def main() -> None:
    """Print p50 and p95 of a rerun, and their ratios."""
    with ExitStack() as stack:
        off = stack.enter_context(_page(Dashboard(SIGN_IN="off")))
        on = stack.enter_context(_page(Dashboard(SIGN_IN="supabase")))
        for name, count, pause in (
            ("cached", RERUNS, 0.0),
            ("after a pause", FRESH, PAUSE_SECONDS),
        ):
            times: dict[str, list[float]] = {"off": [], "supabase": []}
            for _ in range(count):
                time.sleep(pause)
                times["off"].append(_rerun(off))
                times["supabase"].append(_rerun(on))
            for setting, some in times.items():
                p95 = statistics.quantiles(some, n=20)[-1]
                middle = statistics.median(some)
                print(f"{name:14} {setting:9} p50 {middle:7.2f} ms   p95 {p95:7.2f} ms")
            ratio = statistics.median(times["supabase"]) / statistics.median(times["off"])
            print(f"{name:14} with sign-in × {ratio:.2f}\n")


@contextmanager
def _page(dashboard: Dashboard) -> Iterator[ClientConnection]:
    """An open page of a dashboard, signed in where it asks for that."""
    try:
        dashboard.start()
        with httpx.Client(base_url=dashboard.url, trust_env=False) as browser:
            if browser.get("/").status_code == 401:
                _choose_password(dashboard, browser)
            browser.get("/")
            cookies = "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)
        address = f"ws://{urlsplit(dashboard.url).netloc}/_stcore/stream"
        with connect(
            address,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookies},
            max_size=None,
        ) as socket:
            _rerun(socket)
            yield socket
    finally:
        dashboard.remove()


def _choose_password(dashboard: Dashboard, browser: httpx.Client) -> None:
    settings = {"SIGN_IN": "supabase", "LOCAL_SUPABASE_DIR": str(dashboard.folder / "stack")}
    made = subprocess.run(
        command("services.access.people", "add", "ann@example.org", "--role", "analyst"),
        cwd=ROOT,
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        check=True,
    )
    link = urlsplit(made.stdout.split()[-1]).path
    browser.post(link, data={"password": PASSWORD})


def _rerun(socket: ClientConnection) -> float:
    """Milliseconds until a rerun of the page is finished."""
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    started = time.perf_counter()
    socket.send(asked.SerializeToString())
    while True:
        message = ForwardMsg()
        message.ParseFromString(socket.recv())
        if message.WhichOneof("type") == "script_finished":
            return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
