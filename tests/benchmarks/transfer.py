"""Exports and imports: `python -m tests.benchmarks.transfer --rows 1000000`.

A real dashboard on a local Supabase with fictional personas. Baselines stand in the same run:
keyset pages of 1000 rows through the API, and a bare COPY TO. Exports come from the dashboard's own
route while a browser reloads the list; its memory is that of the dashboard's process. Then a CSV
with one bad row in 200 is imported, once whole and once killed half-way. Trust the ratios.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import psycopg
from playwright.sync_api import expect

from services.database import get_supabase_client, reset_supabase_client
from services.database.local import start_local_supabase
from services.database.snapshot import Snapshot
from services.exports.csv_file import csv_file
from services.exports.options import ExportOptions
from services.exports.sources import ApiSource, SnapshotSource, Source
from services.importing.jobs import ImportJob, get_import_jobs
from services.importing.runner import ImportRunner
from services.local_supabase.stack import LocalSupabase
from services.personas import get_persona_repository
from services.settings import get_settings
from tests.benchmarks.in_browser import analyst_of, open_list
from tests.benchmarks.million import load_and_index
from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard
from tests.csv_personas import to_csv
from tests.isolated import ROOT, clean_environment, command

ROWS = 20_000
COLUMNS = "id,created_at,updated_at,raw_text,persona"  # what our CSV holds
PAGED_ROWS = 20_000  # read through the API: its rate does not depend on how many there are
IMPORTED_ROWS = 100_000
BAD_EVERY = 200
MAPPING = {"Interview": "raw_text", "Name": "persona.name", "Meta": "generation"}
FORMATS = {"CSV": "csv", "JSON Lines": "jsonl", "Parquet": "parquet", "Excel": "xlsx"}
EXCEL_ROWS = 100_000  # more takes minutes, and says nothing new
_PAUSE_SECONDS = 4  # between two looks at the list, as somebody who works with it


def main(arguments: list[str] | None = None) -> None:
    """Load, measure, print; leaves nothing behind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=int(os.environ.get("ROWS") or ROWS))
    options, _ = parser.parse_known_args(arguments)
    dashboard = Dashboard()
    try:
        dashboard.start()
        with _beside(dashboard) as stack:
            load_and_index(stack, options.rows)
            _baselines(stack, options.rows)
            _exports(dashboard, options.rows)
            _imports(dashboard, stack, min(options.rows, IMPORTED_ROWS))
    finally:
        dashboard.remove()


@contextmanager
def _beside(dashboard: Dashboard) -> Iterator[LocalSupabase]:
    """This process's services on the dashboard's database."""
    stack = start_local_supabase(dashboard.folder / "stack")
    settings = {"SUPABASE_URL": stack.url, "SUPABASE_SECRET_KEY": stack.key.get_secret_value()}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        _forget_connection()
        yield stack
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        _forget_connection()
        stack.stop()


def _forget_connection() -> None:
    get_settings.cache_clear()
    reset_supabase_client()


def _line(name: str, rows: int, seconds: float, more: str = "") -> float:
    rate = rows / seconds
    print(f"{name:42} {rate:10,.0f} rows/s {rows:10,} rows {seconds:7.1f} s  {more}", flush=True)
    return rate


def _baselines(stack: LocalSupabase, rows: int) -> None:
    paged = min(rows, PAGED_ROWS)
    _keyset_pages(paged)  # warm: the first to read them would pay for all
    began = time.monotonic()
    bare = _line("keyset pages of 1000, bare", _keyset_pages(paged), time.monotonic() - began)
    began = time.monotonic()
    to_csv(islice(get_persona_repository().iterate(1000), paged))
    made = _line("keyset pages of 1000, made into a CSV", paged, time.monotonic() - began)
    began = time.monotonic()
    copied = _line("COPY TO, bare", _copy(stack.db_url), time.monotonic() - began)
    pages = _line("our CSV without a database URL", rows, _seconds(ApiSource("{}"), rows, paged))
    source = SnapshotSource(Snapshot(stack.db_url), "{}")
    ours = _line("our CSV with a database URL", rows, _seconds(source, rows, rows))
    print(
        f"\nwithout a URL {pages / made:.1f} ×, with one {ours / made:.1f} × a CSV of keyset pages"
        f" ({pages / bare:.1f} × and {ours / bare:.1f} × the bare pages, which are no file yet)"
    )
    print(f"with a URL {ours / copied:.2f} × the bare COPY TO\n")


