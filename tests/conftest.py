"""What all tests share: settings of their own, and one real local Supabase for the session."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr
from streamlit.components.v2 import manifest_scanner

from services.database import close_database, reset_supabase_client
from services.database.local import start_local_supabase
from services.local_supabase.roles import prepare_roles
from services.local_supabase.stack import LocalSupabase
from services.settings import Settings, get_settings
from tests.hosted import (
    SYSTEM_SERVERS,
    UNSAFE_BUT_QUICK,
    HostedProject,
    HostedServer,
    embedded_server,
    system_binaries,
    system_server,
)
from tests.llm_double import LLMDouble
from tests.supabase_double import SupabaseDouble

TABLES = "personas, generation_batches, generation_requests, drafts, import_jobs, api_keys"
EMPTY = f"truncate {TABLES} cascade"
# The same without new files on disk, which take most of the time a small test has.
EMPTY_AS_SUPERUSER = f"""
do $$
declare
  one regclass;
begin
  if (select count(*) from (select from personas limit 2001) few) > 2000 then
    {EMPTY};
    delete from persona_dashboard.model_servers;
    return;
  end if;
  set local session_replication_role = replica; -- without triggers, which would keep versions
  for one in
    select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
  loop
    execute format('delete from %s', one);
  end loop;
  delete from persona_dashboard.generation_tries;
  delete from persona_dashboard.draft_keys;
  delete from persona_dashboard.model_turns;
  delete from persona_dashboard.model_servers;
end
$$
"""  # noqa: S608 - names of our own

# Before and between tests as well: what runs on there must not find the developer's database.
Settings.model_config["env_file"] = None
Settings.model_config["toml_file"] = None
os.environ["LOCAL_SUPABASE_DIR"] = os.devnull

# Properties say what holds, not how fast: a busy machine must not fail them.
hypothesis_settings.register_profile(
    "any machine",
    deadline=None,
    max_examples=50,  # the suite runs often, with other examples each time
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def isolated_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No test sees the developer's environment, `.env`, secrets or local data."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOCAL_SUPABASE_DIR", str(tmp_path / "local"))
    get_settings.cache_clear()
    yield
    close_database()
    get_settings.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def components_found_once() -> Iterator[None]:
    """Every AppTest reads the metadata of all installed packages, half a second: once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner,
            "scan_component_manifests",
            cache(manifest_scanner.scan_component_manifests),
        )
        yield


def new_stack_folder() -> Path:
    """A folder for a local Supabase.

    Not under pytest's tmp_path: that is closed to the system user PostgreSQL runs as under root.
    """
    return Path(tempfile.mkdtemp(prefix="persona-test-"))


@pytest.fixture
def stack_folder() -> Iterator[Path]:
    """An empty folder for a local Supabase of the test's own."""
    folder = new_stack_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def local_supabase() -> Iterator[LocalSupabase]:
    """A real local Supabase, empty at the start of the session and shared by all its tests."""
    folder = new_stack_folder()
    stack = start_local_supabase(folder)
    for setting in UNSAFE_BUT_QUICK:
        _run(stack.db_url, f"alter system set {setting} = off")
    _run(stack.db_url, "select pg_reload_conf()")
    yield stack
    stack.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(
    local_supabase: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalSupabase]:
    """The dashboard's services on the session's Supabase, with empty tables."""
    _use_supabase(monkeypatch, local_supabase.url, local_supabase.key)
    _run(local_supabase.db_url, EMPTY_AS_SUPERUSER)
    yield local_supabase
    reset_supabase_client()


@pytest.fixture(scope="session", params=["system", "embedded"])
def hosted_server(request: pytest.FixtureRequest) -> Iterator[HostedServer]:
    """A server set up as hosted Supabase is: once a PostgreSQL of the system, once the embedded."""
    if request.param == "system" and system_binaries() is None:
        pytest.skip(f"no PostgreSQL under {SYSTEM_SERVERS} (apt install postgresql)")
    start = system_server if request.param == "system" else embedded_server
    server = start(new_stack_folder())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def hosted_project(hosted_server: HostedServer) -> Iterator[HostedProject]:
    """A migrated database of such a server with its API: one for the session."""
    project = HostedProject(hosted_server.database(grants="new"))
    yield project
    project.stop()


@pytest.fixture
def hosted(
    hosted_project: HostedProject, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HostedProject]:
    """The dashboard's services on that project, with empty tables."""
    _use_supabase(monkeypatch, hosted_project.gateway.url, hosted_project.gateway.key)
    _run(hosted_project.database.owner_url, EMPTY)
    yield hosted_project
    reset_supabase_client()


@pytest.fixture
def double(database: LocalSupabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[SupabaseDouble]:
    """The same, but the services reach it through a double that can be told to fail."""
    with SupabaseDouble.before(database.url) as double:
        _use_supabase(monkeypatch, double.url, database.key)
        yield double
        reset_supabase_client()


@pytest.fixture(scope="session")
def llm_server() -> Iterator[LLMDouble]:
    """The double of the OpenAI API."""
    with LLMDouble.running() as double:
        yield double


@pytest.fixture
def fresh_database(local_supabase: LocalSupabase) -> Iterator[Callable[[], str]]:
    """Makes databases as empty as that of a new hosted project, and gives their libpq URLs."""
    names: list[str] = []

    def make() -> str:
        names.append(f"test_{uuid4().hex}")
        _run(local_supabase.db_url, f"create database {names[-1]}")
        url = local_supabase.db_url.replace("@/postgres?", f"@/{names[-1]}?")
        prepare_roles(url)
        return url

    yield make
    for name in names:
        _run(local_supabase.db_url, f"drop database {name} with (force)")


def _use_supabase(monkeypatch: pytest.MonkeyPatch, url: str, key: SecretStr) -> None:
    monkeypatch.setenv("SUPABASE_URL", url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", key.get_secret_value())
    get_settings.cache_clear()
    reset_supabase_client()


def _run(db_url: str, statement: str) -> None:
    with psycopg.connect(db_url, autocommit=True) as connection:
        connection.execute(statement.encode())
