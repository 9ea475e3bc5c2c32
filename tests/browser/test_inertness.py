"""What people paste is data: shown as it is, stored exactly, never run."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.analyst import Analyst
from tests.csv_personas import from_csv

ATTACK = "\"'><script>window.XSS=1</script><img src=x onerror='window.XSS=2'>"
HOSTILE = {
    "markup": ATTACK + "<style>body{display:none}</style><iframe src='javascript:parent.XSS=3'>",
    "markdown": "# Big\n\n**bold** [link](javascript:window.XSS=4) :material/home: $x^2$ :red[red]",
    "formula": '=HYPERLINK("http://evil.example","click")',
    "emoji": "👩🏽‍🚀 🏳️‍🌈 e\u0301 \U0001f9d1\u200d\U0001f4bb",
    "right to left": "שלום עולם\nمرحبا بالعالم \u202eevil\u202c",
    "quotes and newlines": "\"double\" 'single' `back` \\ back\\nslash\n\n\ttab  two spaces",
}


def hostile_persona(text: str) -> dict[str, object]:
    return {
        "name": text,
        "role": text,
        "summary": text,
        "goals": [text, "=1+1"],
        "deep": {"er": [text]},
        text: text,
    }


def store(analyst: Analyst, raw_text: str, persona: dict[str, object]) -> str:
    ((persona_id,),) = analyst.dashboard.sql(
        "insert into personas (raw_text, persona) values (%s, %s) returning id::text",
        [raw_text, json.dumps(persona)],
    )
    return str(persona_id)


def assert_inert(analyst: Analyst) -> None:
    """Nothing ran, and the page still works."""
    assert analyst.page.evaluate("window.XSS") is None
    expect(analyst.menu("Personas")).to_be_visible()
    assert "Traceback" not in analyst.page.locator("body").inner_text()


@pytest.fixture
def dialogs(analyst: Analyst) -> list[str]:
    """What alert() and its kind said; must stay empty."""
    said: list[str] = []

    def note(dialog: object) -> None:
        said.append(str(dialog))

    analyst.page.on("dialog", note)
    return said


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_persona_is_shown_and_kept(
    analyst: Analyst, dialogs: list[str], kind: str
) -> None:
    text = HOSTILE[kind]
    persona = hostile_persona(text)
    persona_id = store(analyst, text, persona)
    analyst.open(f"persona?id={persona_id}")
    expect(analyst.heading()).to_be_visible()
    assert_inert(analyst)
    box = analyst.edit_json()
    expect(box).to_contain_text('"deep"')
    assert_inert(analyst)
    analyst.write_json(json.dumps({**persona, "reviewed": True}, ensure_ascii=False))
    analyst.button("Save changes").click()
    expect(analyst.button("Save changes")).to_be_disabled()
    stored = analyst.dashboard.sql(
        "select raw_text, persona from personas where id = %s", [persona_id]
    )
    assert stored == [(text, {**persona, "reviewed": True})]
    analyst.menu("Personas").click()
    expect(analyst.listed().first).to_be_visible()
    assert_inert(analyst)
    exported = {str(one.id): one for one in from_csv(analyst.download_csv())}
    assert exported[persona_id].persona == {**persona, "reviewed": True}
    assert exported[persona_id].raw_text == text
    assert dialogs == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_is_generated_from_and_stored_exactly(
    analyst: Analyst, dialogs: list[str], kind: str
) -> None:
    text = f"Interview with Ana Ruiz, nurse in Leeds.\n{HOSTILE[kind]}\n"
    analyst.generate(text)
    persona_id = analyst.open_saved()
    analyst.settled()
    assert_inert(analyst)
    stored = analyst.dashboard.sql("select raw_text from personas where id = %s", [persona_id])
    assert stored == [(text,)]
    assert dialogs == []


def test_a_megabyte_of_text(analyst: Analyst) -> None:
    line = "Ana Ruiz is a nurse in Leeds. <b>She</b> wants shorter handovers, =1+1. "
    text = (line * (1_000_000 // len(line) + 1))[:1_000_000]
    analyst.generate(text)
    persona_id = analyst.open_saved()
    analyst.settled()
    assert_inert(analyst)
    stored = analyst.dashboard.sql("select raw_text from personas where id = %s", [persona_id])
    assert stored[0][0] == text
    analyst.edit_json()
    analyst.menu("Personas").click()
    expect(analyst.listed().first).to_be_visible()
