"""A file that waits for its import, without a name: it is gone with the process that holds it.

Nothing in the dashboard looks into it. worker.py does, in the sandbox, and tells of the rows.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from services import sandbox
from services.errors import ImportFileError
from services.importing import limits
from services.importing.frames import read_frame
from services.importing.mapping import Mapping
from services.importing.reading import is_known
from services.importing.rows import Batch, Problem, ReadyRow, Wanted

_PIECE = 1 << 20
_WORKER = "services.importing.worker"


@dataclass(frozen=True)
class Preview:
    """The columns of a file, and the first values of each, shortened. `narrow`: the head is
    perhaps a title above it. Of a workbook, the `sheets` that are read, and those `unread`."""

    columns: list[str]
    samples: dict[str, str]
    narrow: bool
    sheets: list[str]
    unread: list[str]


class HeldFile:
    """A file for import. `digest` is its SHA-256."""

    def __init__(self, name: str, source: BinaryIO) -> None:
        """Copy it from the beginning of `source`. Raises ImportFileError."""
        self.name = name
        self._preview: Preview | None = None
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        try:
            self.digest = _copy(source, self._file)
        except OSError as error:
            self.close()
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise ImportFileError(
                f"The disk that holds {tempfile.gettempdir()} is full.",
                "Free some space on it and give the file again.",
            ) from None

    def preview(self) -> Preview:
        """What is in the file. Raises ImportFileError."""
        if self._preview is None:
            if not is_known(self.name):
                raise ImportFileError
            ((head, _),) = self.frames({"wanted": "preview"})
            self._preview = Preview(**head)
        return self._preview

    def batches(self, mapping: Mapping, wanted: Wanted) -> Generator[Batch]:
        """Every row, checked; read ahead of whoever asks by one batch. Raises ImportFileError."""
        request = {"wanted": wanted, "mapping": mapping}
        for head, beside in self.frames(request):
            ready, place = [], 0
            for number, id_, md5, length in head["good"]:
                ready.append(ReadyRow(number, id_, md5, beside[place : place + length]))
                place += length
            yield Batch(ready, [Problem(*one) for one in head["problems"]])

    def content(self) -> bytes:
        """All of it."""
        number = self._file.fileno()
        return os.pread(number, os.fstat(number).st_size, 0)

    def close(self) -> None:
        """Let go of it."""
        self._file.close()

    def frames(
        self, request: dict[str, Any], module: str = _WORKER
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        """What a module of the sandbox tells of the file. Raises ImportFileError."""
        row = 1
        with self._reading(request, module) as worker:
            while True:
                frame = _next_frame(worker, row)
                if "end" in frame[0]:
                    return
                yield frame
                row = frame[0].get("row", row)

    @contextmanager
    def _reading(self, request: dict[str, Any], module: str) -> Generator[subprocess.Popen[bytes]]:
        number = self._file.fileno()
        worker = sandbox.start(module, limits=limits.PROCESS, files=(number,))
        try:
            with (
                _killed_after(limits.WAIT_SECONDS, worker),
                suppress(BrokenPipeError),
                _pipe(worker.stdin) as out,
            ):
                out.write(json.dumps({**request, "file": number, "name": self.name}).encode())
            yield worker
        finally:
            worker.kill()
            worker.wait()
            _pipe(worker.stdout).close()


def _copy(source: BinaryIO, file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    source.seek(0)
    while piece := source.read(_PIECE):
        digest.update(piece)
        file.write(piece)
    file.flush()
    return digest.hexdigest()


def _next_frame(worker: subprocess.Popen[bytes], row: int) -> tuple[dict[str, Any], bytes]:
    """Raises ImportFileError if the worker says so, or ends without a word behind this row."""
    with _killed_after(limits.WAIT_SECONDS, worker) as stalled:
        try:
            frame = read_frame(_pipe(worker.stdout))
        except ValueError:
            frame = None
    if frame is None:
        worker.kill()
        too_slow = stalled.is_set() or worker.wait() in (-signal.SIGXCPU, -signal.SIGPROF)
        raise limits.too_slow(row) if too_slow else limits.too_much_memory(row)
    head = frame[0]
    if "limit" in head:
        raise limits.too_much_memory(row)
    if "fault" in head:
        raise ImportFileError(**head["fault"])
    return frame


@contextmanager
def _killed_after(seconds: float, worker: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """Kill the worker if the block takes so long; the event tells of it."""
    killed = threading.Event()

    def kill() -> None:
        killed.set()
        worker.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield killed
    finally:
        timer.cancel()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - the sandbox made it
    return pipe
