"""Every environment variable wrong in turn: a clear message, never a stack trace."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from services.settings import Settings
from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard
from tests.conftest import new_stack_folder
from tests.isolated import ROOT, clean_environment, command
from tests.llm_double import SAMPLE_TEXT, LLMDouble
from tests.waiting import free_port

NONSENSE = {
    "SUPABASE_URL": "nonsense",
    "SUPABASE_SECRET_KEY": "two words",
    "SUPABASE_SERVICE_ROLE_KEY": "two words",
    "SUPABASE_ANON_KEY": "café",
    "SUPABASE_DB_URL": "mysql://u:pass-word@h/db",
    "SUPABASE_TIMEOUT_SECONDS": "soon",
    "OPENAI_API_KEY": "two words",
    "OPENAI_BASE_URL": "localhost:11434",
    "OPENAI_MODEL": "m" * 300,
    "OPENAI_TIMEOUT_SECONDS": "0",
    "OPENAI_MAX_OUTPUT_TOKENS": "-1",
    "OPENAI_MAX_RETRIES": "eleven",
    "OPENAI_MAX_CHARACTERS": "1",
    "OPENAI_PRICE_INPUT": "cheap",
    "OPENAI_PRICE_OUTPUT": "-2",
    "OPENAI_PRICE_CACHED_INPUT": "-1",
    "OPENAI_BATCH_PRICE_SHARE": "half",
    "OPENAI_REQUESTS_PER_MINUTE": "0",
    "OPENAI_TOKENS_PER_MINUTE": "a lot",
    "OPENAI_SECOND_LOOK": "perhaps",
    "OPENAI_SECOND_PASS": "twice",
    "GENERATION_ATTEMPTS": "0",
    "GENERATION_WORKERS": "0",
    "GENERATION_MAX_CHARACTERS": "many",
    "SIGN_IN": "maybe",
    "SESSION_IDLE_MINUTES": "1",
    "SESSION_LONGEST_HOURS": "for ever",
    "API_REQUESTS_PER_MINUTE": "0",
    "ALLOWED_HOSTS": "https://personas.example.org",
    "SEARCH_LANGUAGE": "klingon",
    "LOG_LEVEL": "LOUD",
}
# Any text is a folder's name; that it cannot be written shows when the local Supabase starts.
NO_NONSENSE = {"LOCAL_SUPABASE_DIR"}
SECRETS = {name: NONSENSE[name] for name in NONSENSE if name.endswith(("_KEY", "_DB_URL"))}
START_SECONDS = 120

Ended = subprocess.CompletedProcess[str]


# Each name with its value in a child of one process, as importing takes most of a start; the child
# ends as Python does, but at once.
STARTS = """
import json, os, sys, tempfile, traceback
from services import lifecycle

def check(name, value):
    os.environ[name] = value
    try:
        lifecycle.check_settings("127.0.0.1")
    except SystemExit as end:
        print(end, file=sys.stderr, flush=True)
        os._exit(1)
    except BaseException:
        traceback.print_exc()
        os._exit(2)
    os._exit(0)

def ended(name, value):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        if (child := os.fork()) == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            check(name, value)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return code, *(os.pread(file.fileno(), 1 << 20, 0).decode() for file in (out, err))

