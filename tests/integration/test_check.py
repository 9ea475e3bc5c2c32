"""`python -m services.database.check` on the local Supabase: well, and with one thing broken."""

from __future__ import annotations

import json
import re
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from services.database import reset_supabase_client
from services.database.check import checks
from services.database.check.__main__ import main
from services.database.check.catalogue import milliseconds
from services.database.check.connection import way_to_database
from services.database.check.harmless import BROUGHT
from services.database.check.result import Check
from services.database.check.traces import MARK, NAME
from services.database.contract import CALLABLE_FUNCTIONS, RELATIONS
from services.database.migrate import migrate
from services.database.migrations import MIGRATIONS
from services.generation.requests import NewRequest, get_generation_requests
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, get_persona_repository
from services.personas.typed_drafts import get_drafts
from services.round_trip import round_trip
from services.settings import Settings, get_settings
from tests.hosted import Grants, HostedProject, HostedServer, Trigrams
from tests.isolated import ROOT, clean_environment, command
from tests.waiting import eventually, free_port

TABLES = [
    name
    for name in RELATIONS
    if name not in ("persona_history", "persona_list", "persona_overview")
]
Use = Callable[..., None]


@pytest.fixture
def use(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Configures the dashboard, which begins with everything that a hosted project gives."""
    use = partial(configure, monkeypatch)
    use(
        SUPABASE_DB_URL=database.db_url,
        SUPABASE_ANON_KEY=database.publishable_key.get_secret_value(),
    )
    return use


def configure(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    """The dashboard as if it had been started with these settings as well."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    reset_supabase_client()


def run(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@contextmanager
def changed(url: str, statement: str, undo: str) -> Iterator[None]:
    run(url, statement)
    try:
        yield
    finally:
        run(url, undo)


def found() -> dict[str, Check]:
    """Every check that reads, by name."""
    return {check.name: check for check in checks(get_settings(), thorough=True)}


def faults(results: Mapping[str, Check]) -> list[str]:
    return [name for name, check in results.items() if check.state == "fault"]


def follow(check: Check, url: str) -> None:
    """Run what the advice says is to be run."""
    assert check.sql
    assert "SQL editor" in check.advice
    run(url, *check.sql)


def counts(url: str) -> Counter[str]:
    """How many rows each table has."""
    counted = {table: run(url, f"select count(*) from {table}")[0][0] for table in TABLES}  # noqa: S608
    return Counter(counted)


class TestWell:
    def test_everything_that_reads(self, use: Use) -> None:
        results = found()
        assert [check for check in results.values() if check.state != "ok"] == []
        assert "127.0.0.1 answers" in results["Address"].detail
        assert f"All {len(list(MIGRATIONS.glob('*.sql')))}" in results["Migrations"].detail
        assert f"{len(RELATIONS)} tables and views" in results["Tables and views"].detail
        assert f"{len(CALLABLE_FUNCTIONS)} functions" in results["Functions"].detail
        tries = len(RELATIONS) + len(CALLABLE_FUNCTIONS)
        assert f"{tries} times of {tries}" in results["Publishable key"].detail

    def test_the_round_trip_and_no_trace_of_it(self, use: Use, database: LocalSupabase) -> None:
        get_persona_repository().create(PersonaCreate(raw_text="Ada.", persona={"name": "Ada"}))
        before = counts(database.db_url)
        results = round_trip(get_settings())
        assert [check for check in results if check.state != "ok"] == []
        assert counts(database.db_url) == before

    def test_without_the_database_url(
        self, use: Use, database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SUPABASE_DB_URL")
        use()
        results = found()
        assert faults(results) == []
        numbers = [path.name[:3] for path in sorted(MIGRATIONS.glob("*.sql"))]
        unseen = ", ".join(number for number in numbers if number not in BROUGHT)
        assert f"{unseen} are not known" in results["Migrations"].detail
        assert results["Function calls"].state == results["Publishable key"].state == "ok"
        assert "SUPABASE_DB_URL" in results["Role anon"].advice

    def test_the_round_trip_without_the_database_url_leaves_notes_of_erasure_and_says_so(
        self, use: Use, database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SUPABASE_DB_URL")
        use()
        before = counts(database.db_url)
        steps = {check.name: check for check in round_trip(get_settings())}
        assert faults(steps) == []
        assert steps["Export by COPY"].state == "skipped"
        assert counts(database.db_url) - before == Counter(persona_erasures=2)
        assert re.search(r"\d notes .* stay in persona_erasures", steps["Traces"].detail)

    def test_what_a_page_asks_is_quick_and_calls_no_functions(
        self, use: Use, database: LocalSupabase
    ) -> None:
        began = time.monotonic()
        results = checks(get_settings(), thorough=False)
        assert time.monotonic() - began < 5
        assert not [check for check in results if check.state != "ok"]
        assert "Function calls" not in {check.name for check in results}


class TestSettings:
    """What the settings alone tell."""

    @pytest.mark.parametrize(
        ("db_url", "state"),
        [
            ("postgresql://postgres:x@db.abc.supabase.co:5432/postgres", "ok"),
            ("postgresql://postgres.abc:x@aws-0.pooler.supabase.com:5432/postgres", "ok"),
            ("postgresql://postgres.xyz:x@aws-0.pooler.supabase.com:5432/postgres", "fault"),
            ("postgresql://postgres:x@db.xyz.supabase.co:5432/postgres", "fault"),
        ],
    )
    def test_both_addresses_are_of_one_project(self, db_url: str, state: str) -> None:
        settings = hosted_settings(db_url)
        assert way_to_database(settings, "TLSv1.3").state == state

    def test_a_database_url_that_connects_in_clear(self) -> None:
        settings = hosted_settings("postgresql://postgres:x@8.8.8.8:5432/postgres?sslmode=disable")
        assert "sslmode=require" in way_to_database(settings, None).advice

    @pytest.mark.parametrize(
        ("setting", "expected"),
        [("8s", 8000), ("8000", 8000), ("2min", 120_000), ("0", None), ("", None), (None, None)],
    )
    def test_time_limits_as_postgresql_writes_them(
        self, setting: str | None, expected: float | None
    ) -> None:
        assert milliseconds(setting) == expected


def hosted_settings(db_url: str) -> Settings:
    return Settings(
        supabase_url="https://abc.supabase.co",
        supabase_secret_key=SecretStr("sb_secret_x"),
        supabase_db_url=SecretStr(db_url),
    )


class TestOpenOrShut:
    """One wrong right at a time: it is found, and what the advice says mends it."""

    @pytest.mark.parametrize(
        ("broken", "seen_in"),
        [
            ("revoke select on personas from service_role", {"API", "Tables and views"}),
            ("revoke update on drafts from service_role", {"Tables and views"}),
            ("grant truncate on personas to service_role", {"Tables and views"}),
            ("grant update (text) on persona_comments to service_role", {"Tables and views"}),
            (
                "revoke execute on function search_personas(text) from service_role",
                {"Functions", "Function calls"},
            ),
            ("revoke usage on schema persona_dashboard from service_role", {"Functions"}),
            ("grant select on personas to anon", {"Role anon", "Publishable key"}),
            ("grant select (name) on personas to anon", {"Role anon"}),
            ("grant truncate on drafts to authenticated", {"Role authenticated"}),
            ("grant usage on schema persona_dashboard to anon", {"Role anon"}),
            (
                "grant execute on function purge_persona(uuid, text) to public",
                {"Role anon", "Publishable key"},
            ),
            ("alter table drafts disable row level security", {"Row level security"}),
            ("alter view persona_list reset (security_invoker)", {"Row level security"}),
        ],
    )
    def test_it_is_found_and_the_advice_mends_it(
        self, use: Use, database: LocalSupabase, broken: str, seen_in: set[str]
    ) -> None:
        run(database.db_url, broken)
        results = found()
        assert seen_in <= set(faults(results))
        for check in results.values():
            run(database.db_url, *check.sql or ("select",))
        assert faults(found()) == []

    def test_a_short_time_limit(self, use: Use, database: LocalSupabase) -> None:
        undo = "alter role service_role reset statement_timeout"
        with changed(
            database.db_url, "alter role service_role set statement_timeout = '900ms'", undo
        ):
            limits = found()["Time limits"]
            assert (limits.state, "0.9 s" in limits.detail) == ("fault", True)
            follow(limits, database.db_url)
            assert "a request 8 s" in found()["Time limits"].detail

    def test_a_function_of_an_older_shape_that_is_open(
        self, use: Use, database: LocalSupabase
    ) -> None:
        older = "function purge_persona(uuid)"
        body = " returns bool language sql as 'select true'"
        with changed(
            database.db_url,
            f"create {older}{body}; grant execute on {older} to anon",
            f"drop {older}",
        ):
            assert "purge_persona(uuid)" in found()["Role anon"].detail

    def test_the_trial_with_the_publishable_key_is_named_and_ended(
        self, use: Use, database: LocalSupabase
    ) -> None:
        optional = MIGRATIONS / "optional"
        close = (optional / "close_anon_key.sql").read_text()
        with changed(database.db_url, (optional / "allow_anon_key.sql").read_text(), close):
            results = found()
            assert faults(results) == ["Role anon", "Publishable key"]
            assert "close_anon_key.sql" in results["Publishable key"].advice
        assert faults(found()) == []


class TestDatabase:
    def test_a_migration_that_was_not_run(
        self, use: Use, fresh_database: Callable[[], str], tmp_path: Path
    ) -> None:
        files = sorted(MIGRATIONS.glob("[0-9]*.sql"))
        for path in files[:-1]:
            shutil.copy(path, tmp_path)
        url = fresh_database()
        migrate(url, tmp_path)
        use(SUPABASE_DB_URL=url)
        missing = found()["Migrations"]
        assert missing.detail == f"Not run yet: {files[-1].name}"
        assert "python -m services.database.migrate" in missing.advice

    def test_an_empty_database(self, use: Use, fresh_database: Callable[[], str]) -> None:
        use(SUPABASE_DB_URL=fresh_database())
        results = found()
        assert "001_create_personas_table.sql" in results["Migrations"].detail
        for name in ("Tables and views", "Functions"):
            assert "Missing" in results[name].detail
            assert "python -m services.database.migrate" in results[name].advice
        assert "python -m services.database.migrate" in results["Extension pg_trgm"].advice

    def test_a_column_that_is_missing_is_seen_without_the_database_url(
        self, use: Use, database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SUPABASE_DB_URL")
        use()
        rename = "alter table generation_requests rename column {} to {}"
        with changed(
            database.db_url, rename.format("preview", "gone"), rename.format("gone", "preview")
        ):
            missing = found()["Migrations"]
        assert (missing.state, "013_request_previews.sql" in missing.detail) == ("fault", True)

    def test_pg_trgm_is_missing_and_comes_back(self, use: Use, database: LocalSupabase) -> None:
        run(database.db_url, "drop extension pg_trgm cascade")
        results = found()
        assert {"Extension pg_trgm", "Similar names"} <= set(faults(results))
        follow(results["Extension pg_trgm"], database.db_url)
        (first,) = re.findall(r"migrations/(\w+\.sql)", results["Extension pg_trgm"].advice)
        for again in sorted(MIGRATIONS.glob("[0-9]*.sql")):
            if again.name >= first:
                run(database.db_url, again.read_text())
        assert faults(found()) == []
        assert faults({c.name: c for c in round_trip(get_settings())}) == []

    def test_a_database_url_that_leads_nowhere(self, use: Use) -> None:
        use(SUPABASE_DB_URL=f"postgresql://ada:hush@127.0.0.1:{free_port()}/postgres")
        results = found()
        assert faults(results) == ["Database"]
        assert "hush" not in str(results)
        assert "SUPABASE_DB_URL" in results["Database"].advice
        assert results["Tables and views"].state == "ok"  # by the API

    def test_a_search_in_another_language(self, use: Use) -> None:
        use(SEARCH_LANGUAGE="spanish")
        language = found()["Search language"]
        assert (language.state, "english" in language.detail) == ("fault", True)


class _Answer(BaseHTTPRequestHandler):
    """Answers every request with the status and body of its server."""

    server: _Double

    def do_GET(self) -> None:
        body = self.server.body.encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


class _Double(ThreadingHTTPServer):
    daemon_threads = True
    status = 200
    body = "<html>Welcome</html>"
    media_type = "text/html"


@pytest.fixture
def double() -> Iterator[_Double]:
    """A server at an address that is not a working Supabase."""
    server = _Double(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class TestConnection:
    def test_nobody_is_there(self, use: Use, capsys: pytest.CaptureFixture[str]) -> None:
        use(SUPABASE_URL=f"http://127.0.0.1:{free_port()}")
        assert main(["--write"]) == 2
        shown = " ".join(capsys.readouterr().out.split())
        assert "Address fault Supabase cannot be reached." in shown
        assert "Check SUPABASE_URL and the network" in shown
        assert "Write skipped" in shown

    def test_not_supabase(
        self, use: Use, double: _Double, capsys: pytest.CaptureFixture[str]
    ) -> None:
        use(SUPABASE_URL=f"http://127.0.0.1:{double.server_port}")
        assert main([]) == 2
        assert "it is not Supabase" in " ".join(capsys.readouterr().out.split())

    def test_the_schema_is_not_exposed(self, use: Use, double: _Double) -> None:
        double.status, double.media_type = 406, "application/json"
        double.body = json.dumps(
            {"code": "PGRST106", "message": "Invalid schema: public", "hint": None, "details": None}
        )
        use(SUPABASE_URL=f"http://127.0.0.1:{double.server_port}")
        results = found()
        assert results["Address"].state == results["Key"].state == "ok"
        assert "exposed schemas" in results["API"].advice

    def test_a_wrong_key(self, use: Use, capsys: pytest.CaptureFixture[str]) -> None:
        use(SUPABASE_SECRET_KEY="sb_secret_of_another_project")
        assert main([]) == 1
        shown = " ".join(capsys.readouterr().out.split())
        assert "Key fault Supabase refuses the key." in shown
        assert "SUPABASE_SECRET_KEY" in shown
        assert "sb_secret_of_another_project" not in shown

    def test_a_publishable_key(self, use: Use, database: LocalSupabase) -> None:
        use(SUPABASE_SECRET_KEY=database.publishable_key.get_secret_value())
        results = found()
        assert faults(results) == ["Key", "API"]
        assert "SUPABASE_SECRET_KEY" in results["Key"].advice

    def test_a_publishable_key_of_another_project(self, use: Use) -> None:
        use(SUPABASE_ANON_KEY="sb_publishable_of_another_project")
        assert found()["Publishable key"].state == "unknown"

    def test_a_certificate_that_nobody_vouches_for(
        self, use: Use, double: _Double, self_signed: Path
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self_signed)
        double.socket = context.wrap_socket(double.socket, server_side=True)
        use(SUPABASE_URL=f"https://127.0.0.1:{double.server_port}")
        results = found()
        assert results["Address"].state == "fault"
        assert "is not valid" in results["Encryption"].detail
        assert "SSL_CERT_FILE" in results["Encryption"].advice


@pytest.fixture
def self_signed(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 with its key."""
    path = tmp_path / "server.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1"
    files = ["-keyout", path, "-out", tmp_path / "certificate"]
    subprocess.run([*make.split(), *files], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "certificate").read_bytes())
    return path


def leave_what_a_killed_run_leaves() -> None:
    """Marked rows in every state that a run can be in."""
    text = f"{MARK}: half done"
    new = PersonaCreate(raw_text=text, persona={"name": f"{NAME} Abc"})
    get_persona_repository().create(new, MARK)
    trashed = get_persona_repository().create(new, MARK)
    get_persona_repository().delete(trashed.id, author=MARK)
    get_drafts().save(MARK, "generate", "1", text)
    request = NewRequest(id=uuid4(), raw_text=text, engine="offline", created_by=MARK)
    get_generation_requests().submit(request, MARK)


class TestHosted:
    """On servers set up as hosted Supabase is, beside another application."""

    @pytest.mark.parametrize(
        ("hosted_server", "grants", "trigrams"),
        [("system", "new", "absent"), ("embedded", "old", "own schema")],
        indirect=["hosted_server"],
    )
    def test_everything_is_well(
        self,
        hosted_server: HostedServer,
        grants: Grants,
        trigrams: Trigrams,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        project = HostedProject(hosted_server.database(grants=grants, trigrams=trigrams))
        url = project.database.owner_url
        configure(
            monkeypatch,
            SUPABASE_URL=project.gateway.url,
            SUPABASE_SECRET_KEY=project.gateway.key.get_secret_value(),
            SUPABASE_ANON_KEY=project.gateway.publishable_key.get_secret_value(),
            SUPABASE_DB_URL=url,
        )
        try:
            before = counts(url)
            assert main(["--write"]) == 0, capsys.readouterr().out
            assert counts(url) == before
            for broken in (
                "grant select on personas to anon",
                "revoke execute on function count_personas(text) from service_role",
                "grant truncate on drafts to authenticated",
            ):
                project.database.run(broken)
                results = found()
                assert faults(results)
                for check in results.values():
                    run(url, *check.sql or ("select",))
                assert faults(found()) == []
        finally:
            reset_supabase_client()
            project.stop()


class TestTraces:
    @pytest.mark.parametrize("as_owner", [True, False])
    def test_what_a_killed_run_left_goes_and_what_looks_like_it_stays(
        self,
        use: Use,
        database: LocalSupabase,
        as_owner: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if not as_owner:
            monkeypatch.delenv("SUPABASE_DB_URL")
            use()
        kept = [
            PersonaCreate(raw_text=f"{MARK} is a tool", persona={"name": f"{NAME} list"}),
            PersonaCreate(raw_text="Ada.", persona={"name": f"{NAME} Ada"}),
        ]
        get_persona_repository().create(kept[0], "Ada")
        get_persona_repository().create(kept[1], MARK)
        before = counts(database.db_url)
        leave_what_a_killed_run_leaves()
        results = {check.name: check for check in round_trip(get_settings())}
        assert results["Earlier traces"].detail.startswith("Marked personas removed: 2")
        assert faults(results) == []
        notes = Counter() if as_owner else Counter(persona_erasures=4)
        assert counts(database.db_url) - before == notes

    @pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
    def test_stopped_in_the_middle(
        self, use: Use, database: LocalSupabase, stop: signal.Signals
    ) -> None:
        before = counts(database.db_url)
        with self._held_in_the_middle(database) as process:
            process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in errors) == (130, False)
        assert counts(database.db_url) - before == Counter()

    def test_killed_in_the_middle(self, use: Use, database: LocalSupabase) -> None:
        before = counts(database.db_url)
        with self._held_in_the_middle(database) as process:
            process.kill()
        process.communicate(timeout=60)
        assert counts(database.db_url) - before != Counter()
        assert [check for check in round_trip(get_settings()) if check.state != "ok"] == []
        assert counts(database.db_url) - before == Counter()

    @pytest.mark.parametrize("as_owner", [True, False])
    def test_nothing_may_be_erased(
        self,
        use: Use,
        database: LocalSupabase,
        as_owner: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if not as_owner:
            monkeypatch.delenv("SUPABASE_DB_URL")
            use()
        right = "execute on function purge_persona(uuid, text)"
        with changed(
            database.db_url,
            f"revoke {right} from service_role",
            f"grant {right} to service_role",
        ):
            results = {check.name: check for check in round_trip(get_settings())}
            assert results["Erase"].state == "fault"
            assert results["Traces"].state == ("ok" if as_owner else "fault")
            assert (counts(database.db_url)["personas"] == 0) is as_owner
        round_trip(get_settings())
        assert counts(database.db_url)["personas"] == 0

    @staticmethod
    def _start(database: LocalSupabase) -> subprocess.Popen[str]:
        settings = clean_environment(
            SUPABASE_URL=database.url,
            SUPABASE_SECRET_KEY=database.key.get_secret_value(),
            SUPABASE_DB_URL=database.db_url,
        )
        return subprocess.Popen(
            command("services.database.check", "--write"),
            cwd=ROOT,
            env=settings,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Whoever runs the tests in the background of a shell has it ignored.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    @contextmanager
    def _held_in_the_middle(self, database: LocalSupabase) -> Iterator[subprocess.Popen[str]]:
        """A run that has stored its rows, and cannot store a comment on them yet."""
        with (
            psycopg.connect(database.db_url) as holding,
            psycopg.connect(database.db_url, autocommit=True) as looking,
        ):
            holding.execute("lock table persona_comments in share row exclusive mode")
            process = self._start(database)
            count = "select count(*) from personas"
            eventually(lambda: looking.execute(count).fetchone() != (0,), seconds=60)
            assert process.poll() is None
            yield process


class TestCommand:
    def test_a_table_of_at_most_100_columns(
        self, use: Use, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--write"]) == 0
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= 100
        assert re.search(r"(\d+) of \1 checks are ok\.", shown)

    def test_for_programs(
        self, use: Use, database: LocalSupabase, capsys: pytest.CaptureFixture[str]
    ) -> None:
        right = "select on drafts"
        with changed(
            database.db_url, f"revoke {right} from service_role", f"grant {right} to service_role"
        ):
            assert main(["--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] is False
        (fault,) = [check for check in told["checks"] if check["state"] == "fault"]
        assert fault["name"] == "Tables and views"
        assert fault["sql"] == ["grant select on public.drafts to service_role;"]

    @pytest.mark.parametrize(
        ("settings", "named"),
        [
            ({"SUPABASE_URL": "https://abc.supabase.co"}, "SUPABASE_SECRET_KEY"),
            (
                {"SUPABASE_URL": "http://abc.supabase.co", "SUPABASE_SECRET_KEY": "sb_secret_x"},
                "https://",
            ),
            ({"LOCAL_SUPABASE_DIR": "/dev/null/x"}, "LOCAL_SUPABASE_DIR"),
        ],
    )
    def test_settings_that_cannot_be_used(self, settings: dict[str, str], named: str) -> None:
        result = subprocess.run(
            command("services.database.check"),
            cwd=ROOT,
            env=clean_environment(**settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 2
        assert named in result.stdout + result.stderr
        assert "Traceback" not in result.stderr

    def test_with_nothing_set_it_tries_the_local_supabase(self, stack_folder: Path) -> None:
        result = subprocess.run(
            command("services.database.check", "--write"),
            cwd=ROOT,
            env=clean_environment(LOCAL_SUPABASE_DIR=str(stack_folder)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        assert "The local Supabase" in result.stdout
