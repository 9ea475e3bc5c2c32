"""Who may do what: a table made from the routes, the kinds of keys, and limits."""

from __future__ import annotations

import logging
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services import errors
from services.access.keys.stored import PREFIX, Scope, get_api_keys
from services.access.roles import Role
from services.api.handling import bodies, limits
from services.api.handling.operation import Operation
from services.api.handling.problems import STATUS, status_of
from services.api.handling.security import Gate
from services.errors import DashboardError
from services.local_supabase.stack import LocalSupabase
from tests.integration.api.conftest import TEXT, Program, Server
from tests.isolated import ROOT, clean_environment, command

PUBLIC = {("GET", "/health"), ("GET", "/openapi.json")}
MANY = 1_000_000


def operations(api: FastAPI) -> list[tuple[str, str, str | None, str | None]]:
    """Every operation that the document has: method, address, role, scope."""
    return [
        (method.upper(), path, one.get("x-role"), one.get("x-scope"))
        for path, methods in api.openapi()["paths"].items()
        for method, one in methods.items()
    ]


def filled(path: str) -> str:
    """The address with ids of nothing."""
    for name in ("persona_id", "request_id", "batch_id", "comment_id", "job_id"):
        path = path.replace(f"{{{name}}}", str(uuid4()))
    return path.replace("{number}", "1").replace("{token}", "none").lstrip("/")


def bare(program: Program, method: str, path: str) -> httpx.Response:
    """A request that would change nothing if it were let in."""
    return program.http.request(
        method, filled(path), headers={"Authorization": f"Bearer {program.key}"}
    )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("scope", ["read", "write"])
def test_each_operation_lets_in_who_has_its_role_and_scope(
    server: Server, role: Role, scope: Scope
) -> None:
    server.app.state.gate = Gate(MANY)
    program = server.program(role, scope)
    table = operations(server.app)
    for method, path, needed, wanted in table:
        answer = bare(program, method, path)
        allowed = needed is None or (
            role.includes(Role(needed)) and (wanted == "read" or scope == "write")
        )
        assert (answer.status_code == 403) is not allowed, (method, path, answer.text)
        assert answer.status_code != 401
        assert answer.status_code < 500
    print(f"{role}, {scope}: {len(table)} operations")


def test_without_a_key_there_is_only_health_and_the_documentation(server: Server) -> None:
    server.app.state.gate = Gate(MANY, MANY)
    keys = get_api_keys()
    revoked, ended = server.program(), server.program(name="another")
    kept = {key.hint: key.id for key in keys.list()}
    keys.revoke(next(one for hint, one in kept.items() if revoked.key.startswith(hint)))
    wrong = Program(server.client(), PREFIX + "A" * 43)
    table = operations(server.app)
    assert {(method, path) for method, path, role, _ in table if role is None} <= PUBLIC
    assert all(isinstance(one, Operation) for one in server.app.routes if type(one) is APIRoute)
    for method, path, role, _ in table:
        if role is None:
            continue
        nobody = server.client().request(method, filled(path))
        for answer in (nobody, bare(revoked, method, path), bare(wrong, method, path)):
            assert answer.status_code == 401, (method, path)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert ended.get("key").status_code == 200
    for path in ("health", "openapi.json", "../docs", "../docs/swagger-ui-bundle.js"):
        assert server.client().get(path).status_code == 200, path


def test_a_key_is_stored_as_its_hash_and_ends_at_once(
    server: Server, program: Program, database: LocalSupabase
) -> None:
    told = program.get("key").json()
    assert (told["role"], told["scope"], told["author"]) == ("admin", "write", "through key tests")
    with psycopg.connect(database.db_url, autocommit=True) as other_process:
        rows = str(other_process.execute("select * from api_keys").fetchall())
        assert program.key not in rows
        assert program.key.removeprefix(PREFIX)[4:] not in rows
        assert other_process.execute("select used_at from api_keys").fetchone() != (None,)
        other_process.execute("update api_keys set used_at = null")
        other_process.execute("set default_transaction_read_only = on")
        used = other_process.execute("select use_api_key(hash) from api_keys").fetchone()
        assert used != (None,), "a database that is full or read-only is read by keys all the same"
        other_process.execute("set default_transaction_read_only = off")
        other_process.execute("update api_keys set revoked_at = now()")
        assert program.get("key").status_code == 401
        other_process.execute("update api_keys set revoked_at = null")  # in vain
        assert program.get("key").status_code == 401
        late = server.program()
        other_process.execute("update api_keys set expires_at = now()")
        assert late.get("key").status_code == 401
    jwt = server.client().get("key", headers={"Authorization": "Bearer a.b.c"})
    assert (jwt.status_code, jwt.json()["title"]) == (401, "Unauthorized")


