"""What runs in the sandbox can take neither memory, time, disk nor settings, and ends with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from services import sandbox
from tests.isolated import ROOT
from tests.waiting import PATIENCE_SECONDS

MODULE = "tests.integration.confined"
LIMITS = sandbox.Limits(memory_bytes=512 << 20, cpu_seconds=1)
PARENT = f"""
from services import sandbox
worker = sandbox.start({MODULE!r}, "sleep", limits=sandbox.Limits(1 << 30, 60), files=())
print(worker.pid, flush=True)
worker.wait()
"""


def asked(what: str) -> bytes:
    return sandbox.run(MODULE, what, content=b"", limits=LIMITS, seconds=PATIENCE_SECONDS)


def test_what_keeps_within_the_limits_answers() -> None:
    assert asked("nothing") == b"done\n"


@pytest.mark.parametrize("what", ["memory", "write", "compute"])
def test_what_does_not_is_ended(what: str) -> None:
    assert asked(what) == b""


def test_it_knows_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "secret")
    assert asked("environment") == b"[]\ndone\n"


def test_it_ends_with_whoever_started_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    time.sleep(1)  # until it has its limits
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    worker.wait(timeout=PATIENCE_SECONDS)


def test_a_killed_process_leaves_no_file(tmp_path: Path) -> None:
    hold = (
        "import io, os; from services.importing.held_file import HeldFile; "
        "HeldFile('a.csv', io.BytesIO(b'text')); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", hold], cwd=ROOT, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "module",
    ["services.importing.worker", "services.importing.texts.worker", "services.sources.worker"],
)
def test_what_starts_for_each_file_brings_no_network_with_it(module: str) -> None:
    """Supabase's client would be a third of its start."""
    loaded = f"import sys, {module}; print('httpx' in sys.modules, 'postgrest' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, check=True)
    assert run.stdout == b"False False\n"
