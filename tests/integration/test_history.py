"""Versions, conflicts and the trash, in the real local Supabase: nothing is ever lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.errors import (
    ConflictError,
    DatabaseError,
    InvalidInputError,
    NotFoundError,
    TrashedError,
)
from services.generation.requests import NewRequest, get_generation_requests
from services.local_supabase.stack import LocalSupabase
from services.personas import Persona, PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.bulk import trash_all
from services.personas.history import get_history
from services.personas.trash import get_trash
from services.personas.typed_drafts import another_subject, get_drafts

ADA = {"name": "Ada Byron", "role": "analyst", "goals": ["fewer meetings", "more maths"]}
TEXT = "Ada Byron is an analyst. She wants fewer meetings and more maths."
API_ROLES = ("anon", "authenticated", "service_role")


@pytest.fixture
def connection(database: LocalSupabase) -> Iterator[psycopg.Connection]:
    """As psql would connect: the owner, who may change to any role."""
    with psycopg.connect(database.db_url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def ada(database: LocalSupabase) -> Persona:
    return get_persona_repository().create(PersonaCreate(raw_text=TEXT, persona=ADA), "ann")


def save(stored: Persona, author: str = "bob", **fields: Any) -> Persona:
    change = PersonaUpdate(persona={**stored.persona, **fields})
    return get_persona_repository().save(stored.id, change, stored.version, author)


def kinds(persona_id: UUID) -> list[tuple[int, str, str]]:
    """Version, author and origin, oldest first."""
    found = get_history().versions(persona_id)
    return [(one.version, one.author, one.origin["kind"]) for one in reversed(found)]


# ------------------------------------------------------------------ versions


def test_every_write_leaves_a_version_with_who_and_how(ada: Persona) -> None:
    changed = save(ada, role="countess")
    assert (ada.version, changed.version) == (1, 2)
    get_persona_repository().delete(ada.id, author="cy")
    get_trash().restore(ada.id, "dee")
    assert kinds(ada.id) == [
        (1, "ann", "created"),
        (2, "bob", "edited"),
        (3, "cy", "trashed"),
        (4, "dee", "untrashed"),
    ]
    first, second = (get_history().version(ada.id, number) for number in (1, 2))
    assert (first.persona, first.evidence, first.raw_text) == (ADA, ada.evidence, TEXT)
    assert second.persona == {**ADA, "role": "countess"}
    assert second.raw_text == TEXT


def test_a_generated_persona_tells_engine_and_author(database: LocalSupabase) -> None:
    requests = get_generation_requests()
    request = requests.submit(NewRequest(id=uuid4(), raw_text=TEXT, engine="offline"), "w")
    assert requests.claim(request.id, "w")
    generation = {"engine": "offline", "model": None, "prompt_version": "7", "seconds": 1}
    result = {"persona": ADA, "evidence": [], "generation": generation}
    persona_id = requests.finish(request.id, "w", result)
    (version,) = get_history().versions(persona_id)
    assert version.origin == {"kind": "generated", "engine": "offline", "prompt_version": "7"}


def test_an_unchanged_text_is_stored_once(ada: Persona, connection: psycopg.Connection) -> None:
    newest = save(save(ada, role="countess"), role="mathematician")
    get_persona_repository().update(newest.id, PersonaUpdate(raw_text="Another text."))
    rows = connection.execute(
        "select raw_text from persona_versions where persona_id = %s order by version", [ada.id]
    ).fetchall()
    assert rows == [(TEXT,), (None,), (None,), ("Another text.",)]
    texts = [get_history().version(ada.id, number).raw_text for number in (1, 2, 3, 4)]
    assert texts == [TEXT, TEXT, TEXT, "Another text."]


@pytest.mark.parametrize("role", ["service_role", "postgres"])
def test_an_update_by_hand_leaves_the_old_version_behind(
    ada: Persona, connection: psycopg.Connection, role: str
) -> None:
    connection.execute(f"set role {role}")
    connection.execute("update personas set persona = '{}', version = 1 where id = %s", [ada.id])
    assert get_history().version(ada.id, 1).persona == ADA
    assert get_history().version(ada.id, 2).persona == {}
    assert kinds(ada.id)[1] == (2, role, "edited")


def test_a_row_deleted_by_hand_leaves_its_history_and_its_number(
    ada: Persona, connection: psycopg.Connection
) -> None:
    connection.execute("set role service_role")
    connection.execute("delete from personas where id = %s", [ada.id])
    assert kinds(ada.id)[1] == (2, "service_role", "deleted")
    assert get_history().version(ada.id, 2).raw_text == TEXT
    connection.execute(
        "insert into personas (id, raw_text, persona) values (%s, 'Again.', '{}')", [ada.id]
    )
    assert get_persona_repository().read(ada.id).version == 3


@pytest.mark.parametrize("role", API_ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "update persona_versions set author = 'nobody'",
        "delete from persona_versions",
        "truncate persona_versions",
        "insert into persona_versions select * from persona_versions",
        "update persona_history set author = 'nobody'",
        "delete from persona_history",
        "delete from persona_erasures",
        "insert into persona_erasures (persona_id, erased_by) values (gen_random_uuid(), 'x')",
        "truncate personas cascade",
        "alter table personas disable trigger all",
    ],
)
def test_no_api_role_may_rewrite_history(
    ada: Persona, connection: psycopg.Connection, role: str, statement: str
) -> None:
    connection.execute(f"set role {role}")
    connection.execute("set persona_dashboard.rewrite_history = 'on'")  # anybody may say so
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
    assert kinds(ada.id) == [(1, "ann", "created")]


@pytest.mark.parametrize("statement", ["update persona_versions set version = 9", "delete from"])
def test_the_owner_s_slip_is_refused_with_a_reason(
    ada: Persona, connection: psycopg.Connection, statement: str
) -> None:
    statement = f"{statement} persona_versions" if statement.endswith("from") else statement
    with pytest.raises(psycopg.Error, match="append-only"):
        connection.execute(statement.encode())


# ------------------------------------------------------------------ the way back


def test_restoring_equals_the_version_byte_for_byte(
    database: LocalSupabase, connection: psycopg.Connection
) -> None:
    exact = '{"z": 1.10, "a": 12345678901234567890.5, "é": "\\u2028", "n": null, "l": [1.0, true]}'
    evidence = '[{"path": "/z", "quote": "T", "start": 0, "end": 1, "support": "stated"}]'
    (persona_id,) = connection.execute(
        "insert into personas (raw_text, persona, evidence) values ('T', %s, %s) returning id",
        [exact, evidence],
    ).fetchone() or (None,)
    assert persona_id
    stored = get_persona_repository().read(persona_id)
    save(save(stored, z=2), l=[])
    for _ in range(2):  # the second time nothing differs, and it is a version all the same
        restored = get_history().restore(persona_id, 1, "eve")
    assert (restored.version, restored.updated_by) == (5, "eve")
    assert restored.origin == {"kind": "restored", "version": 1}
    same = connection.execute(
        "select count(distinct (persona::text, evidence::text, raw_text)) from persona_history"
        " where persona_id = %s and version in (1, 4, 5)",
        [persona_id],
    ).fetchone()
    now = connection.execute(
        "select p.persona::text = v.persona::text and p.evidence::text = v.evidence::text"
        " from personas p join persona_versions v on v.persona_id = p.id and v.version = 1"
        " where p.id = %s",
        [persona_id],
    ).fetchone()
    assert (same, now) == ((1,), (True,))


def test_one_field_comes_back_with_its_evidence_and_the_others_stay(ada: Persona) -> None:
    save(save(ada, role="countess", goals=["rest"]), name="Ada King")
    restored = get_history().restore_field(ada.id, 1, "/goals", "eve")
    expected = {"name": "Ada King", "role": "countess", "goals": ADA["goals"]}
    assert restored.persona == expected
    assert restored.origin == {"kind": "restored", "version": 1, "path": "/goals"}
    of_goals = [item for item in restored.evidence if item["path"].startswith("/goals")]
    assert of_goals == [item for item in ada.evidence if item["path"].startswith("/goals")]
    assert len(of_goals) == 2
    for item in restored.evidence:
        assert TEXT[item["start"] : item["end"]] == item["quote"]


def test_a_field_that_was_not_there_goes(ada: Persona) -> None:
    save(ada, extra={"x": 1})
    assert get_history().restore_field(ada.id, 1, "/extra", "eve").persona == ADA


def test_what_is_not_there_cannot_be_restored(ada: Persona) -> None:
    for number in (0, 2):
        with pytest.raises(NotFoundError):
            get_history().restore(ada.id, number, "eve")
    with pytest.raises(NotFoundError):
        get_history().restore(uuid4(), 1, "eve")
    assert get_history().versions(uuid4()) == []


def test_the_timeline_continues_before_a_version(ada: Persona) -> None:
    stored = ada
    for number in range(5):
        stored = save(stored, number=number)
    first = get_history().versions(ada.id, limit=4)
    rest = get_history().versions(ada.id, limit=4, before=first[-1].version)
    assert [one.version for one in first + rest] == [6, 5, 4, 3, 2, 1]


# ------------------------------------------------------------------ conflicts


def test_who_is_late_overwrites_nothing_and_gets_theirs(ada: Persona) -> None:
    save(ada, "bob", role="countess")
    with pytest.raises(ConflictError) as caught:
        save(ada, "cy", role="mathematician")
    assert caught.value.theirs.persona["role"] == "countess"
    assert isinstance(caught.value, DatabaseError)
    assert "countess" not in str(caught.value)
    assert get_persona_repository().read(ada.id).persona["role"] == "countess"


def test_deleting_an_old_version_is_a_conflict_too(ada: Persona) -> None:
    save(ada, role="countess")
    with pytest.raises(ConflictError):
        get_persona_repository().delete(ada.id, expected_version=1)
    get_persona_repository().delete(ada.id, expected_version=2)
    with pytest.raises(TrashedError):
        save(ada, role="x")


def test_sixteen_writers_on_one_row_one_winner_a_version(ada: Persona) -> None:
    rounds = 5

    def write(name: str) -> list[int]:
        """Each writer counts its own field up, from whatever it read last; its winning versions."""
        stored = get_persona_repository().read(ada.id)
        won: list[int] = []
        while len(won) < rounds:
            try:
                stored = save(stored, name, **{name: stored.persona.get(name, 0) + 1})
                won.append(stored.version)
            except ConflictError as error:
                stored = error.theirs
        return won

    writers = [f"writer{number}" for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        won = dict(zip(writers, pool.map(write, writers), strict=True))
    newest = get_persona_repository().read(ada.id)
    assert {name: newest.persona[name] for name in writers} == dict.fromkeys(writers, rounds)
    assert sorted(v for versions in won.values() for v in versions) == [*range(2, 2 + 16 * rounds)]
    history = get_history().versions(ada.id, limit=200)
    assert [one.version for one in history] == [*range(1 + 16 * rounds, 0, -1)]
    by_version = {one.version: one.author for one in history}
    assert all(by_version[v] == name for name, versions in won.items() for v in versions)


def test_sixteen_updates_without_a_version_lose_nothing(ada: Persona) -> None:
    """The contract's update, each adding a field to what it read itself."""
    repository = get_persona_repository()

    def add(number: int) -> None:
        repository.revise(
            ada.id, lambda stored: {"persona": {**stored.persona, f"f{number}": number}}
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(16)))
    assert repository.read(ada.id).persona == {**ADA, **{f"f{n}": n for n in range(16)}}


