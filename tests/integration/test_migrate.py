"""The migrations and the command that applies them, on a real PostgreSQL."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from services.database import migrate as module
from services.database.migrate import main, migrate
from services.database.migrations import MIGRATIONS, migration_status
from services.errors import MigrationConnectionError, MigrationError
from services.personas.finding.query import SORTS

FILES = [path.name for path in sorted(MIGRATIONS.glob("*.sql"))]
FreshDatabase = Callable[[], str]


@pytest.fixture
def database(fresh_database: FreshDatabase) -> str:
    """The URL of a migrated database."""
    url = fresh_database()
    migrate(url)
    return url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may change."""
    shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    return tmp_path / "migrations"


def run(
    url: str, statement: str, *values: object, role: str | None = None
) -> list[dict[str, object]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        if role:
            connection.execute(f"set role {role}")
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def add_request(url: str, status: str = "queued", worker: str | None = None) -> UUID:
    request = uuid4()
    run(
        url,
        "insert into generation_requests (id, raw_text, engine, status, worker, heartbeat_at)"
        " values (%s, 'Ada wrote this.', 'offline', %s, %s, now())",
        *(request, status, worker),
    )
    return request


def finish(url: str, request: UUID, worker: str, persona: str = '{"name": "Ada"}') -> object:
    rows = run(
        url,
        "select finish_generation(%s, %s, %s, %s, %s) as id",
        *(request, worker, persona, '[{"path": "/name", "quote": "Ada"}]', '{"engine": "offline"}'),
    )
    return rows[0]["id"]


class TestApplying:
    def test_applies_every_file_in_order_and_then_nothing(
        self, fresh_database: FreshDatabase
    ) -> None:
        url = fresh_database()
        assert migrate(url) == FILES
        assert migrate(url) == []
        assert [status.name for status in migration_status(url)] == FILES
        assert all(status.applied_at and not status.edited for status in migration_status(url))

    def test_status_of_an_empty_database_changes_nothing(
        self, fresh_database: FreshDatabase
    ) -> None:
        url = fresh_database()
        assert [status.applied_at for status in migration_status(url)] == [None] * len(FILES)
        assert run(url, "select to_regnamespace('persona_dashboard') as schema") == [
            {"schema": None}
        ]

    def test_every_file_may_be_pasted_twice(self, fresh_database: FreshDatabase) -> None:
        url = fresh_database()
        for name in FILES * 2:
            run(url, (MIGRATIONS / name).read_text())
            run(url, (MIGRATIONS / name).read_text())
        assert migrate(url) == FILES

    def test_many_processes_at_once_apply_each_file_once(
        self, fresh_database: FreshDatabase
    ) -> None:
        url = fresh_database()
        with ThreadPoolExecutor(8) as pool:
            applied = list(pool.map(lambda _: migrate(url), range(8)))
        assert sorted(name for names in applied for name in names) == FILES

    def test_an_edited_file_is_reported_and_nothing_runs(
        self, fresh_database: FreshDatabase, folder: Path
    ) -> None:
        url = fresh_database()
        migrate(url, folder)
        (folder / FILES[0]).write_text("select 1;")
        (folder / f"{len(FILES) + 1:03}_more.sql").write_text("create table more ();")
        with pytest.raises(MigrationError, match=FILES[0]):
            migrate(url, folder)
        assert run(url, "select to_regclass('more') as name") == [{"name": None}]
        assert [status.name for status in migration_status(url, folder) if status.edited] == [
            FILES[0]
        ]

    def test_line_ends_are_no_edit(self, fresh_database: FreshDatabase, folder: Path) -> None:
        url = fresh_database()
        migrate(url, folder)
        windows = (folder / FILES[0]).read_bytes().replace(b"\n", b"\r\n")
        (folder / FILES[0]).write_bytes(windows)
        assert migrate(url, folder) == []

    def test_a_failing_file_is_rolled_back_whole(
        self, fresh_database: FreshDatabase, folder: Path
    ) -> None:
        url = fresh_database()
        bad = folder / f"{len(FILES) + 1:03}_bad.sql"
        bad.write_text("create table half (); select * from nowhere;")
        with pytest.raises(MigrationError, match=r"bad\.sql.*nowhere"):
            migrate(url, folder)
        assert run(url, "select to_regclass('half') as name") == [{"name": None}]
        assert [s.name for s in migration_status(url, folder) if s.applied_at] == FILES

    @pytest.mark.parametrize("name", ["001_again.sql", "099_gap.sql", "draft.sql"])
    def test_wrong_numbers_are_refused(
        self, fresh_database: FreshDatabase, folder: Path, name: str
    ) -> None:
        (folder / name).write_text("select 1;")
        url = fresh_database()
        with pytest.raises(MigrationError, match="number"):
            migrate(url, folder)


class TestCommand:
    def test_twice_and_status(
        self, fresh_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
    ) -> None:
        url = fresh_database()
        assert main(["--db-url", url]) == 0
        assert f"{len(FILES)} new migrations" in capsys.readouterr().out
        assert main(["--db-url", url]) == 0
        assert "Nothing to do" in capsys.readouterr().out
        assert main(["--status", "--db-url", url]) == 0
        assert capsys.readouterr().out.count("applied 20") == len(FILES)

    def test_an_edited_file_exits_1(
        self,
        fresh_database: FreshDatabase,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        url = fresh_database()
        migrate(url)
        (folder / FILES[1]).write_text("select 1;")
        read = module.read_migrations
        monkeypatch.setattr(module, "read_migrations", lambda _: read(folder))
        assert main(["--db-url", url]) == 1
        assert FILES[1] in capsys.readouterr().err

    @pytest.mark.parametrize(
        "url",
        [
            "nonsense",
            "postgresql://ada:hush-hush@127.0.0.1:1/db",
            "postgresql://ada:hush@hush@127.0.0.1:1/db",
            "postgresql://ada:hush/hush@127.0.0.1:1/db",
            "postgresql://ada:hush#hush@127.0.0.1:1/db",
            "postgresql://ada:hush%zzhush@127.0.0.1:1/db",
            "postgresql://ada:hush",
            "postgresql://ada:hush@[::1/db",
            "postgresql://ada:hush@127.0.0.1:99999/db",
            "postgresql://ada:hush@name.invalid/db?hush",
        ],
    )
    def test_a_useless_url_is_one_line_without_the_password(
        self, url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--db-url", url]) == 2
        message = capsys.readouterr().err
        assert message.count("\n") == 1
        assert "hush" not in message

    def test_a_hosted_project_without_its_database_url_names_the_variable(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("SUPABASE_URL", "https://abc.supabase.co")
        monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_x")
        assert main([]) == 2
        assert "SUPABASE_DB_URL" in capsys.readouterr().err

    def test_with_nothing_set_it_goes_to_the_local_database(
        self,
        stack_folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("LOCAL_SUPABASE_DIR", str(stack_folder))
        assert main([]) == 0
        assert main([]) == 0
        assert "Nothing to do" in capsys.readouterr().out

    def test_as_a_module_it_prints_no_warnings(self, database: str) -> None:
        command = [sys.executable, "-m", "services.database.migrate", "--db-url", database]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")

    def test_a_lost_connection_is_a_connection_error(self, database: str) -> None:
        with pytest.raises(MigrationConnectionError):
            migrate(database.replace("@/test_", "@/missing_"))


class TestPersonas:
    def test_an_update_moves_updated_at_even_inside_its_transaction(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            made = connection.execute(
                "insert into personas (raw_text, persona) values ('x', '{}')"
                " returning created_at, updated_at"
            ).fetchone()
            assert made is not None and made[0] == made[1]
            moved = connection.execute(
                "update personas set raw_text = 'y', updated_at = '2000-01-01' returning updated_at"
            ).fetchone()
            assert moved is not None and moved[0] > made[1]

    @pytest.mark.parametrize("persona", ["[]", "1", '"x"', "null"])
    def test_a_persona_is_an_object(self, database: str, persona: str) -> None:
        with pytest.raises(psycopg.errors.CheckViolation):
            run(database, "insert into personas (raw_text, persona) values ('x', %s)", persona)

    @pytest.mark.parametrize("direction", ["asc", "desc"])
    @pytest.mark.parametrize("sort", SORTS)
    def test_every_order_of_the_list_is_read_from_an_index(
        self, database: str, sort: str, direction: str
    ) -> None:
        with psycopg.connect(database) as connection:
            connection.execute("set enable_seqscan = off; set enable_bitmapscan = off")
            plan = connection.execute(
                f"explain select * from persona_list where {sort}_place > 'x'"  # noqa: S608
                f" order by {sort}_place {direction} limit 25".encode()
            ).fetchall()
            collation = connection.execute(
                f"select pg_collation_for({sort}_place) from persona_list".encode()  # noqa: S608
                + b" right join (select 1) one on true"
            ).fetchone()
        assert collation == ('"C"',)  # whatever the database's own is
        assert f"using idx_personas_live_{sort}" in str(plan)
        assert "Index Cond" in str(plan)
        assert "Sort" not in str(plan)


class TestRights:
    def test_every_table_is_protected_and_every_function_pins_its_search_path(
        self, database: str
    ) -> None:
        schemas = "('public'::regnamespace, 'persona_dashboard'::regnamespace)"
        open_tables = run(
            database,
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind = 'r' and not relrowsecurity",
        )
        loose = run(
            database,
            f"select proname from pg_proc where pronamespace in {schemas}"  # noqa: S608
            " and prosqlbody is null"  # those were bound to what they call when they were made
            " and (proconfig is null or proconfig::text not like '%search_path=%')",
        )
        assert (open_tables, loose) == ([], [])

    def test_what_runs_with_its_owner_s_rights_is_of_nobody_or_asks_who_acts(
        self, database: str
    ) -> None:
        definers = run(
            database,
            "select f.oid::regprocedure::text as name, f.prosrc like '%require_role(%' as asks"
            " from pg_proc f where f.prosecdef and f.prorettype <> 'trigger'::regtype"
            " and has_function_privilege('authenticated', f.oid, 'execute') order by 1",
        )
        assert {row["name"]: row["asks"] for row in definers} == {
            "change_batch(uuid,text)": True,
            "create_batch(text)": True,
            "end_member_sessions(uuid)": True,
            "enqueue_generations(uuid,text)": True,
            "member_sessions()": True,
            "note_export(text)": True,
            "persona_dashboard.may(text)": False,
            "persona_dashboard.note_many(text,integer,text)": True,
            "persona_dashboard.require_role(text)": False,
            "purge_persona(uuid,text)": True,
        }

    def test_the_optional_file_opens_everything_to_anon_and_can_be_undone(
        self, database: str
    ) -> None:
        def rights() -> list[dict[str, object]]:
            return run(
                database,
                "select oid::regclass::text as name, relacl::text as acl from pg_class"
                " where relnamespace = 'public'::regnamespace union all"
                " select oid::regprocedure::text, proacl::text from pg_proc where pronamespace in"
                " ('public'::regnamespace, 'persona_dashboard'::regnamespace) union all"
                " select nspname, nspacl::text from pg_namespace union all"
                " select polname, polrelid::regclass::text from pg_policy order by 1, 2",
            )

        before = rights()
        for _ in range(2):
            run(database, (MIGRATIONS / "optional" / "allow_anon_key.sql").read_text())
        run(database, "insert into personas (raw_text, persona) values ('x', '{}')", role="anon")
        run(database, "update personas set raw_text = 'y'", role="anon")
        found = 'select search_personas(\'{"words": "y"}\') as found'
        assert str(run(database, found, role="anon")[0]["found"]).count('"id"') == 1
        missing = run(
            database,
            "select oid::regprocedure from pg_proc where pronamespace in"
            " ('public'::regnamespace, 'persona_dashboard'::regnamespace)"
            " and has_function_privilege('service_role', oid, 'execute')"
            " and not has_function_privilege('anon', oid, 'execute') order by 1",
        )
        assert {str(row["oid"]).split("(")[0] for row in missing} == {  # no sign-in in a trial
            "end_member_sessions", "member_sessions", "note_export", "session_begin",
            "session_claim_renewal", "session_end", "session_read", "session_renew",
            "sign_in_link_make", "sign_in_link_take", "sign_in_try", "use_api_key",
        }  # fmt: skip
        run(database, (MIGRATIONS / "optional" / "close_anon_key.sql").read_text())
        assert rights() == before
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(database, "select * from personas", role="anon")


class TestFinishGeneration:
    def test_saves_persona_and_request_together_and_only_once(self, database: str) -> None:
        request = add_request(database, "running", "me")
        saved = finish(database, request, "me")
        assert finish(database, request, "me") == saved
        assert finish(database, request, "somebody else") == saved
        rows = run(database, "select id, raw_text, persona, evidence, generation from personas")
        assert rows == [
            {
                "id": saved,
                "raw_text": "Ada wrote this.",
                "persona": {"name": "Ada"},
                "evidence": [{"path": "/name", "quote": "Ada"}],
                "generation": {"engine": "offline"},
            }
        ]
        (stored,) = run(database, "select status, persona_id from generation_requests")
        assert stored == {"status": "saved", "persona_id": saved}

    @pytest.mark.parametrize(
        ("status", "worker"),
        [("running", "other"), ("queued", "me"), ("failed", "me"), ("cancelled", "me")],
    )
    def test_without_the_claim_nothing_is_saved(
        self, database: str, status: str, worker: str
    ) -> None:
        request = add_request(database, status, worker)
        with pytest.raises(psycopg.Error) as caught:
            finish(database, request, "me")
        assert caught.value.sqlstate == "PT409"
        assert run(database, "select * from personas") == []

    def test_an_unknown_request_is_refused(self, database: str) -> None:
        with pytest.raises(psycopg.Error) as caught:
            finish(database, uuid4(), "me")
        assert caught.value.sqlstate == "PT409"

    def test_a_broken_persona_leaves_the_request_as_it_was(self, database: str) -> None:
        request = add_request(database, "running", "me")
        with pytest.raises(psycopg.errors.CheckViolation):
            finish(database, request, "me", persona="[]")
        assert run(database, "select status from generation_requests") == [{"status": "running"}]

    def test_two_finishing_at_once_save_one_persona(self, database: str) -> None:
        request = add_request(database, "running", "me")
        with ThreadPoolExecutor(8) as pool:
            saved = set(pool.map(lambda _: finish(database, request, "me"), range(8)))
        assert len(saved) == 1
        assert len(run(database, "select * from personas")) == 1


class TestClaimGeneration:
    @staticmethod
    def claim(url: str, request: UUID, worker: str = "me", stale: int = 60) -> object:
        return run(url, "select claim_generation(%s, %s, %s) as won", request, worker, stale)[0][
            "won"
        ]

    @pytest.mark.parametrize("status", ["queued", "failed", "cancelled"])
    def test_exactly_one_of_many_wins(self, database: str, status: str) -> None:
        request = add_request(database, status)
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda n: self.claim(database, request, f"worker {n}"), range(8)))
        assert sorted(map(str, won)) == ["False"] * 7 + ["True"]
        (stored,) = run(database, "select status, worker from generation_requests")
        assert stored == {"status": "running", "worker": f"worker {won.index(True)}"}

    def test_a_live_claim_is_kept_and_a_stale_one_taken_over(self, database: str) -> None:
        request = add_request(database, "running", "gone")
        assert self.claim(database, request) is False
        run(database, "update generation_requests set heartbeat_at = now() - interval '2 minutes'")
        assert self.claim(database, request) is True
        with pytest.raises(psycopg.Error):
            finish(database, request, "gone")

    def test_a_saved_request_is_never_claimed(self, database: str) -> None:
        request = add_request(database, "running", "me")
        finish(database, request, "me")
        assert self.claim(database, request, stale=0) is False

    def test_a_heartbeat_tells_whether_the_claim_still_holds(self, database: str) -> None:
        request = add_request(database, "running", "me")
        beat = "select heartbeat_generation(%s, %s) as alive"
        assert run(database, beat, request, "me") == [{"alive": True}]
        assert run(database, beat, request, "other") == [{"alive": False}]
        run(database, "update generation_requests set status = 'cancelled'")
        assert run(database, beat, request, "me") == [{"alive": False}]
