"""The embedded local Supabase, started for real: sharing, killing, refusing, roles."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from postgrest.exceptions import APIError
from supabase import Client, create_client

from services.database.local import start_local_supabase
from services.errors import LocalStackError
from services.local_supabase.node import install_node_parts, node_parts_installed
from services.local_supabase.postgres import start_postgres
from services.local_supabase.stack import LocalSupabase
from services.settings import PROJECT_ROOT
from tests.browser.dashboard import Dashboard
from tests.waiting import eventually

HOLD_STACK = """
import sys, time
from pathlib import Path
from services.database.local import start_local_supabase
stack = start_local_supabase(Path(sys.argv[1]))
print(stack.url, stack.key.get_secret_value(), flush=True)
sys.stdin.readline()
stack.stop()
"""


class OtherDashboard:
    """A local Supabase held by another process."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD_STACK, folder],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url, self.key = self.process.stdout.readline().split()
        self.client = create_client(self.url, self.key)

    def stop(self) -> None:
        self.process.communicate("\n", timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def other_dashboard(stack_folder: Path) -> Iterator[Callable[[], OtherDashboard]]:
    """Starts further processes on the same folder."""
    running: list[OtherDashboard] = []

    def start() -> OtherDashboard:
        running.append(OtherDashboard(stack_folder))
        return running[-1]

    yield start
    for dashboard in running:
        dashboard.kill()


@pytest.fixture
def start(stack_folder: Path) -> Iterator[Callable[[], LocalSupabase]]:
    """Starts local Supabases of this process on the test's folder, and stops them in the end."""
    running: list[LocalSupabase] = []

    def start_one() -> LocalSupabase:
        running.append(start_local_supabase(stack_folder))
        return running[-1]

    yield start_one
    for stack in running:
        stack.stop()


def client_of(stack: LocalSupabase) -> Client:
    return create_client(stack.url, stack.key.get_secret_value())


def add(client: Client, text: str) -> None:
    client.table("personas").insert({"raw_text": text, "persona": {"name": text}}).execute()


def texts(client: Client) -> list[str]:
    rows: list[Any] = client.table("personas").select("raw_text").execute().data
    return sorted(row["raw_text"] for row in rows)


def answers(stack: LocalSupabase, expected: list[str]) -> bool:
    """Whether these texts are stored, as far as anybody answers now."""
    try:
        return texts(client_of(stack)) == expected
    except (httpx.TransportError, APIError):
        return False


def processes_of(folder: Path) -> list[psutil.Process]:
    """Everything that works inside the folder: PostgreSQL by its cwd, gateways by theirs."""
    found = []
    for process in psutil.process_iter():
        try:
            if folder in Path(process.cwd()).parents:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def gateways_of(folder: Path) -> list[psutil.Process]:
    return [process for process in processes_of(folder) if "start" in words_of(process)]


def words_of(process: psutil.Process) -> list[str]:
    """Its command line; none if it has ended since it was found."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


class TestStarting:
    def test_it_works_and_leaves_nothing_running(self, stack_folder: Path) -> None:
        steps: list[str] = []
        stack = start_local_supabase(stack_folder, steps.append)
        add(client_of(stack), "Ada")
        assert texts(client_of(stack)) == ["Ada"]
        assert [step.split()[0] for step in steps] == ["Starting", "Applying", "Starting"]
        stack.stop()
        stack.stop()
        assert processes_of(stack_folder) == []
        assert list((stack_folder / "gateways").iterdir()) == []

    def test_data_outlives_a_restart_and_keys_do_not(
        self, start: Callable[[], LocalSupabase]
    ) -> None:
        first = start()
        add(client_of(first), "Ada")
        first.stop()
        second = start()
        assert texts(client_of(second)) == ["Ada"]
        assert second.key != first.key

    def test_keys_and_logs_are_private(
        self, start: Callable[[], LocalSupabase], stack_folder: Path
    ) -> None:
        stack = start()
        (gateway,) = (stack_folder / "gateways").iterdir()
        files = [path for path in gateway.rglob("*") if path.is_file()]
        assert {path.name for path in files} >= {"config.toml", "gateway.log"}
        for path in (gateway, gateway.parent, stack_folder / "postgres"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        for path in files:
            if stack.key.get_secret_value() in path.read_text(errors="replace"):
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stack.key.get_secret_value() not in repr(vars(stack))

    def test_a_folder_with_spaces_and_quotes(self, stack_folder: Path) -> None:
        stack = start_local_supabase(stack_folder / "Ada's own data" / "ä")
        assert texts(client_of(stack)) == []
        stack.stop()

    def test_a_path_too_long_for_a_socket(self, stack_folder: Path) -> None:
        stack = start_local_supabase(stack_folder / ("deep" * 20) / ("deeper" * 20))
        assert texts(client_of(stack)) == []
        socket_folder = Path(psycopg.connect(stack.db_url).info.host)
        assert stack_folder not in socket_folder.parents
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
        stack.stop()

    def test_variables_meant_for_other_databases_do_no_harm(
        self, start: Callable[[], LocalSupabase], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in {
            "PGPORT": "6543",
            "PGHOST": "nowhere",
            "PGUSER": "x",
            "PGDATABASE": "y",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert start().url.startswith("http://127.0.0.1:")


class TestSharing:
    def test_two_in_one_process(self, start: Callable[[], LocalSupabase]) -> None:
        first, second = start(), start()
        add(client_of(first), "Ada")
        first.stop()
        assert texts(client_of(second)) == ["Ada"]

    def test_a_second_dashboard_shares_the_data_and_survives_the_first(
        self, start: Callable[[], LocalSupabase], other_dashboard: Callable[[], OtherDashboard]
    ) -> None:
        first, second = start(), other_dashboard()
        add(client_of(first), "Ada")
        add(second.client, "Bea")
        assert texts(second.client) == texts(client_of(first)) == ["Ada", "Bea"]
        first.stop()
        assert texts(second.client) == ["Ada", "Bea"]
        third = start()
        second.stop()
        assert texts(client_of(third)) == ["Ada", "Bea"]

    def test_many_starting_at_once(self, stack_folder: Path) -> None:
        commands = [sys.executable, "-c", HOLD_STACK, str(stack_folder)]
        running = [
            subprocess.Popen(
                commands, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT_ROOT
            )
            for _ in range(4)
        ]
        answers = [process.communicate(b"\n", timeout=60)[0] for process in running]
        assert [process.returncode for process in running] == [0] * 4
        assert len(set(answers)) == 4
        assert processes_of(stack_folder) == []


class TestKilling:
    def test_after_kill_9_the_gateway_ends_and_the_next_start_works(
        self,
        start: Callable[[], LocalSupabase],
        other_dashboard: Callable[[], OtherDashboard],
        stack_folder: Path,
    ) -> None:
        killed = other_dashboard()
        add(killed.client, "Ada")
        assert len(gateways_of(stack_folder)) == 1
        killed.kill()
        eventually(lambda: not gateways_of(stack_folder))
        stack = start()
        assert texts(client_of(stack)) == ["Ada"]
        assert len(list((stack_folder / "gateways").iterdir())) == 1
        stack.stop()
        assert processes_of(stack_folder) == [], "the dead process still counts as a user"

    def test_everything_killed_9_keeps_what_was_saved(
        self,
        start: Callable[[], LocalSupabase],
        other_dashboard: Callable[[], OtherDashboard],
        stack_folder: Path,
    ) -> None:
        killed = other_dashboard()
        add(killed.client, "Ada")
        killed.kill()
        for process in processes_of(stack_folder):
            with suppress(psutil.NoSuchProcess):  # its parent has ended it
                process.kill()
        assert texts(client_of(start())) == ["Ada"]

    def test_numbers_given_out_again_do_not_confuse_it(
        self, start: Callable[[], LocalSupabase], stack_folder: Path
    ) -> None:
        """In a container the next run often has the very process numbers of the last one."""
        first = start()
        add(client_of(first), "Ada")
        pid_file = stack_folder / "postgres" / "postmaster.pid"
        left_over = pid_file.read_text().replace(
            pid_file.read_text().split("\n")[0], str(os.getppid()), 1
        )
        first.stop()
        pid_file.write_text(left_over)
        (stack_folder / "postgres" / ".handle_pids.json").write_text(f"[{os.getppid()}]")
        (stack_folder / "holders" / str(os.getppid())).touch()
        second = start()
        assert texts(client_of(second)) == ["Ada"]
        second.stop()
        assert processes_of(stack_folder) == []

    def test_a_first_start_cut_off_begins_anew(
        self, start: Callable[[], LocalSupabase], stack_folder: Path
    ) -> None:
        (stack_folder / "postgres").mkdir()
        (stack_folder / "postgres" / "PG_VERSION").write_text("18\n")
        (stack_folder / "postgres.first-start").touch()
        assert texts(client_of(start())) == []

    def test_a_killed_postgres_comes_back_with_its_data(
        self, start: Callable[[], LocalSupabase]
    ) -> None:
        stack = start()
        add(client_of(stack), "Ada")
        with psycopg.connect(stack.db_url) as connection:
            data = Path(str(connection.execute("show data_directory").fetchone()[0]))  # type: ignore[index]
        server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        server.kill()
        server.wait()
        eventually(lambda: answers(stack, ["Ada"]), seconds=40)
        add(client_of(stack), "Bo")

    @pytest.mark.parametrize("looked", [False, True], ids=["at once", "after it was tried again"])
    def test_ctrl_c_with_a_postgres_that_is_dead_ends_quietly(self, looked: bool) -> None:
        dashboard = Dashboard()
        try:
            dashboard.start()
            data = dashboard.folder / "stack" / "postgres"
            (data / "global" / "pg_control").rename(dashboard.folder / "pg_control")
            os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
            if looked:
                eventually(lambda: "does not start again yet" in dashboard.log(), seconds=60)

            dashboard.stop()

            # Lines of the log begin with the time: what worked meanwhile may tell that it waits.
            escaped = r"^(?:\w+Error\b|Exception ignored|Traceback).*"
            assert re.findall(escaped, dashboard.log(), re.MULTILINE) == []
            (dashboard.folder / "pg_control").rename(data / "global" / "pg_control")
            dashboard.start()
            assert dashboard.sql("select 1") == [(1,)]
        finally:
            dashboard.remove()

    def test_a_crashed_gateway_comes_back_at_the_same_address(
        self, start: Callable[[], LocalSupabase], stack_folder: Path
    ) -> None:
        stack = start()
        add(client_of(stack), "Ada")
        (node,) = gateways_of(stack_folder)
        node.send_signal(signal.SIGKILL)
        node.wait()

        eventually(lambda: answers(stack, ["Ada"]))

    def test_both_killed_nobody_hears_that_the_tables_are_missing(
        self, start: Callable[[], LocalSupabase], stack_folder: Path
    ) -> None:
        stack = start()
        add(client_of(stack), "Ada")
        pid = (stack_folder / "postgres" / "postmaster.pid").read_text().split()[0]
        for process in (psutil.Process(int(pid)), *gateways_of(stack_folder)):
            process.kill()
        heard: set[str | None] = set()

        def it_is_back() -> bool:
            try:
                return texts(client_of(stack)) == ["Ada"]
            except httpx.TransportError:
                return False
            except APIError as error:
                heard.add(error.code)
                return False

        eventually(it_is_back, seconds=60)
        assert "PGRST205" not in heard


class TestRefusing:
    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(LocalStackError, match=r"cannot be written.*LOCAL_SUPABASE_DIR"):
            start_local_supabase(tmp_path / "file" / "stack")

    def test_data_of_another_postgres(self, stack_folder: Path) -> None:
        (stack_folder / "postgres").mkdir()
        (stack_folder / "postgres" / "PG_VERSION").write_text("15\n")
        with pytest.raises(LocalStackError, match="PostgreSQL 15"):
            start_local_supabase(stack_folder)

    def test_a_folder_used_from_another_container(
        self,
        other_dashboard: Callable[[], OtherDashboard],
        stack_folder: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Its processes have no numbers here, and a second server would destroy the data."""
        other_dashboard()
        monkeypatch.setattr("services.local_supabase.postgres.psutil.pid_exists", lambda _: False)
        with pytest.raises(LocalStackError, match="another container"):
            start_local_supabase(stack_folder)

    def test_a_postgres_that_cannot_start_says_why(
        self, start: Callable[[], LocalSupabase], stack_folder: Path
    ) -> None:
        start().stop()
        with (stack_folder / "postgres" / "postgresql.conf").open("a") as config:
            config.write("\nshared_buffers = nonsense\n")
        with pytest.raises(LocalStackError, match="shared_buffers"):
            start()
        assert processes_of(stack_folder) == []

    def test_a_gateway_that_cannot_start_leaves_no_postgres(
        self, stack_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "services.local_supabase.gateway.PROBE", "/rest/v1/nothing_of_that_name"
        )
        monkeypatch.setattr("services.local_supabase.gateway.READY_SECONDS", 2)
        with pytest.raises(LocalStackError, match="gateway") as caught:
            start_local_supabase(stack_folder)
        assert "sb_secret_" not in str(caught.value)
        assert processes_of(stack_folder) == []

    def test_a_taken_port_is_not_the_end(
        self, start: Callable[[], LocalSupabase], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from services.local_supabase import gateway

        free_port, taken = gateway._free_port, int(start().url.rsplit(":", 1)[1])
        ports = iter([taken, taken])
        monkeypatch.setattr(gateway, "_free_port", lambda: next(ports, None) or free_port())
        assert not start().url.endswith(f":{taken}")


class TestNodeParts:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        """A project folder as cloned: nothing installed."""
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PROJECT_ROOT / name, tmp_path / name)
        return tmp_path

    def test_no_network_at_the_first_start(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
        monkeypatch.setenv("npm_config_cache", str(root / "empty cache"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        steps: list[str] = []
        with pytest.raises(LocalStackError, match="no network") as caught:
            install_node_parts(root, steps.append)
        assert "SUPABASE_URL" in caught.value.advice
        assert steps == ["Installing the Node parts (first start only)"]

    def test_a_project_folder_that_cannot_be_written(self, root: Path) -> None:
        (root / ".local").write_text("in the way")
        with pytest.raises(LocalStackError, match="cannot be written"):
            install_node_parts(root)

    def test_nothing_to_do_when_installed(self) -> None:
        assert node_parts_installed(PROJECT_ROOT)
        install_node_parts(PROJECT_ROOT, pytest.fail)

    def test_an_installation_cut_off_does_not_count(self, root: Path) -> None:
        (root / "node_modules" / "@supabase" / "lite").mkdir(parents=True)
        assert not node_parts_installed(root)


class TestRoles:
    """The gateway enforces grants and row level security as hosted Supabase does."""

    @pytest.fixture
    def anon(self, local_supabase: LocalSupabase) -> Client:
        return create_client(local_supabase.url, local_supabase.publishable_key.get_secret_value())

    def test_the_publishable_key_is_anon_and_refused(
        self, local_supabase: LocalSupabase, anon: Client
    ) -> None:
        add(client_of(local_supabase), "secret")
        claim = {"request_id": str(uuid4()), "worker": "w", "stale_after_seconds": 1}
        for request in (
            anon.table("personas").select("*"),
            anon.table("personas").insert({"raw_text": "x", "persona": {}}),
            anon.table("generation_requests").select("*"),
            anon.rpc("claim_generation", claim),
        ):
            with pytest.raises(APIError) as caught:
                request.execute()
            assert caught.value.code == "42501"

    def test_a_wrong_key_and_no_key_are_refused(self, local_supabase: LocalSupabase) -> None:
        for headers in ({}, {"apikey": "sb_secret_wrong"}):
            answer = httpx.get(local_supabase.url + "/rest/v1/personas", headers=headers)
            assert answer.status_code == 401

    def test_each_request_takes_on_the_role_of_its_key(
        self, stack_folder: Path, start: Callable[[], LocalSupabase]
    ) -> None:
        start().stop()
        postgres = start_postgres(stack_folder)
        with psycopg.connect(postgres.url) as connection:
            connection.execute("create function who() returns text return current_user")
        stack = start()  # the gateway reads the schema when it starts
        postgres.release()
        anon = create_client(stack.url, stack.publishable_key.get_secret_value())
        assert anon.rpc("who", {}).execute().data == "anon"
        assert client_of(stack).rpc("who", {}).execute().data == "service_role"

    def test_rows_without_a_policy_are_hidden_from_anon_even_when_it_is_granted_the_table(
        self, local_supabase: LocalSupabase, anon: Client
    ) -> None:
        add(client_of(local_supabase), "hidden")
        with psycopg.connect(local_supabase.db_url, autocommit=True) as connection:
            connection.execute("grant select on personas to anon")
            assert anon.table("personas").select("*").execute().data == []
            connection.execute("revoke select on personas from anon")

    def test_the_gateway_cannot_widen_what_the_migrations_grant(
        self, local_supabase: LocalSupabase
    ) -> None:
        """It tries: at its first request it grants every table to everybody, anon included."""
        add(client_of(local_supabase), "first request")
        with psycopg.connect(local_supabase.db_url) as connection:
            rights = connection.execute(
                "select has_table_privilege('anon', 'personas', 'select'),"
                " has_table_privilege('service_role', 'personas', 'select'),"
                " (select rolsuper from pg_roles where rolname = 'authenticator')"
            ).fetchone()
        assert rights == (False, True, False)
