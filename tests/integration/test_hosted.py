"""The dashboard on databases set up as hosted Supabase is, beside another application."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.database.migrate import migrate, set_search_language
from services.database.migrations import MIGRATIONS
from services.errors import ConflictError, NotFoundError
from services.exports.export import Exports
from services.exports.options import ExportOptions
from services.generation.requests import NewRequest, get_generation_requests
from services.importing.jobs import get_import_jobs
from services.importing.mapping import guess_mapping
from services.importing.runner import ImportRunner
from services.personas import PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.bulk import Outcome, move_all, trash_all
from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import PersonaQuery, Position
from services.personas.history import get_history
from services.personas.trash import get_trash
from tests import second_application
from tests.hosted import Grants, HostedDatabase, HostedProject, HostedServer, Trigrams
from tests.waiting import eventually

ANALYST = "6a1f9c1e-0000-4000-8000-000000000001"  # an account of the other application
AUTHOR = "ana@example.org"
FILES = sorted(path.name for path in MIGRATIONS.glob("*.sql"))


def works(database: HostedDatabase) -> None:
    """A day of the other application, which leaves nothing behind."""
    with database.request("authenticated", ANALYST) as connection:
        second_application.work(connection)
        connection.rollback()


def state(database: HostedDatabase) -> dict[str, Any]:
    with psycopg.connect(database.owner_url) as connection:
        return second_application.state(connection)


def objects(database: HostedDatabase) -> list[Any]:
    """Everything that has an owner's name: relations, functions, schemas, extensions, defaults."""
    return database.run(
        "select 'relation', oid::regclass::text, relacl::text from pg_class"
        " where relnamespace::regnamespace::text !~ '^pg_'"
        " union all select 'function', oid::regprocedure::text, proacl::text from pg_proc"
        " where pronamespace::regnamespace::text !~ '^pg_'"
        " union all select 'schema', nspname, nspacl::text from pg_namespace"
        " where nspname !~ '^pg_(toast_)?temp'"
        " union all select 'extension', extname, extnamespace::regnamespace::text from pg_extension"
        " union all select 'default', defaclrole::regrole || defaclobjtype::text,"
        "   defaclacl::text from pg_default_acl order by 1, 2, 3"
    )


# ------------------------------------------------------------------ migrations


@pytest.mark.parametrize("grants", ["old", "new"])
def test_the_migrations_leave_the_other_application_alone(
    hosted_server: HostedServer, tmp_path: Path, grants: Grants
) -> None:
    """As `postgres`, who is no superuser; its day is tried before, between any two, and after."""
    database = hosted_server.database(grants=grants, migrated=False)
    assert database.run("select rolsuper from pg_roles where rolname = current_user") == [(False,)]
    before = state(database)
    works(database)
    for name in FILES:
        shutil.copy(MIGRATIONS / name, tmp_path)
        assert migrate(database.owner_url, tmp_path) == [name]
        works(database)
    assert migrate(database.owner_url) == []
    assert set_search_language(database.owner_url, "spanish")
    works(database)
    assert state(database) == before
    database.drop()


@pytest.mark.parametrize("grants", ["old", "new"])
def test_all_of_it_can_be_removed_by_its_owner(hosted_server: HostedServer, grants: Grants) -> None:
    database = hosted_server.database(grants=grants, trigrams="extensions", migrated=False)
    before = state(database), objects(database)
    migrate(database.owner_url)
    assert objects(database) != before[1]
    for name in ("allow_anon_key", "close_anon_key", "remove_everything"):
        database.run((MIGRATIONS / "optional" / f"{name}.sql").read_text())
        works(database)
    assert (state(database), objects(database)) == before
    database.drop()


@pytest.mark.parametrize("trigrams", ["absent", "extensions", "own schema"])
def test_the_search_finds_wherever_pg_trgm_stands(
    hosted_server: HostedServer, trigrams: Trigrams
) -> None:
    database = hosted_server.database(grants="new", trigrams=trigrams)
    with database.request("service_role") as connection:
        connection.execute(
            "insert into personas (raw_text, persona) values"
            " ('Ada keeps bees.', '{\"name\": \"Ada Lovelake\"}')"
        )
        similar = connection.execute("select name from similar_personas('Ada Lovlake', 5)")
        assert similar.fetchall() == [("Ada Lovelake",)]
        (found,) = connection.execute('select search_personas(\'{"words": "bee"}\')').fetchall()
        assert [row["name"] for row in json.loads(found[0])] == ["Ada Lovelake"]
    database.drop()


