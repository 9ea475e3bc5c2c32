"""The route of exports: the whole file with its count and manifest, or a clear word."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator

import psycopg
import pytest
from itsdangerous import TimestampSigner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from services.browser_identity import COOKIE
from services.exports.export import Exports
from services.exports.links import VALID_SECONDS, export_id, make_link
from services.exports.options import ExportOptions
from services.exports.routes import export_routes, exports
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, get_persona_repository
from services.personas.finding.conditions import Condition
from services.personas.finding.query import PersonaQuery
from services.settings import get_settings

BROWSER = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def client(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("SUPABASE_DB_URL", database.db_url)
    get_settings.cache_clear()
    for number in range(30):
        new = PersonaCreate(raw_text=f"Text {number}", persona={"n": number % 3})
        get_persona_repository().create(new)
    with TestClient(Starlette(routes=export_routes("/base"))) as made:
        made.cookies.set(COOKIE, BROWSER)
        yield made


def test_the_file_its_name_and_its_manifest_agree(client: TestClient) -> None:
    query = PersonaQuery(conditions=(Condition("is", "n", "1"),))
    token = make_link(ExportOptions(format="jsonl", query=query), BROWSER)
    response = client.get(f"/base/exports/{token}/file")
    assert response.status_code == 200
    assert "personas-10-rows-" in response.headers["content-disposition"]
    assert response.headers["cache-control"] == "no-store"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["persona"]["n"] for line in lines] == [1] * 10
    manifest = client.get(f"/base/exports/{token}/manifest.json").json()
    assert manifest["sha256"] == hashlib.sha256(response.content).hexdigest()
    assert (manifest["state"], manifest["rows"], manifest["rows_sent"]) == ("complete", 10, 10)
    assert manifest["filter"]["conditions"] == [{"kind": "is", "path": ["n"], "value": "1"}]
    assert manifest["read_as"] == "snapshot"


def test_chosen_personas_only(client: TestClient) -> None:
    ids = tuple(str(one.id) for one in list(get_persona_repository().iterate())[:3])
    token = make_link(ExportOptions(format="jsonl", ids=ids), BROWSER)
    lines = client.get(f"/base/exports/{token}/file").text.splitlines()
    assert {json.loads(line)["id"] for line in lines} == set(ids)


def test_stolen_old_and_altered_links_say_what_to_do(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as past:
        past.setattr(
            TimestampSigner, "get_timestamp", lambda _: int(time.time()) - 2 * VALID_SECONDS
        )
        old = make_link(ExportOptions(), BROWSER)
    stolen = make_link(ExportOptions(), "f" * 32)
    for token, reason in ((old, "expired"), (stolen, "another browser"), ("abc", "altered")):
        for name in ("file", "manifest.json"):
            response = client.get(f"/base/exports/{token}/{name}")
            assert response.status_code == 403
            assert reason in response.text
            assert "choose Export again" in response.text


def test_a_look_at_the_link_starts_nothing(client: TestClient) -> None:
    token = make_link(ExportOptions(), BROWSER)
    assert client.head(f"/base/exports/{token}/file").status_code == 200
    assert exports.progress(export_id(token)).state == "ready"


def test_a_cut_download_is_known_as_broken_and_holds_no_snapshot(
    client: TestClient, database: LocalSupabase
) -> None:
    export = Exports().begin("cut", ExportOptions())
    export.begin()
    pieces = export.pieces()
    next(pieces)  # the head
    next(pieces)  # rows: the COPY has begun
    pieces.close()
    export.close()
    assert export.progress.manifest()["state"] == "broken"
    assert export.progress.manifest()["sha256"] is None
    give_up = time.monotonic() + 10
    while snapshots_held(database):  # PostgreSQL notices a closed connection a moment later
        assert time.monotonic() < give_up
        time.sleep(0.05)


def snapshots_held(database: LocalSupabase) -> int:
    with psycopg.connect(database.db_url) as connection:
        rows = connection.execute(
            "select from pg_stat_activity where state <> 'idle' and pid <> pg_backend_pid()"
            " and query like 'copy (%'"
        ).fetchall()
        return len(rows)


def test_a_column_that_does_not_exist_is_told(client: TestClient) -> None:
    token = make_link(ExportOptions(columns=("id", "nothing")), BROWSER)
    response = client.get(f"/base/exports/{token}/file")
    assert response.status_code == 400
    assert "no column nothing" in response.text
    assert exports.progress(export_id(token)).state == "broken"
