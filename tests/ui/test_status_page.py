"""The Status page: what works, and the advice for each part that does not."""

from __future__ import annotations

import psycopg
import pytest

from services.database import reset_supabase_client
from services.database.contract import CALLABLE_FUNCTIONS, RELATIONS
from services.health import versions
from services.local_supabase.stack import LocalSupabase
from services.settings import get_settings
from tests.llm_double import LLMDouble
from tests.model_servers import local
from tests.model_servers.behaviour import Row, answers, says, where
from tests.model_servers.server import ModelServers
from tests.ui.conftest import button, open_page, store, text_of
from tests.waiting import free_port


def use(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    """The dashboard as if it had been started with these settings."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    reset_supabase_client()


def test_everything_works(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, SUPABASE_DB_URL=database.db_url)
    shown = text_of(open_page("status"))
    assert "Does not work" not in shown
    assert "do not work" not in shown
    assert "127.0.0.1 answers as Supabase does" in shown
    assert "Secret key, accepted" in shown
    assert (
        f"Works · {len(RELATIONS)} tables and views as they should be · "
        f"{len(CALLABLE_FUNCTIONS)} functions as they should be" in shown
    )
    assert "anon may do nothing · authenticated may do what its member's role allows" in shown
    assert "Offline drafts" in shown
    assert "have been run" in shown


def test_versions_stand_in_the_report_of_a_fault() -> None:
    shown = text_of(open_page("status"))
    for name, number in versions().items():
        assert f"{name} {number}" in shown


def test_the_model_and_its_host_are_named_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, OPENAI_API_KEY="sk-private", OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    shown = text_of(open_page("status"))
    assert "gpt-5-mini at 127.0.0.1" in shown
    assert "sk-private" not in shown
    assert "Everything works" not in shown
    assert "The connection to the model server failed or was cut." in shown
    assert "Check OPENAI_BASE_URL and the network" in shown


def test_a_model_server_that_answers(
    llm_server: LLMDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, OPENAI_API_KEY="sk-private", OPENAI_BASE_URL=llm_server.base_url)
    assert "gpt-5-mini at 127.0.0.1 answers, and offline drafts" in text_of(open_page("status"))


def test_a_wrong_key(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, SUPABASE_SECRET_KEY="sb_secret_of_another_project")
    shown = text_of(open_page("status"))
    assert "Supabase refuses the key." in shown
    assert "SUPABASE_SECRET_KEY" in shown
    assert "sb_secret_of_another_project" not in shown


def test_an_address_that_is_not_supabase(
    llm_server: LLMDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SUPABASE_URL=llm_server.base_url.removesuffix("/v1"))
    for page in ("personas", "status"):
        shown = text_of(open_page(page))
        assert "it is not Supabase" in shown
        assert "Copy the project URL into SUPABASE_URL again" in shown


def test_a_database_that_searches_in_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, SEARCH_LANGUAGE="spanish")
    shown = text_of(open_page("status"))
    assert "The database searches in english, SEARCH_LANGUAGE is spanish." in shown
    assert "python -m services.database.migrate" in shown


def test_a_publishable_key_misses_the_secret_key(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SUPABASE_SECRET_KEY=database.publishable_key.get_secret_value())
    shown = text_of(open_page("status"))
    assert "Row level security does not let this key work" in shown
    assert "The secret key is missing" in shown
    assert "allow_anon_key.sql" in shown


def test_a_secret_key_without_grants_misses_the_migrations(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        connection.execute("revoke all on personas from service_role")
        shown = text_of(open_page("status"))
        connection.execute("grant select, insert, update, delete on personas to service_role")
    assert "The key is a secret key, so the migrations' grants are missing" in shown
    assert "python -m services.database.migrate" in shown


def test_what_is_open_to_everybody_and_the_sql_that_shuts_it(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SUPABASE_DB_URL=database.db_url)
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        connection.execute("grant select on personas to anon")
        shown = text_of(open_page("status"))
        connection.execute("revoke select on personas from anon")
    assert "1 of 7 parts do not work" in shown
    assert "**Role anon:** anon may SELECT on personas" in shown
    assert "revoke all on public.personas from public, anon;" in shown


def test_without_a_database_url_it_says_what_is_not_known() -> None:
    shown = text_of(open_page("status"))
    assert "Not fully known" in shown
    assert f"{len(RELATIONS)} tables and views can be read" in shown
    assert "Set SUPABASE_DB_URL" in shown
    assert "do not work" not in shown


def test_an_unreachable_supabase(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, SUPABASE_URL=f"http://127.0.0.1:{free_port()}")
    shown = text_of(open_page("status"))
    assert "Supabase cannot be reached." in shown
    assert "Check SUPABASE_URL and the network" in shown
    assert "parts do not work" in shown


def test_check_again_sees_what_was_mended(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SUPABASE_URL=f"http://127.0.0.1:{free_port()}")
    at = open_page("status")
    use(monkeypatch, SUPABASE_URL=database.url)
    button(at, "Check again").click().run()
    assert "cannot be reached" not in text_of(at)


def test_a_migration_that_was_not_run(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SUPABASE_DB_URL=database.db_url.replace("@/postgres?", "@/template1?"))
    shown = text_of(open_page("status"))
    assert "Not run yet: 001_create_personas_table" in shown
    assert "python -m services.database.migrate" in shown


@pytest.mark.parametrize("page", ["personas", "generate", "persona"])
def test_every_page_says_what_to_do_when_supabase_is_away(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stored,) = store({"name": "Ada"})
    use(monkeypatch, SUPABASE_URL=f"http://127.0.0.1:{free_port()}")
    at = open_page(page, id=str(stored.id)) if page == "persona" else open_page(page)
    assert not at.exception
    assert "Supabase cannot be reached." in text_of(at)
    assert "Check SUPABASE_URL and the network" in text_of(at)


class TestTryTheModel:
    """The button that asks the configured model one small question."""

    def pressed(self, monkeypatch: pytest.MonkeyPatch, row: Row, **settings: str) -> str:
        with ModelServers.running() as servers:
            use(
                monkeypatch,
                OPENAI_BASE_URL=servers.base_url("status", row),
                OPENAI_MODEL="m",
                **settings,
            )
            at = open_page("status")
            button(at, "Try the model").click().run()
            assert not at.exception
            return text_of(at)

    def test_shows_what_the_server_takes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        refusal = says(400, {"error": "temperature is not supported"})
        rules = (where("temperature", refusal), answers())
        shown = self.pressed(monkeypatch, Row("takes", rules))
        assert "m works: 2 claims found." in shown
        assert "asked for as strict schema" in shown
        assert "**Streams:** yes" in shown
        assert "**Context:** 8,192 tokens" in shown
        assert "**Not taken by the server:** temperature 0" in shown

    def test_shows_the_exact_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        row = next(row for row in local.OLLAMA if row.title == "model not pulled")
        shown = self.pressed(monkeypatch, row)
        assert "The model is not on the model server." in shown
        assert "ollama pull m" in shown
        assert "The server has: a-model, m" in shown
        assert "Your text is kept" not in shown

    def test_is_not_there_without_a_model(self) -> None:
        assert "Try the model" not in [shown.label for shown in open_page("status").button]
