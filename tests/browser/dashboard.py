"""The real dashboard as a process of its own, that can be killed and started again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
import pytest

from tests.conftest import new_stack_folder
from tests.isolated import ROOT, clean_environment, command
from tests.waiting import PATIENCE_SECONDS, free_port

STOP_SECONDS = 20


class Dashboard:
    """`streamlit run streamlit_app.py` on a folder and a port that stay the same for its life."""

    def __init__(self, **settings: str) -> None:
        self.folder = new_stack_folder()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = self.folder / "dashboard.log"
        self._settings = {"LOCAL_SUPABASE_DIR": str(self.folder / "stack"), **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        run = command("streamlit", "run", "streamlit_app.py", f"--server.port={self.port}")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                run,
                cwd=ROOT,
                env=clean_environment(**self._settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_serving()

    def kill(self) -> None:
        """kill -9: it gets no chance to tidy up."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """End it as Ctrl-C does; its exit code."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(STOP_SECONDS)

    def remove(self) -> None:
        """Stop what is left of it and delete its data."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        for process in _processes_of(self.folder):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def sql(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement on the PostgreSQL of its local Supabase; the rows, if there are any."""
        with psycopg.connect(self._db_url(), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def empty(self) -> None:
        """Delete everything; pages see it when their caches have run out."""
        self.sql("truncate personas, generation_requests, drafts cascade")

    def _db_url(self) -> str:
        # https://www.postgresql.org/docs/current/storage-file-layout.html: postmaster.pid
        lines = (self.folder / "stack" / "postgres" / "postmaster.pid").read_text().splitlines()
        return f"postgresql://postgres@/postgres?host={quote(lines[4], safe='')}&port={lines[3]}"

    def _wait_until_serving(self) -> None:
        assert self._process
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):  # noqa: S310
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"The dashboard did not start:\n{self.log()[-3000:]}")


def _processes_of(folder: Path) -> list[psutil.Process]:
    """The processes that name the folder on their command line or work in it."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), process.cwd()]
        except psutil.Error:
            continue
        if any(str(folder) in word for word in words):
            found.append(process)
    return found