# ------------------------------------------------------------------ the dashboard's work


def store(name: str, text: str = "", **fields: Any) -> UUID:
    new = PersonaCreate(raw_text=text or f"{name} keeps bees.", persona={"name": name, **fields})
    return get_persona_repository().create(new, AUTHOR).id


def test_personas_are_kept_changed_and_brought_back(hosted: HostedProject) -> None:
    repository = get_persona_repository()
    persona = store("Ada Lovelake", location="Madrid")
    first = repository.read(persona)
    assert (first.version, first.persona["location"]) == (1, "Madrid")
    assert first.evidence, "values that stand in the text get their words"
    repository.update(persona, PersonaUpdate(persona={"name": "Ada", "traits": ["calm"]}), AUTHOR)
    with pytest.raises(ConflictError):
        repository.save(persona, PersonaUpdate(persona={"name": "Bo"}), 1, AUTHOR)
    assert get_history().restore(persona, 1, AUTHOR).persona["location"] == "Madrid"
    assert [one.version for one in get_history().versions(persona)] == [3, 2, 1]


def test_the_list_finds_pages_and_names_like_the_words(hosted: HostedProject) -> None:
    names = [f"Person {number:02}" for number in range(7)]
    for name in names:
        store(name)
    store("Ada Lovelake", location="Madrid")
    finder = get_persona_finder()
    query = PersonaQuery(text="bees", sort="name", descending=False)
    page = finder.page(query, size=5)
    assert [one.name for one in page.items] == ["Ada Lovelake", *names[:4]]
    assert isinstance(page.next, Position)
    assert [one.name for one in finder.page(query, page.next, 5).items] == names[4:]
    assert len(finder.page(PersonaQuery(), size=5).items) == 5
    assert [one.name for one in finder.page(PersonaQuery("location:Madrid")).items] == [
        "Ada Lovelake"
    ]
    similar = finder.page(PersonaQuery("Lovlake"))
    assert similar.similar
    assert [one.name for one in similar.items] == ["Ada Lovelake"]
    assert finder.count(query).number == 8


def test_many_go_to_the_trash_and_come_back_and_one_is_erased(hosted: HostedProject) -> None:
    personas = [store(f"Person {number}") for number in range(30)]
    reviewed = move_all(personas[:5], "in_review", AUTHOR, lambda _: None)
    assert reviewed == Outcome(changed=5)
    assert trash_all(PersonaQuery("bees"), AUTHOR, lambda _: None) == Outcome(changed=30)
    assert get_persona_repository().count() == 0
    get_trash().purge(personas[0], AUTHOR)
    assert get_trash().restore_all("", AUTHOR, lambda _: None) == 29
    with pytest.raises(NotFoundError):
        get_persona_repository().read(personas[0])
    assert get_history().versions(personas[0]) == []


def test_what_is_exported_can_be_imported(hosted: HostedProject) -> None:
    for number in range(3):
        store(f"Person {number}", address={"city": "Delft"})
    export = Exports().begin("test", ExportOptions(format="csv"))
    export.begin()
    content = b"".join(export.pieces())
    export.close()
    assert export.progress.method == "pages"
    assert content.count(b"Delft") == 3
    hosted.database.run("truncate personas cascade")
    runner = ImportRunner(get_import_jobs())
    job = uuid4()
    preview = runner.take(job, "people.csv", io.BytesIO(content))
    runner.check(job, guess_mapping(preview.columns), AUTHOR)
    eventually(lambda: get_import_jobs().read(job).status == "checked")
    runner.save(job)
    eventually(lambda: get_import_jobs().read(job).status == "saved")
    runner.stop()
    assert get_persona_repository().count() == get_import_jobs().read(job).saved == 3


def test_a_generation_ends_in_one_persona(hosted: HostedProject) -> None:
    requests = get_generation_requests()
    new = NewRequest(id=uuid4(), raw_text="Bo keeps hens.", engine="offline")
    requests.submit(new, "worker-1")
    assert requests.claim(new.id, "worker-1") or requests.read(new.id).status == "running"
    requests.beat(new.id, "worker-1")
    result = {"persona": {"name": "Bo"}, "evidence": [], "generation": {"engine": "offline"}}
    persona = requests.finish(new.id, "worker-1", result)
    assert get_persona_repository().read(persona).persona == {"name": "Bo"}
    assert requests.finish(new.id, "worker-1", result) == persona


def test_the_other_application_works_beside_it(hosted: HostedProject) -> None:
    store("Ada")
    works(hosted.database)
