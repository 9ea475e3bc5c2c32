"""The pages run by AppTest, over the real local Supabase, with nothing left from other tests."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from pandas import DataFrame
from streamlit.testing.v1 import AppTest

from services import cached
from services.local_supabase.stack import LocalSupabase
from services.personas import Persona, PersonaCreate, get_persona_repository
from tests.waiting import PATIENCE_SECONDS, eventually

MAIN = Path(__file__).resolve().parents[2] / "pages" / "_main.py"


@pytest.fixture(autouse=True)
def fresh_dashboard(database: LocalSupabase) -> Iterator[None]:
    """Empty tables, empty caches, no background work: before the test and after it."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    cached.stop_runner()
    st.cache_data.clear()


def open_page(name: str, **query: str) -> AppTest:
    """A new browser session that opens the address `/name?query`."""
    at = AppTest.from_file(str(MAIN), default_timeout=PATIENCE_SECONDS)
    if name == "personas":  # the default page: its own address, in one run
        at.query_params.update(query)
        return at.run()
    return go_to(at.run(), name, **query)


def go_to(at: AppTest, name: str, **query: str) -> AppTest:
    """The same session goes to another page."""
    at.switch_page(f"{name}.py")
    at.query_params = dict(query)
    return at.run()


def store(*personas: dict[str, Any], raw_text: str = "What somebody said.") -> list[Persona]:
    """Store personas in this order: the last one is the newest."""
    repository = get_persona_repository()
    stored = [
        repository.create(PersonaCreate(raw_text=raw_text, persona=persona)) for persona in personas
    ]
    st.cache_data.clear()
    return stored


def stored_personas() -> list[Persona]:
    return list(get_persona_repository().iterate())


def text_of(at: AppTest) -> str:
    """Everything a reader sees on the page, without markup, one element a line."""
    values = (_text(element) for element in at._tree)
    return "\n".join(value for value in values if value)


def _text(element: Any) -> str:
    """What an element says; `plain` is undone, as the browser does."""
    if element.type == "bidi_component":
        return "".join(_strings(json.loads(element.proto.json)))
    if element.type == "html":
        return html.unescape(re.sub(r"<style>.*</style>|<[^>]+>", "", element.proto.body))
    if element.type == "space":
        return ""
    if element.type in ("button", "download_button", "page_link"):
        return str(element.proto.label)
    value = getattr(element, "value", None)
    if isinstance(value, DataFrame):
        return str(value.to_string())
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", str(value or "")).replace("\u2060", "")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from _strings(child)
    elif isinstance(value, str):
        yield value


def component_data(at: AppTest, key_prefix: str) -> dict[str, Any]:
    """What a component of ours was given to draw. Raises AssertionError if it is not drawn."""
    for element in at._tree:
        if str(getattr(element, "key", None)).startswith(key_prefix):
            data: dict[str, Any] = json.loads(element.proto.json)
            return data
    raise AssertionError(f"{key_prefix} is not on the page")


def listed_names(at: AppTest) -> list[str]:
    """The names in the list of personas, from top to bottom."""
    return [row["name"] for row in component_data(at, "table-")["rows"]]


def button(at: AppTest, label: str) -> Any:
    """The button with this label. Raises AssertionError if there is none."""
    found = [button for button in at.button if button.label == label]
    assert found, f"no button {label!r} among {[button.label for button in at.button]}"
    return found[0]


def run_until(at: AppTest, ready: Callable[[AppTest], bool]) -> AppTest:
    """Let the page follow the background work, as its polling does, until `ready`."""
    eventually(lambda: ready(at.run()))
    return at