# ------------------------------------------------------------------ trash and erasure


def test_the_trash_is_out_of_sight_and_comes_back(ada: Persona) -> None:
    repository, trash = get_persona_repository(), get_trash()
    repository.delete(ada.id, author="cy")
    assert repository.count() == 0
    assert repository.read_all() == ([], 0)
    assert list(repository.iterate()) == []
    with pytest.raises(TrashedError):
        repository.read(ada.id)
    with pytest.raises(NotFoundError):
        repository.delete(ada.id)
    with pytest.raises(NotFoundError):
        get_history().restore(ada.id, 1, "eve")
    (listed,) = trash.list()
    assert (listed.id, listed.name, listed.updated_by) == (ada.id, "Ada Byron", "cy")
    trash.restore(ada.id, "dee")
    restored = repository.read(ada.id)
    assert (restored.persona, restored.evidence) == (ADA, ada.evidence)
    assert trash.list() == []
    with pytest.raises(NotFoundError):
        trash.restore(ada.id)


def test_the_trash_is_listed_last_deleted_first_and_found_by_name(database: LocalSupabase) -> None:
    names = ["Ada Byron", "Bo_B", "BoXB", "100% Eve", "ada kay"]
    for name in names:
        new = PersonaCreate(raw_text="t", persona={"name": name})
        get_persona_repository().delete(get_persona_repository().create(new).id)
    trash = get_trash()
    assert [one.name for one in trash.list()] == names[::-1]
    assert [one.name for one in trash.list(limit=2)] == ["ada kay", "100% Eve"]
    for name, found in {
        "ADA": {"Ada Byron", "ada kay"},
        "o_b": {"Bo_B"},
        "%": {"100% Eve"},
    }.items():
        assert {one.name for one in trash.list(name=name)} == found
        assert trash.count(name) == len(found)
    assert (trash.count(), trash.count("zzz")) == (5, 0)


