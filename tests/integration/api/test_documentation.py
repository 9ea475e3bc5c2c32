"""docs/api.md as printed, persona-api's operations one after the other, and what the page loads."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from openapi_spec_validator import validate

from services.access.roles import Role
from tests.integration.api.conftest import TEXT, Program, Server, finished
from tests.isolated import ROOT
from tests.waiting import eventually

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```(bash|python)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_start_runs_as_printed(server: Server, tmp_path: Path) -> None:
    analyst = server.program(Role.ANALYST)
    environment = {
        **os.environ,
        "PERSONAS_URL": f"{server.url}/api/v1",
        "PERSONAS_KEY": analyst.key,
        "no_proxy": "127.0.0.1",
    }
    assert [kind for kind, _ in SNIPPETS] == ["bash", "python"]
    for (kind, code), says in zip(
        SNIPPETS, ("Ana Ruiz", "2 412 Nothing was overwritten"), strict=True
    ):
        script = tmp_path / f"start.{kind}"
        script.write_text(code)
        shell = ["bash", "-euo", "pipefail"] if kind == "bash" else [sys.executable]
        done = subprocess.run(
            [*shell, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert says in done.stdout


def test_the_table_names_operations_that_exist(server: Server) -> None:
    known = {
        (method.upper(), re.sub(r"\{\w+\}", "{id}", path))
        for path, methods in server.app.openapi()["paths"].items()
        for method in methods
    }
    table = PAGE[PAGE.index("## Coming from persona-api") :]
    right = "\n".join(line.split("|")[2] for line in table.splitlines() if line.count("|") == 3)
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)", right)
    assert len(named) > 12
    assert {(method, path) for method, path in named} <= known


def test_the_seed_s_example_over_http(program: Program) -> None:
    """Create, read, update, list with its total, count and delete, as the repository has them."""
    new = {"raw_text": "John is a developer.", "persona": {"name": "John", "role": "Developer"}}
    made = program.post("personas", new).json()
    where = f"personas/{made['id']}"
    assert program.get(where).json()["persona"] == new["persona"]
    kind = {"Content-Type": "application/merge-patch+json"}
    change = {"persona": {"role": "Senior Developer"}}
    changed = program.ask("PATCH", where, json=change, version=1, headers=kind)
    assert changed.json()["persona"] == {"name": "John", "role": "Senior Developer"}
    assert [one["name"] for one in program.get("personas?limit=10").json()["items"]] == ["John"]
    assert program.get("count").json() == {"count": 1, "exact": True}
    assert program.ask("DELETE", where, version=2).status_code == 204
    assert program.get("count").json()["count"] == 0


def test_what_persona_api_does_over_http(program: Program) -> None:
    """Its operations in the order of the table."""
    assert program.get("health").json() == {"status": "ok"}
    first = program.post("generations", {"text": TEXT}).json()["id"]
    batch = program.post("batches", {"items": [{"text": "Bo Berg is a nurse."}]}).json()["id"]
    ana = finished(program, first)["persona_id"]
    eventually(lambda: program.get(f"batches/{batch}").json()["saved"] == 1)
    bo = program.get(f"batches/{batch}/items").json()[0]["persona_id"]
    assert {one["id"] for one in program.get("personas").json()["items"]} == {ana, bo}
    assert [one["id"] for one in program.get("personas?q=nurse").json()["items"]] == [bo]
    assert program.get("statistics").json()["personas"] == 2
    export = program.post("exports", {"format": "jsonl"}).json()
    assert len(program.get(export["file"]).text.splitlines()) == 2
    # data-and-regenerate, and merge: the text of the second, a new draft, the second to the trash
    text = program.get(f"personas/{bo}").json()["raw_text"]
    source = {"text": text, "label": "Of the other"}
    assert program.post(f"personas/{ana}/sources", source, version=1).status_code == 201
    finished(program, program.post(f"personas/{ana}/redrafts", {}).json()["id"])
    offers = program.get(f"personas/{ana}/redrafts/latest/differences").json()
    taken = {"keys": [one["key"] for one in offers]}
    merged = program.post(f"personas/{ana}/redrafts/latest/take-over", taken, version=2)
    assert merged.status_code == 200
    assert len(program.get(f"personas/{ana}/sources").json()) == 2
    assert program.ask("DELETE", f"personas/{bo}", version=1).status_code == 204
    assert program.ask("DELETE", f"trash/{bo}").status_code == 204
    assert program.get("count").json()["count"] == 1


def test_the_page_loads_only_our_files_and_no_telemetry(server: Server) -> None:
    client = server.client()
    page = client.get("../docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded and not [one for one in loaded if "//" in one]
    for address in loaded:
        assert client.get(f"../{address}").status_code == 200, address
    assert "<script>" not in page  # the Content-Security-Policy allows none inside
    assert client.get("../docs/package.json").status_code == 404
    for name in ("package.json", "package-lock.json"):
        assert "scarf" not in (ROOT / name).read_text()
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, one in lock.items() if "resolved" in one]


def test_the_document_is_valid_and_describes_each_operation(server: Server) -> None:
    document = server.client().get("openapi.json").json()
    assert document["openapi"].startswith("3.1")
    validate(document)
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            assert one["summary"] and one["description"], (method, path)
            for status, answer in one["responses"].items():
                assert answer["description"], (method, path, status)
                if int(status) >= 400 and path != "/health":
                    assert list(answer["content"]) == ["application/problem+json"]
    for name, model in document["components"]["schemas"].items():
        assert "description" in model or "enum" in model, name