def test_the_command_makes_lists_and_revokes(server: Server, database: LocalSupabase) -> None:
    environment = clean_environment(
        SUPABASE_URL=database.url, SUPABASE_SECRET_KEY=database.key.get_secret_value()
    )

    def run(*words: str) -> str:
        done = subprocess.run(
            command("services.access.keys", *words),
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    key = run("make", "--name", "Nightly", "--role", "viewer", "--scope", "read").strip()
    program = Program(server.client(), key)
    assert program.get("key").json()["role"] == "viewer"
    line = run("list")
    assert "Nightly" in line
    assert key not in line
    run("revoke", line.split()[0])
    assert program.get("key").status_code == 401


def test_too_many_requests_wrong_keys_and_too_large_ones(
    server: Server, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.app.state.gate = Gate(3)
    statuses = [program.get("key").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    wrong = Program(server.client(), PREFIX + "B" * 43)
    server.app.state.gate = Gate(MANY, 2)
    assert program.get("key").status_code == 200
    answers = [wrong.get("key") for _ in range(3)]
    assert [one.status_code for one in answers] == [401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert program.get("key").status_code == 200  # known: others at its address harm it not
    for name in ("MAX_BODY", "MAX_QUESTION", "MAX_FILE"):
        monkeypatch.setattr(bodies, name, 1000)
    large = program.post("personas", {"raw_text": "x" * 2000, "persona": {}})
    assert (large.status_code, large.json()["title"]) == (413, "Too large")
    assert program.post("exports", {"filters": "x" * 2000}).status_code == 413
    file = program.post("imports?name=a.csv", content=b"x" * 2000)
    assert file.status_code == 413
    assert limits.MAX_BODY > 1000


def test_a_body_of_millions_of_values_is_refused_and_holds_nobody_up(
    server: Server, program: Program
) -> None:
    many = b'{"raw_text": "x", "persona": {"n": [' + b"1," * 3_000_000 + b"1]}}"
    kind = {"Content-Type": "application/json"}
    waited: list[float] = []
    started = time.monotonic()
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(program.post, "personas", content=many, headers=kind)
        while not answer.done():
            began = time.monotonic()
            assert server.client().get("health").status_code == 200
            waited.append(time.monotonic() - began)
        assert answer.result().status_code in (413, 422)
    took = time.monotonic() - started
    assert max(waited) < took / 2, (took, waited)  # not one long wait


def test_requests_have_a_name_and_logs_hold_no_text(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = program.post(
        "personas", {"raw_text": TEXT, "persona": {}}, headers={"X-Request-ID": "mine-1"}
    )
    assert made.headers["X-Request-ID"] == "mine-1"
    assert made.headers["Cache-Control"] == "no-store"
    program.get("personas", params={"q": "Ruiz"})
    odd = program.get(f"personas/{uuid4()}", headers={"X-Request-ID": "a b"})
    assert odd.headers["X-Request-ID"] == odd.json()["request_id"] != "a b"
    told = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("services")
    )
    assert "API POST /personas: 201" in told
    assert "request mine-1" in told
    for secret in ("Ruiz", "Ana", program.key, str(made.json()["id"])):
        assert secret not in told


def test_each_fault_has_a_status_of_its_own_class() -> None:
    def below(kind: type[DashboardError]) -> set[type[DashboardError]]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    for kind in below(DashboardError):
        if kind.__module__ != errors.__name__:
            continue
        nearest = next(one for one in kind.__mro__ if one in STATUS)
        assert nearest is not DashboardError or kind is DashboardError, kind
        assert status_of(kind.__new__(kind)) == STATUS[nearest]