def _seconds(source: Source, rows: int, most: int) -> float:
    """How long all rows take: the look at all of them before the first, and then as many times
    `most` rows as it takes."""
    options = ExportOptions()
    began = time.monotonic()
    start = source.start(options.needs_paths)
    looked = time.monotonic() - began
    began, count = time.monotonic(), 0
    for chunk in csv_file(source, options.plan(start.stored, start.paths)):
        count += chunk.rows
        if count >= most:
            break
    source.close()
    return looked + (time.monotonic() - began) * rows / count


def _keyset_pages(most: int) -> int:
    """By the primary key: the quickest pages that the API has."""
    count, last = 0, str(UUID(int=0))
    while count < most:
        query = get_supabase_client().client.table("personas").select(COLUMNS).gt("id", last)
        rows: Any = query.order("id").limit(1000).execute().data
        count += len(rows)
        last = rows[-1]["id"]
    return count


def _copy(db_url: str) -> int:
    statement = (
        "copy (select id, created_at, updated_at, raw_text, persona from personas) to stdout"
    )
    with (
        psycopg.connect(db_url) as connection,
        connection.cursor().copy(statement.encode()) as copy,
    ):
        return sum(1 for _ in copy)


# ---------------------------------------------------------------- the dashboard's route


def _exports(dashboard: Dashboard, rows: int) -> None:
    with analyst_of(dashboard) as analyst:
        idle = sorted(_reload(analyst) for _ in range(7))
        print(f"the list in a browser: {_middle(idle):.2f} s (idle)\n")
        for label, form in FORMATS.items():
            if form != "xlsx" or rows <= EXCEL_ROWS:
                _export(analyst, label)


def _export(analyst: Analyst, label: str) -> None:
    process = psutil.Process(analyst.dashboard._process.pid)  # type: ignore[union-attr]
    request = _request(analyst, label)
    before = process.memory_info().rss
    download = _Download(request)
    download.start()
    peak, times = before, []
    while download.is_alive():
        times.append(_reload(analyst))
        peak = max(peak, download.watch(process))
        download.join(_PAUSE_SECONDS)
    peak = max(peak, download.peak)
    grown = (peak - before) / 2**20
    slow = f"list {_middle(sorted(times)):.2f} s meanwhile" if times else ""
    rows = int(download.name.split("-")[1])
    _line(f"{label} from the route", rows, download.seconds,
          f"+{grown:.0f} MB, first byte {download.first:.1f} s, {slow}")  # fmt: skip
    assert download.manifest()["sha256"] == download.digest
    assert download.manifest()["rows_sent"] == rows


class _Download(threading.Thread):
    """Reads the file and forgets it, as a browser that writes to disk does."""

    def __init__(self, request: urllib.request.Request) -> None:
        super().__init__()
        self._request = request
        self.name = self.digest = ""
        self.first = self.seconds = 0.0
        self.peak = 0

    def run(self) -> None:
        began = time.monotonic()
        digest = hashlib.sha256()
        with urllib.request.urlopen(self._request) as response:  # noqa: S310 - our own dashboard
            self.first = time.monotonic() - began
            self.name = response.headers["Content-Disposition"].split('"')[1]
            while block := response.read(1024 * 1024):
                digest.update(block)
        self.digest, self.seconds = digest.hexdigest(), time.monotonic() - began

    def watch(self, process: psutil.Process) -> int:
        self.peak = max(self.peak, process.memory_info().rss)
        return self.peak

    def manifest(self) -> dict[str, object]:
        address = self._request.full_url.replace("/file", "/manifest.json")
        request = urllib.request.Request(address, headers=dict(self._request.header_items()))  # noqa: S310
        with urllib.request.urlopen(request) as response:  # noqa: S310
            found: dict[str, object] = json.load(response)
            return found


