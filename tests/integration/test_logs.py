"""No log holds a word about a person, whatever the database refuses."""

from __future__ import annotations

import io
import json
import logging
import time
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from services.importing.jobs import get_import_jobs
from services.importing.runner import ImportRunner
from services.local_supabase.stack import LocalSupabase

MARK = "Zwetschgenkuchen"
MAPPING = {"raw_text": "raw_text", "persona": "persona", "generation": "generation"}


def logs_of(database: LocalSupabase) -> dict[Path, str]:
    """Everything that the local Supabase has written about itself."""
    with psycopg.connect(database.db_url) as connection:
        (folder,) = connection.execute("show data_directory").fetchone() or ("",)
    files = [Path(folder) / "log", *Path(folder).parent.glob("gateways/**/*.log")]
    return {file: file.read_text(errors="replace") for file in files if file.is_file()}


def refused(database: LocalSupabase) -> list[int]:
    """The status of every request that the database refuses; each holds the mark."""
    key = database.key.get_secret_value()
    rest = httpx.Client(base_url=f"{database.url}/rest/v1", headers={"apikey": key}, timeout=30)
    rest.headers["Authorization"] = f"Bearer {key}"
    rest.headers["Prefer"] = "return=minimal"
    sound = {"raw_text": MARK, "persona": {"name": MARK}}
    same = str(uuid4())
    rows = [
        {**sound, "evidence": None},
        {**sound, "id": MARK},
        {**sound, "created_at": MARK},
        {**sound, "status": MARK},
        {**sound, "evidence": [MARK]},
        {**sound, "version": MARK},
        [{**sound, "id": same}, {**sound, "id": same}],
    ]
    answers = [rest.post("/personas", json=row) for row in rows]
    answers += [
        rest.post("/rpc/save_import", json={"job": same, "worker": MARK, "rows": MARK}),
        rest.post("/rpc/search_personas", json={"request": MARK}),
        rest.post("/rpc/finish_generation", json={"request_id": MARK}),
        rest.get("/personas", params={"id": f"eq.{MARK}"}),
        rest.patch("/personas", params={"id": f"eq.{same}"}, json={MARK: MARK}),
    ]
    return [answer.status_code for answer in answers]


def test_no_log_names_what_was_refused(
    database: LocalSupabase, caplog: pytest.LogCaptureFixture
) -> None:
    statuses = refused(database)
    assert min(statuses) >= 400, statuses
    caplog.set_level(logging.INFO)  # of the dashboard's own clients, not of this test's
    runner = ImportRunner(get_import_jobs())
    sound = {"raw_text": MARK, "persona": {"name": MARK}}
    rows = [
        {**sound, "persona": {"n": 1.75e308, "name": MARK}},  # the database takes no such number
        {**sound, "generation": {"notes": 5, MARK: MARK}},
        {"raw_text": f"{MARK} once more", "sources": [], "persona": {}},
        {"raw_text": f"{MARK} and again", "persona": {}},
    ]
    job = uuid4()
    runner.take(job, "a.jsonl", io.BytesIO("\n".join(map(json.dumps, rows)).encode()))
    runner.check(job, MAPPING, "ana")
    _until(str(job), "checked")
    runner.save(job)
    _until(str(job), "saved")
    runner.stop()
    assert get_import_jobs().read(job).saved == 2
    with psycopg.connect(database.db_url) as connection:  # what is written is searched
        connection.execute("do $$ begin raise log 'the end of this test'; end $$")
    logs = logs_of(database)
    assert any("the end of this test" in text for text in logs.values())
    assert [line for text in logs.values() for line in text.splitlines() if MARK in line] == []
    assert MARK not in caplog.text


def _until(job_id: str, status: str) -> None:
    give_up = time.monotonic() + 240
    while (job := get_import_jobs().read(job_id)).status != status:
        assert time.monotonic() < give_up and job.status != "failed", job.error
        time.sleep(0.1)