def test_all_or_those_found_by_name_come_back_at_once(database: LocalSupabase) -> None:
    with psycopg.connect(database.db_url) as connection:
        connection.execute(
            "insert into personas (raw_text, persona, deleted_at) select 't', jsonb_build_object("
            "'name', case when n % 2 = 0 then 'Ada' else 'Bo' end || n), now()"
            " from generate_series(1, 900) n"
        )
    heard: list[int] = []
    assert get_trash().restore_all("ada", "eve", heard.append) == 450
    assert heard == [200, 400, 450]
    assert (get_trash().count(), get_persona_repository().count()) == (450, 450)
    assert get_trash().restore_all("", "eve", heard.append) == 450
    assert get_trash().restore_all("", "eve", heard.append) == 0
    ids = [one.id for one in get_persona_repository().iterate()]
    trash_all(ids[:250], "ada", heard.append)

    def others_go_on(_: int) -> None:
        trash_all(ids[250:300], "bo", lambda _: None)

    assert get_trash().restore_all("", "eve", others_go_on) == 250
    assert {one.updated_by for one in get_trash().list()} == {"bo"}
    one = next(iter(get_persona_repository().iterate()))
    assert [version.origin["kind"] for version in get_history().versions(one.id)][:1] == [
        "untrashed"
    ]


