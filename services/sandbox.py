"""A process of its own for files of other people: `python -m services.sandbox LIMITS MODULE …`.

What runs there has limits of memory and processor time, writes no file, knows no settings, gives
way to others, and ends with the process that started it. Where a system lacks one of these limits
(macOS has no limit of memory), the others hold.
"""

from __future__ import annotations

import ctypes
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG = 1
_NICENESS = 3
# On Windows nothing starts without some of them.
_ENVIRONMENT = None if sys.platform == "win32" else dict[str, str]()


@dataclass(frozen=True)
class Limits:
    """What a process may use: bytes of memory (addresses), seconds of computing."""

    memory_bytes: int
    cpu_seconds: int


def run(module: str, *arguments: str, content: bytes, limits: Limits, seconds: float) -> bytes:
    """What the module writes to its output, given `content` as input; nothing if it is killed.

    Raises subprocess.TimeoutExpired after `seconds`.
    """
    done = subprocess.run(
        _command(module, arguments, limits),
        input=content,
        capture_output=True,
        timeout=seconds,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        check=False,
    )
    return done.stdout


def start(
    module: str, *arguments: str, limits: Limits, files: Sequence[int]
) -> subprocess.Popen[bytes]:
    """The module running beside this process: pipes to its input and from its output, and these
    open files under the same numbers. Whoever starts it kills it."""
    return subprocess.Popen(
        _command(module, arguments, limits),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        pass_fds=files,
    )


def _command(module: str, arguments: Sequence[str], limits: Limits) -> list[str]:
    given = json.dumps({**asdict(limits), "parent": os.getpid()})
    return [sys.executable, "-m", "services.sandbox", given, module, *arguments]


def _confine(memory_bytes: int, cpu_seconds: int, parent: int) -> None:
    _end_with(parent)
    os.nice(_NICENESS)
    with suppress(OSError):  # if the machine runs out of memory, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000")
    import resource  # not on every system

    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):  # this system has no such limit
            resource.setrlimit(kind, (limit, limit))


def _end_with(parent: int) -> None:
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that
        sys.exit(1)


if __name__ == "__main__":
    with suppress(ImportError, AttributeError):
        _confine(**json.loads(sys.argv[1]))
    del sys.argv[:2]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