print(json.dumps({name: ended(name, value) for name, value in json.loads(sys.argv[1]).items()}))
"""


@pytest.fixture(scope="module")
def starts() -> dict[str, Ended]:
    """How the check before every start ended for each variable that is nonsense."""
    script = new_stack_folder() / "starts.py"
    script.write_text(STARTS)
    told = start({}, str(script), json.dumps(NONSENSE))
    assert told.returncode == 0, told.stderr
    return {
        name: subprocess.CompletedProcess(name, code, out, err)
        for name, (code, out, err) in json.loads(told.stdout).items()
    }


def start(settings: dict[str, str], *program: str) -> Ended:
    return subprocess.run(
        command(*program),
        cwd=ROOT,
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def test_every_variable_is_tried() -> None:
    assert set(NONSENSE) | NO_NONSENSE == {name.upper() for name in Settings.model_fields}


def test_streamlit_run_makes_that_check_before_it_serves() -> None:
    ended = start(
        {"SUPABASE_URL": "nonsense"},
        *("streamlit", "run", "streamlit_app.py", f"--server.port={free_port()}"),
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("The dashboard did not start.")
    assert "SUPABASE_URL: must be an address" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_ends_the_start_with_one_clear_line(starts: dict[str, Ended], name: str) -> None:
    ended = starts[name]
    assert ended.returncode not in (0, None)
    (line,) = [line for line in ended.stderr.splitlines() if line.strip()]
    assert line.startswith("The dashboard did not start.")
    assert name in line
    assert ".env.example" in line
    assert "Traceback" not in ended.stderr + ended.stdout
    if name in SECRETS:
        assert SECRETS[name] not in ended.stderr + ended.stdout


class Faulty:
    """Dashboards with settings that are well-formed but wrong."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._started: list[Dashboard] = []

    def visit(self, path: str = "", **settings: str) -> Analyst:
        dashboard = Dashboard(**settings)
        self._started.append(dashboard)
        dashboard.start()
        analyst = Analyst(self._page, dashboard)
        analyst.open(path)
        return analyst

    def remove(self) -> None:
        for dashboard in self._started:
            assert "Traceback" not in dashboard.log()
            dashboard.remove()


@pytest.fixture
def faulty(page: Page) -> Iterator[Faulty]:
    dashboards = Faulty(page)
    yield dashboards
    dashboards.remove()


def shows(analyst: Analyst, *words: str) -> None:
    """The page says these words, and stays free of what only a log should hold."""
    body = analyst.page.get_by_test_id("stMain")
    for part in words:
        expect(body).to_contain_text(part)
    assert "Traceback" not in analyst.page.locator("body").inner_text()


class TestSupabase:
    def test_an_unreachable_address(self, faulty: Faulty) -> None:
        analyst = faulty.visit(
            SUPABASE_URL=f"http://127.0.0.1:{free_port()}", SUPABASE_SECRET_KEY="sb_secret_x"
        )
        shows(analyst, "Supabase cannot be reached.", "Check SUPABASE_URL and the network")
        expect(analyst.button("Try again")).to_be_visible()
        analyst.menu("Status").click()
        shows(analyst, "parts do not work", "Supabase cannot be reached.")

    def test_a_folder_that_cannot_be_written(self, faulty: Faulty) -> None:
        folder = new_stack_folder()
        (folder / "file").write_text("in the way")
        analyst = faulty.visit(LOCAL_SUPABASE_DIR=str(folder / "file" / "stack"))
        shows(analyst, "cannot be written", "LOCAL_SUPABASE_DIR")
        analyst.menu("Status").click()
        shows(analyst, "cannot be written", "LOCAL_SUPABASE_DIR")


def test_a_key_that_the_model_server_refuses(faulty: Faulty, llm_server: LLMDouble) -> None:
    address = llm_server.raw_base_url('{"error": {"message": "no"}}', status=401, headers={})
    settings = {"OPENAI_BASE_URL": address, "OPENAI_API_KEY": "sk-private"}
    analyst = faulty.visit("generate", OPENAI_MAX_RETRIES="0", **settings)
    analyst.paste(SAMPLE_TEXT)
    analyst.button("Generate persona").click()
    expect(analyst.page.get_by_role("alert")).to_contain_text("No persona was saved.")
    expect(analyst.text_box()).to_have_value(SAMPLE_TEXT)
    assert analyst.dashboard.sql("select count(*) from personas") == [(0,)]
    shows(analyst, "The model server refuses the key.", "Correct OPENAI_API_KEY")
    assert "sk-private" not in analyst.page.content()