def test_only_the_trash_can_be_purged(ada: Persona) -> None:
    with pytest.raises(NotFoundError):
        get_trash().purge(ada.id, "eve")
    assert get_persona_repository().read(ada.id).persona == ADA
    with pytest.raises(NotFoundError):
        get_trash().purge(uuid4(), "eve")
    get_persona_repository().delete(ada.id)
    with pytest.raises(InvalidInputError):
        get_trash().purge(ada.id, "")


def everything(connection: psycopg.Connection) -> str:
    """All rows of all tables of the database as text, as a dump has them."""
    tables = connection.execute(
        "select quote_ident(table_schema) || '.' || quote_ident(table_name)"
        " from information_schema.tables where table_type = 'BASE TABLE'"
        " and table_schema not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    assert ("public.persona_versions",) in tables
    assert ("public.drafts",) in tables
    rows = []
    for (table,) in tables:
        rows += connection.execute(b"select t::text from " + table.encode() + b" t").fetchall()
    return json.dumps(rows, ensure_ascii=False)


def test_after_purging_no_table_holds_the_text(
    database: LocalSupabase, connection: psycopg.Connection
) -> None:
    marker = f"zyx{uuid4().hex}"
    text = f"Mara {marker} keeps the lighthouse."
    requests, repository = get_generation_requests(), get_persona_repository()
    saved, failed = (
        requests.submit(NewRequest(id=uuid4(), raw_text=text, engine="offline"), "w")
        for _ in range(2)
    )
    assert requests.claim(saved.id, "w")
    result = {"persona": {"name": marker}, "evidence": [], "generation": {"note": marker}}
    persona_id = requests.finish(saved.id, "w", result)
    requests.close(failed.id, "w", "failed", kind="request")
    repository.update(persona_id, PersonaUpdate(persona={"name": f"{marker} King"}))
    repository.update(persona_id, PersonaUpdate(raw_text=f"{text} More of {marker}."))
    connection.execute(
        "insert into drafts (owner, kind, subject, body) values ('me', 'json', %s, %s)",
        [str(persona_id), json.dumps({"name": marker})],
    )
    other = repository.create(PersonaCreate(raw_text="Somebody else.", persona={}))
    assert everything(connection).count(marker) >= 8
    repository.delete(persona_id)
    get_trash().purge(persona_id, "eve")
    left = everything(connection)
    assert marker not in left
    assert "Somebody else." in left
    assert get_history().versions(persona_id) == []
    assert get_history().versions(other.id)
    with pytest.raises(NotFoundError):  # who goes on typing does not bring it back
        get_drafts().save("me", "persona_json", str(persona_id), marker)
    with pytest.raises(NotFoundError):
        get_drafts().save("me", "persona_json", another_subject(str(persona_id)), marker)
    with pytest.raises(NotFoundError):
        requests.read(failed.id)
    erased = connection.execute(
        "select erased_by from persona_erasures where persona_id = %s", [persona_id]
    ).fetchall()
    assert erased == [("eve",)]


def test_what_was_deleted_by_hand_can_be_purged(
    ada: Persona, connection: psycopg.Connection
) -> None:
    connection.execute("delete from personas where id = %s", [ada.id])
    get_trash().purge(ada.id, "eve")
    assert get_history().versions(ada.id) == []


def test_the_publishable_key_may_not_purge(ada: Persona, connection: psycopg.Connection) -> None:
    get_persona_repository().delete(ada.id)
    connection.execute("set role anon")
    for call in ("purge_persona(%s, 'x')", "restore_persona_version(%s, 1, 2, 'x')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select {call}".encode(), [ada.id])
