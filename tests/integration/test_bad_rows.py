"""What other programs write: refused on every way in, or listed, opened, repaired and deleted.

Rows that are bad already are written with the trigger of migration 015 off, as before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json

from services.database.migrations import MIGRATIONS
from services.errors import InvalidPersonaError, NotFoundError
from services.exports.export import Exports
from services.exports.options import ExportOptions
from services.importing.checking import Problem, checked_rows
from services.importing.mapping import guess_mapping
from services.importing.reading import open_table
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import PersonaQuery
from services.personas.history import get_history
from services.personas.reviewing.workflow import get_reviewing
from services.personas.shapes import check_columns
from services.personas.trash import get_trash

SOUND: dict[str, dict[str, Any]] = {
    "evidence": {"path": "/name", "quote": "Ada", "start": 0, "end": 3, "support": "stated"},
    "sources": {"label": "Call", "start": 0, "end": 3},
}
REQUIRED = {"evidence": ("path", "quote"), "sources": ("label", "start", "end")}
FORMATS = ("csv", "jsonl", "xlsx", "parquet")
NO_ENTRIES: tuple[Any, ...] = (1, "x", None, True, [], [[]], {})
WRONG: tuple[Any, ...] = ([], [[]], {"a": 1}, True, -1.5)


def wrong_entries(column: str) -> Iterator[Any]:
    """Lists of this column with one entry that may not stand there, beside a sound one."""
    sound = SOUND[column]
    for entry in NO_ENTRIES:
        yield [sound, entry]
    for name in REQUIRED[column]:
        yield [sound, {key: value for key, value in sound.items() if key != name}]
    for name in sound:
        for value in WRONG:
            yield [sound, {**sound, name: value}]
    yield [sound, {**sound, "path" if column == "evidence" else "label": 1}]
    yield [sound, {**sound, "start": "0"}]
    yield [sound, {**sound, "start": 3, "end": 3}]
    yield [sound, {**sound, "end": 2**31}]
    yield [sound, {**sound, "end": 10**30}]
    yield [sound, {**sound, "more": nested(98)}]


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


BAD: list[tuple[str, Any]] = [
    *(("evidence", value) for value in wrong_entries("evidence")),
    *(("sources", value) for value in wrong_entries("sources")),
    *(("origins", {"/name": value}) for value in (1, None, [], {}, True, nested(100))),
    ("generation", {"usage": 5}),
    ("generation", {"usage": {"input_tokens": "many", "output_tokens": 1}}),
    ("generation", {"cost": "x", "seconds": [], "chunks": 1.5}),
    ("generation", {"engine": {"a": 1}}),
    ("generation", {"model": ["m"], "prompt_version": 5}),
    ("generation", {"rejected": [1, [], None, {"reason": 5}]}),
    ("generation", {"rejected": {}}),
    ("generation", {"more": nested(100)}),
]
# Written as SQL, because Python's JSON or its recursion ends before.
BAD_TEXTS = [
    ("evidence", '[{"path": "/name", "quote": "Ada", "start": 1e400, "end": 1e401}]'),
    ("evidence", f"[{'[' * 1500}{']' * 1500}]"),
    ("sources", '[{"label": "Call", "start": 0, "end": 1e5000}]'),
    ("generation", f'{{"engine": "offline", "cost": 1e5000, "more": {"[" * 6000}{"]" * 6000}}}'),
    ("persona", '{"name": "Ada", "number": 1e5000}'),
    ("persona", f'{{"name": "Ada", "deep": {"[" * 1500}{"]" * 1500}}}'),
    ("persona", f'{{"name": "Ada", "deep": {"[" * 6000}{"]" * 6000}}}'),
]


def insert(db_url: str, **columns: Any) -> UUID:
    given = {"raw_text": "Ada said so.", "persona": Json({"name": "Ada"}), **columns}
    statement = SQL("insert into personas ({}) values ({}) returning id").format(
        SQL(", ").join(map(Identifier, given)), SQL(", ").join([SQL("%s")] * len(given))
    )
    with psycopg.connect(db_url, autocommit=True) as sql:
        (found,) = sql.execute(statement, list(given.values())).fetchone() or (None,)
    assert isinstance(found, UUID)
    return found


@contextmanager
def unguarded(db_url: str) -> Iterator[None]:
    """As the database was before migration 015."""
    with psycopg.connect(db_url, autocommit=True) as sql:
        sql.execute("alter table personas disable trigger personas_sound")
        try:
            yield
        finally:
            sql.execute("alter table personas enable trigger personas_sound")


@pytest.mark.parametrize(("column", "value"), BAD)
def test_no_python_way_in_takes_it(column: str, value: Any) -> None:
    with pytest.raises(InvalidPersonaError) as refused:
        check_columns({column: value})
    assert column in refused.value.problem
    assert refused.value.advice


def test_an_import_tells_the_row_and_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    rows = [
        {"raw_text": "Ada.", "persona": {"name": "Ada"}, column: value} for column, value in BAD
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows))
    table = open_table(file.open("rb"), file.name)
    found = list(checked_rows(table, guess_mapping(table.columns)))
    for row, (column, _) in zip(found, BAD, strict=True):
        assert isinstance(row, Problem)
        assert column in row.reason


def test_the_repository_refuses_it_and_stores_nothing(database: LocalSupabase) -> None:
    repository = get_persona_repository()
    ada = repository.create(PersonaCreate(raw_text="Ada said so.", persona={"name": "Ada"}))
    for column, value in BAD:
        with pytest.raises(InvalidPersonaError, match=column):
            repository.revise(ada.id, lambda _, c=column, v=value: {c: v})  # type: ignore[misc]
    assert repository.read(ada.id) == ada


def test_sql_is_refused_where_it_can_be_said_and_what_it_takes_can_be_used(
    database: LocalSupabase,
) -> None:
    taken = 0
    for column, value in BAD:
        try:
            insert(database.db_url, **{column: Json(value)})
        except psycopg.Error as error:
            assert error.sqlstate in ("PT422", "23514")
            assert column in str(error)
            assert "said so" not in str(error)
        else:
            taken += 1
    for column, text in BAD_TEXTS:
        with pytest.raises(psycopg.Error, match=column):
            insert(database.db_url, **{column: text})
    assert taken < len(BAD) / 2
    everything_works(taken)


def test_what_is_bad_already_can_be_listed_opened_exported_repaired_and_deleted(
    database: LocalSupabase,
) -> None:
    with unguarded(database.db_url):
        for column, value in BAD:
            insert(database.db_url, **{column: Json(value)})
    everything_works(len(BAD))


def test_times_beyond_the_calendar(database: LocalSupabase) -> None:
    times = [
        {"created_at": "20000-01-01"},
        {"created_at": "0044-03-15 BC"},
        {"updated_at": "infinity"},
    ]
    for columns in times:
        with pytest.raises(psycopg.Error, match="the years 1 to 9999"):
            insert(database.db_url, **columns)
    with unguarded(database.db_url):
        for columns in times:
            insert(database.db_url, **columns)
    everything_works(len(times), exported=len(times) - 1)  # up to now; one is of the year 20000


def test_the_migration_makes_readable_what_no_client_can_read(database: LocalSupabase) -> None:
    with unguarded(database.db_url):
        for column, text in BAD_TEXTS:
            insert(database.db_url, **{column: text})
    migration = (MIGRATIONS / "015_sound_rows.sql").read_text()
    with psycopg.connect(database.db_url) as sql:
        sql.execute(migration.encode())
        texts = sql.execute("select length(persona ->> 'deep') from personas").fetchall()
    assert (12_000,) in texts  # kept as its text
    assert {one.version for one in get_persona_repository().iterate()} == {1}
    everything_works(len(BAD_TEXTS))


def everything_works(number: int, exported: int | None = None) -> None:
    """All that the dashboard does with stored personas, with as many as these."""
    exported = number if exported is None else exported
    repository, finder = get_persona_repository(), get_persona_finder()
    personas, total = repository.read_all(limit=1000)
    assert (len(personas), total) == (number, number)
    assert {one.id for one in repository.iterate(7)} == {one.id for one in personas}
    assert len(finder.page(PersonaQuery(), size=500).items) == number
    assert len(finder.page(PersonaQuery("Ada"), size=500).items) == number
    assert len(get_reviewing().queue(("draft",), 200)) == min(number, 200)
    for kind in FORMATS:
        export = Exports().begin(kind, ExportOptions(format=kind, evidence=True))
        export.begin()
        assert b"".join(export.pieces())
        assert (export.progress.state, export.progress.rows) == ("complete", exported)
    for one in personas:
        _use(one.id)


def _use(persona_id: UUID) -> None:
    repository = get_persona_repository()
    bad = repository.read(persona_id)
    get_reviewing().set_status(bad.id, "in_review", bad.version, "ann")
    repaired = repository.repair(bad.id, bad.version + 1, "ann")
    assert (repaired.flaws, repaired.persona) == ((), bad.persona)
    assert repaired.readable_parts() == bad.readable_parts()
    assert repaired.origin == {"kind": "repaired"}
    assert set(get_history().version(bad.id, 1).flaws) <= set(bad.flaws)  # it has no times
    restored = get_history().restore(bad.id, 1, "ann")
    edited = repository.save(bad.id, PersonaUpdate(persona={"name": "Eva"}), restored.version)
    assert edited.persona == {"name": "Eva"}
    repository.delete(bad.id)
    get_trash().restore(bad.id)
    repository.delete(bad.id)
    get_trash().purge(bad.id, "ann")
    with pytest.raises(NotFoundError):
        repository.read(bad.id)
