"""The database is away: every page says so and what to do, keeps what was typed, and goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui.components.json_editor import route
from services.database import reset_supabase_client
from services.settings import get_settings
from tests.ui.conftest import listed_names, open_page, store, text_of
from tests.waiting import free_port

Switch = Callable[[bool], None]
PAGES = ("personas", "persona", "generate", "review", "import_", "trash", "status")


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    """Takes the database away (nobody listens where it was), and brings it back."""
    real = get_settings().supabase_url or ""

    def switch(gone: bool) -> None:
        monkeypatch.setenv("SUPABASE_URL", f"http://127.0.0.1:{free_port()}" if gone else real)
        get_settings.cache_clear()
        reset_supabase_client()
        st.cache_data.clear()

    yield switch
    switch(False)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_says_so_and_what_to_do(away: Switch, page: str) -> None:
    (ada,) = store({"name": "Ada"})
    away(True)
    at = open_page(page, **({"id": str(ada.id)} if page == "persona" else {}))
    shown = text_of(at)
    assert not at.exception
    assert "internal error" not in shown
    assert "Something went wrong" not in shown
    assert "tables are missing" not in shown
    if page not in ("generate", "import_"):  # which can be used, up to the click that stores
        assert "cannot be reached" in shown
    away(False)
    assert "cannot be reached" not in text_of(at.run())


def test_what_was_typed_into_the_editor_stays(
    away: Switch, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(route, "_PACKAGE", tmp_path)
    (ada,) = store({"name": "Ada"})
    at = open_page("persona", id=str(ada.id), view="edit", **{"as": "json"})
    at.text_area(key=f"editor-{ada.id}").set_value('{"name": "Ada B').run()
    away(True)
    at.run()
    assert "cannot be reached" in text_of(at)
    assert "What you typed stays" in text_of(at)
    at.run()
    away(False)
    at.run()
    assert at.text_area(key=f"editor-{ada.id}").value == '{"name": "Ada B'


def test_what_was_typed_for_a_generation_stays_and_is_stored_when_it_is_back(away: Switch) -> None:
    at = open_page("generate")
    at.text_area[0].set_value("I am Ada Byron.").run()
    away(True)
    at = press(at, "Generate persona")
    assert "cannot be reached" in text_of(at)
    assert at.text_area[0].value == "I am Ada Byron."
    away(False)
    at = press(at, "Generate persona")
    assert "cannot be reached" not in text_of(at)


def test_the_list_comes_back_with_its_search(away: Switch) -> None:
    store({"name": "Ada"}, {"name": "Bo"})
    at = open_page("personas", q="Bo")
    assert listed_names(at) == ["Bo"]
    away(True)
    assert "cannot be reached" in text_of(at.run())
    away(False)
    assert listed_names(at.run()) == ["Bo"]


def press(at: AppTest, label: str) -> AppTest:
    (found,) = [one for one in at.button if one.label == label]
    return found.click().run()
