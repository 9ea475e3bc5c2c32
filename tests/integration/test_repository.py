"""Personas in the real local Supabase."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError

from services.database import get_supabase_client, reset_supabase_client
from services.errors import (
    DatabaseTimeoutError,
    DatabaseUnreachableError,
    InvalidIdError,
    InvalidInputError,
    InvalidKeyError,
    InvalidPersonaError,
    InvalidTextError,
    MissingTableError,
    NotFoundError,
    PermissionDeniedError,
)
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, PersonaUpdate, get_persona_repository
from services.settings import get_settings
from tests.csv_personas import from_csv, to_csv

DIFFICULT = {
    "script": "<script>alert(1)</script>",
    "markdown": "# not a heading **bold** [x](javascript:1) $x$ :red[y]",
    "formula": '=HYPERLINK("http://example.org";"x")',
    "emoji": "👩‍🔬🏳️‍🌈 é é",
    "rtl": "שלום عالم",
    "quotes": "a \"b\" 'c' «d» \\ /",
    "newlines": "one\ntwo\r\nthree\rfour\ttab",
    "json-like": '{"a": [1, 2]}',
    "controls": "\x01\x1f\x7f\u2028\ufeff",
}


def repository_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Any:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    reset_supabase_client()
    return get_persona_repository()


@pytest.fixture
def repository(database: LocalSupabase) -> Any:
    return get_persona_repository()


@pytest.mark.parametrize("kind", sorted(DIFFICULT))
def test_difficult_text_is_stored_exactly(repository: Any, kind: str) -> None:
    text = DIFFICULT[kind]
    persona = {"name": text, "list": [text], "deep": {text: {"x": text}}}
    created = repository.create(PersonaCreate(raw_text=text, persona=persona))
    stored = repository.read(created.id)
    assert (stored.raw_text, stored.persona) == (text, persona)
    (exported,) = from_csv(to_csv(repository.iterate()).content)
    columns = {"id", "created_at", "updated_at", "raw_text", "persona"}
    assert exported.model_dump(include=columns) == stored.model_dump(include=columns)


def test_a_megabyte_of_text_is_stored_exactly(repository: Any) -> None:
    text = ('Zoë wrote: «x=1; "y"» 😀\n' * 50_000)[:1_000_000]
    created = repository.create(PersonaCreate(raw_text=text, persona={"notes": text}))
    stored = repository.read(created.id)
    assert stored.raw_text == text
    assert stored.persona == {"notes": text}


def test_update_changes_what_is_given_and_moves_the_time(repository: Any) -> None:
    created = repository.create(PersonaCreate(raw_text="a", persona={"name": "A", "extra": 1}))
    updated = repository.update(created.id, PersonaUpdate(persona={"name": "B"}))
    assert (updated.persona, updated.raw_text) == ({"name": "B"}, "a")
    assert updated.created_at == created.created_at
    assert updated.updated_at > created.updated_at
    assert repository.update(created.id, PersonaUpdate(raw_text="b")).persona == {"name": "B"}


def test_delete_and_count(repository: Any) -> None:
    created = repository.create(PersonaCreate(raw_text="a", persona={}))
    assert repository.count() == 1
    repository.delete(created.id)
    assert repository.count() == 0
    with pytest.raises(NotFoundError):
        repository.read(created.id)


def test_1500_personas_are_paged_and_exported_completely(
    repository: Any, database: LocalSupabase
) -> None:
    with psycopg.connect(database.db_url) as connection:
        connection.execute(
            "insert into personas (raw_text, persona) "
            "select 'text ' || n, jsonb_build_object('name', 'P' || n) "
            "from generate_series(1, 1500) n"
        )
    seen = []
    for offset in range(0, 1600, 100):
        page, total = repository.read_all(limit=100, offset=offset)
        assert total == 1500
        seen += [persona.id for persona in page]
    assert len(seen) == len(set(seen)) == 1500
    file = to_csv(repository.iterate())
    assert file.rows == 1500
    assert {persona.id for persona in from_csv(file.content)} == set(seen)


def test_newest_first(repository: Any) -> None:
    for name in ("first", "second", "third"):
        repository.create(PersonaCreate(raw_text="t", persona={"name": name}))
    personas, total = repository.read_all(limit=2)
    assert [item.persona["name"] for item in personas] == ["third", "second"]
    assert total == 3


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (1001, 0), (10, -1)])
def test_impossible_pages_are_refused(repository: Any, limit: int, offset: int) -> None:
    with pytest.raises(InvalidInputError):
        repository.read_all(limit=limit, offset=offset)


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize("operation", ["read", "update", "delete"])
def test_a_row_that_is_not_there(repository: Any, operation: str) -> None:
    arguments = (PersonaUpdate(persona={}),) if operation == "update" else ()
    with pytest.raises(NotFoundError) as caught:
        getattr(repository, operation)(uuid4(), *arguments)
    assert isinstance(caught.value, APIError)


def test_a_bad_id(repository: Any) -> None:
    with pytest.raises(InvalidIdError) as caught:
        repository.read("1 or 1=1")
    assert isinstance(caught.value, ValueError)


def test_input_that_cannot_be_stored_is_refused_before_it_is_sent() -> None:
    for bad in ({"raw_text": "a\x00b", "persona": {}}, {"raw_text": " ", "persona": {}}):
        with pytest.raises(ValueError, match="raw_text"):
            PersonaCreate.model_validate(bad)
    for persona in ([1], "text", {"a": "\x00"}, {"a": float("nan")}):
        with pytest.raises(ValueError, match="persona"):
            PersonaCreate.model_validate({"raw_text": "t", "persona": persona})


def test_faults_of_direct_queries_are_translated(database: LocalSupabase) -> None:
    from services.database.faults import translated_faults

    table = get_supabase_client().client.table("personas")
    with pytest.raises(InvalidTextError), translated_faults():
        table.insert({"raw_text": "a\x00", "persona": {}}).execute()
    with pytest.raises(InvalidTextError), translated_faults():
        table.insert({"raw_text": "a", "persona": {"a": "\x00"}}).execute()
    with pytest.raises(InvalidPersonaError), translated_faults():
        table.insert({"raw_text": "a", "persona": [1]}).execute()
    with pytest.raises(InvalidTextError), translated_faults():
        table.insert({"raw_text": "\ud800", "persona": {}}).execute()


def test_nobody_listens(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = repository_with(monkeypatch, SUPABASE_URL="http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(DatabaseUnreachableError, match="SUPABASE_URL"):
        repository.count()
    assert not get_supabase_client().is_connected()
    assert time.monotonic() - started < 10


def test_an_answer_that_takes_too_long(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = repository_with(monkeypatch, SUPABASE_TIMEOUT_SECONDS="0.5")
    with psycopg.connect(database.db_url) as connection:
        connection.execute("lock table personas in access exclusive mode")
        with pytest.raises(DatabaseTimeoutError, match="SUPABASE_TIMEOUT_SECONDS"):
            repository.count()


def test_a_wrong_key(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = repository_with(monkeypatch, SUPABASE_SECRET_KEY="sb_secret_wrong")
    with pytest.raises(InvalidKeyError, match="SUPABASE_SECRET_KEY"):
        repository.count()


def test_the_publishable_key_may_do_nothing(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = database.publishable_key.get_secret_value()
    repository = repository_with(monkeypatch, SUPABASE_SECRET_KEY=key)
    with pytest.raises(PermissionDeniedError, match=r"allow_anon_key\.sql"):
        repository.create(PersonaCreate(raw_text="a", persona={}))
    with pytest.raises(PermissionDeniedError):
        repository.read_all()


def test_something_else_answers(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = repository_with(monkeypatch, SUPABASE_URL=database.url + "/not-supabase")
    with pytest.raises(DatabaseUnreachableError, match="SUPABASE_URL"):
        repository.read_all()


def test_missing_tables(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.database.faults import translated_faults

    with (
        pytest.raises(MissingTableError, match=r"services\.database\.migrate"),
        translated_faults(),
    ):
        get_supabase_client().client.table("no_such_table").select("*").execute()


def test_every_http_fault_of_the_client_is_translated() -> None:
    """None of httpx's errors gets past, whichever httpx adds."""
    from services.database.faults import translated_faults
    from services.errors import DashboardError

    def kinds(root: type[Exception]) -> list[type[Exception]]:
        return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]

    request = httpx.Request("GET", "http://x")
    for kind in [*kinds(httpx.HTTPError), httpx.InvalidURL]:
        error = (
            kind("m", request=request, response=httpx.Response(500, request=request))
            if kind is httpx.HTTPStatusError
            else kind("m")
        )
        with pytest.raises(DashboardError), translated_faults():
            raise error
