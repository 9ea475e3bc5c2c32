"""A full disk, a killed database and a killed gateway: what the pages say, and that all comes back.

On a local Supabase of its own, whose data lie on a small file system in memory. Mounting that needs
root; without, these tests are skipped.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui.components.json_editor import route
from services.database import client as database_client
from services.database import close_database, reset_supabase_client
from services.database.client import get_local_supabase
from services.personas import Persona, PersonaCreate, get_persona_repository
from services.settings import get_settings
from tests.ui.conftest import button, listed_names, open_page, text_of
from tests.waiting import eventually

SIZE = "180m"  # an empty database takes 40 MB, and writes its log in pieces of 16
PAGES = ("personas", "persona", "generate", "review", "import_", "trash", "status")


class Stack:
    """The local Supabase of this process, on the small disk in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill_the_disk(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 1_000_000)
            except OSError:
                pass

    def free_the_disk(self) -> None:
        self._filler.unlink()

    def kill_postgres(self) -> None:
        pid = (self.folder / "postgres" / "postmaster.pid").read_text().split()[0]
        psutil.Process(int(pid)).kill()

    def leave_no_room_to_start(self) -> None:
        """Not even for the file that says where the server listens."""
        (self.folder / "postgres" / "postmaster.pid").unlink(missing_ok=True)
        self.fill_the_disk()

    def kill_gateway(self) -> None:
        get_local_supabase()._gateway._process.kill()


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, stack_folder: Path) -> Iterator[Stack]:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(stack_folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    for name in ("SUPABASE_URL", "SUPABASE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOCAL_SUPABASE_DIR", str(stack_folder))
    get_settings.cache_clear()
    reset_supabase_client()
    assert database_client._local is None
    try:
        yield Stack(stack_folder)
    finally:
        close_database()
        subprocess.run(["umount", "-l", str(stack_folder)], check=True)


def add(name: str, text: str = "Ada said so.") -> Persona:
    return get_persona_repository().create(PersonaCreate(raw_text=text, persona={"name": name}))


def see(page: str, persona: Persona) -> str:
    """What the page says now, to a session that knows nothing yet."""
    st.cache_data.clear()
    at = open_page(page, **({"id": str(persona.id)} if page == "persona" else {}))
    shown = text_of(at)
    assert not at.exception
    for wrong in (
        "internal error",
        "Something went wrong",
        "Traceback",
        "tables are missing",
        "SUPABASE_URL",
    ):
        assert wrong not in shown, (page, shown)
    return shown


def edit(persona: Persona, text: str) -> AppTest:
    at = open_page("persona", id=str(persona.id), view="edit", **{"as": "json"})
    return at.text_area(key=f"editor-{persona.id}").set_value(text).run()


def test_full_and_killed_the_pages_say_so_and_everything_is_there_afterwards(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(route, "_PACKAGE", tmp_path)
    ada = add("Ada")
    typed = '{"name": "Ada Byron", "notes": "' + "x" * 500_000 + '"}'
    at = edit(ada, typed)

    stack.fill_the_disk()
    button(at, "Save changes").click().run()
    assert "is full: nothing can be stored" in text_of(at)
    for page in PAGES:  # what is stored can still be read
        see(page, ada)

    stack.kill_postgres()
    stack.leave_no_room_to_start()
    stack.kill_gateway()
    eventually(lambda: get_local_supabase().fault)
    for page in PAGES:
        shown = see(page, ada)
        assert "is full" in shown or page in ("generate", "import_"), (page, shown)
    assert "is full" in text_of(at.run())

    stack.free_the_disk()
    eventually(lambda: database_client.get_supabase_client().is_connected())
    at.run()
    assert at.text_area(key=f"editor-{ada.id}").value == typed
    button(at, "Save changes").click().run()
    assert get_persona_repository().read(ada.id).persona["name"] == "Ada Byron"
    add("Bo")
    assert sorted(listed_names(open_page("personas"))) == ["Ada Byron", "Bo"]


@pytest.mark.parametrize("killed", ["postgres", "gateway", "both"])
def test_killed_the_pages_say_that_it_is_started_again(stack: Stack, killed: str) -> None:
    ada = add("Ada")
    at = open_page("persona", id=str(ada.id))
    if killed != "gateway":
        stack.kill_postgres()
    if killed != "postgres":
        stack.kill_gateway()
    for page in PAGES:
        shown = see(page, ada)
        assert "cannot be reached" not in shown or "started again" in shown, (page, shown)
    eventually(lambda: database_client.get_supabase_client().is_connected())
    st.cache_data.clear()
    assert "cannot be reached" not in text_of(at.run())
    assert listed_names(open_page("personas")) == ["Ada"]