def _request(analyst: Analyst, label: str) -> urllib.request.Request:
    """What the browser would ask for."""
    page = analyst.page
    analyst.open()
    analyst.button("Export").click()
    page.get_by_role("dialog").get_by_text(label, exact=True).click()
    link = page.get_by_role("link", name=f"Download {label}", exact=True)
    expect(link).to_be_visible()
    address = str(link.evaluate("link => link.href"))
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    return urllib.request.Request(address, headers={"Cookie": cookies})  # noqa: S310


def _reload(analyst: Analyst) -> float:
    began = time.monotonic()
    open_list(analyst)
    return time.monotonic() - began


def _middle(values: list[float]) -> float:
    return values[len(values) // 2]


# ---------------------------------------------------------------- files given for import


def _imports(dashboard: Dashboard, stack: LocalSupabase, rows: int) -> None:
    print()
    bad = rows // BAD_EVERY
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "interviews.csv"
        _write_texts(path, rows)
        dashboard.sql("truncate personas, generation_requests cascade")
        runner = ImportRunner(get_import_jobs())
        job = _import(runner, path, f"import of {rows:,} texts, {bad:,} of them bad")
        assert (job.saved, job.faulty) == (rows - bad, bad), job
        assert len(list(get_import_jobs().problems(job.id))) == bad
        job = _import(runner, path, "the same file again")
        assert (job.saved, job.skipped) == (0, rows - bad), job
        dashboard.sql("truncate personas, generation_requests cascade")
        saved = _killed(dashboard, stack, path, rows // 2)
        job = _import(runner, path, f"after a kill -9 at {saved:,} saved")
        assert (job.saved, job.skipped) == (rows - bad - saved, saved), job
        stored = dashboard.sql("select count(*), count(distinct raw_text) from personas")
        print(f"stored now: {stored[0][0]:,}, different texts: {stored[0][1]:,}")
        runner.stop()


def _write_texts(path: Path, rows: int) -> None:
    faults = ("", "   ", "text\x00", "text")  # the last has broken JSON beside it
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(MAPPING)
        for number in range(rows):
            bad = number % BAD_EVERY == 0
            text = f"Interview {number}: she told us that the invoices arrive late. " * 12
            fault = faults[number // BAD_EVERY % len(faults)]
            writer.writerow([fault if bad else text, f"Person {number}", "{" if bad else "{}"])


def _import(runner: ImportRunner, path: Path, name: str) -> ImportJob:
    job_id = uuid4()
    with path.open("rb") as file:
        runner.take(job_id, path.name, file)
    began = time.monotonic()
    runner.check(job_id, MAPPING, "benchmark")
    checked = _until(job_id, "checked")
    middle = time.monotonic()
    _line(f"{name}: checked", checked.rows, middle - began)
    runner.save(job_id)
    job = _until(job_id, "saved")
    _line(f"{name}: saved", job.good, time.monotonic() - middle)
    return job


def _until(job_id: object, status: str) -> ImportJob:
    while (job := get_import_jobs().read(str(job_id))).status != status:
        assert job.status != "failed", job.error
        time.sleep(0.1)
    return job


def _killed(dashboard: Dashboard, stack: LocalSupabase, path: Path, at: int) -> int:
    process = subprocess.Popen(
        command("tests.integration.importing_process", str(path), json.dumps(MAPPING)),
        cwd=ROOT,
        env=clean_environment(
            SUPABASE_URL=stack.url, SUPABASE_SECRET_KEY=stack.key.get_secret_value()
        ),
    )
    while dashboard.sql("select count(*) from personas")[0][0] < at:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(1)  # a batch that was under way may still arrive
    return int(dashboard.sql("select count(*) from personas")[0][0])


if __name__ == "__main__":
    main()
