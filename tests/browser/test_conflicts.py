"""Two browsers on the same persona: fields merge by themselves, one field asks, nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.analyst import Analyst
from tests.browser.conftest import VIEWPORT
from tests.browser.dashboard import Dashboard

ADA = {"name": "Ada Byron", "role": "analyst", "location": "London", "goals": ["maths"]}


@pytest.fixture
def ada(dashboard: Dashboard) -> UUID:
    ((persona_id,),) = dashboard.sql(
        "insert into personas (raw_text, persona, created_by) values (%s, %s, 'ann') returning id",
        ["Ada Byron is an analyst.", json.dumps(ADA)],
    )
    return UUID(str(persona_id))


@pytest.fixture
def newcomer(browser: Browser, dashboard: Dashboard) -> Iterator[Callable[[], Analyst]]:
    """Somebody else, in a browser of their own."""
    contexts = []

    def open_browser() -> Analyst:
        contexts.append(browser.new_context(viewport=VIEWPORT))
        return Analyst(contexts[-1].new_page(), dashboard)

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture
def two(newcomer: Callable[[], Analyst], ada: UUID) -> tuple[Analyst, Analyst]:
    """Two analysts who have opened the same version in the editor."""
    pair = newcomer(), newcomer()
    for one in pair:
        one.open(f"persona?id={ada}")
        one.edit_json()
    return pair


def edit(analyst: Analyst, **fields: Any) -> None:
    analyst.write_json(json.dumps({**ADA, **fields}))
    expect(analyst.button("Save changes")).to_be_enabled()


def stored(dashboard: Dashboard, persona_id: UUID) -> dict[str, Any]:
    ((persona,),) = dashboard.sql("select persona from personas where id = %s", [persona_id])
    return dict(persona)


def saved_versions(dashboard: Dashboard, persona_id: UUID) -> list[str]:
    rows = dashboard.sql(
        "select origin ->> 'kind' from persona_versions where persona_id = %s order by version",
        [persona_id],
    )
    return [kind for (kind,) in rows]


def toast(analyst: Analyst) -> Locator:
    return analyst.page.get_by_test_id("notice")


def test_different_fields_merge_by_themselves(
    two: tuple[Analyst, Analyst], dashboard: Dashboard, ada: UUID
) -> None:
    first, second = two
    edit(first, role="countess")
    edit(second, location="Bath", goals=["maths", "rest"])
    first.button("Save changes").click()
    expect(toast(first)).to_contain_text("Saved.")
    second.button("Save changes").click()
    expect(toast(second)).to_contain_text("Saved, merged with the changes of browser-")
    merged = {**ADA, "role": "countess", "location": "Bath", "goals": ["maths", "rest"]}
    assert stored(dashboard, ada) == merged
    assert saved_versions(dashboard, ada) == ["created", "edited", "merged"]
    expect(second.page.get_by_text("No changes against the stored version.")).to_be_visible()


def test_the_same_field_asks_and_nothing_is_lost_on_either_side(
    two: tuple[Analyst, Analyst], dashboard: Dashboard, ada: UUID
) -> None:
    first, second = two
    edit(first, role="countess", location="Bath")
    edit(second, role="mathematician", age=36)
    first.button("Save changes").click()
    expect(toast(first)).to_contain_text("Saved.")
    second.button("Save changes").click()
    expect(second.page.get_by_text("you both changed one field")).to_be_visible()
    assert stored(dashboard, ada) == {**ADA, "role": "countess", "location": "Bath"}
    for words in ("analyst", "countess", "mathematician", "Location", "Age"):
        expect(second.page.get_by_text(words, exact=False).first).to_be_visible()
    expect(second.button("Save merged")).to_be_disabled()

    second.button("Back to my text").click()
    box = second.page.get_by_role("textbox", name="Persona as JSON")
    expect(box).to_contain_text("mathematician")
    expect(second.page.get_by_text("Saving brings both together.")).to_be_visible()
    second.button("Save changes").click()

    second.page.get_by_text("Keep mine").click()
    second.button("Save merged").click()
    expect(toast(second)).to_contain_text("Saved, merged with")
    merged = {**ADA, "role": "mathematician", "location": "Bath", "age": 36}
    assert stored(dashboard, ada) == merged
    assert saved_versions(dashboard, ada) == ["created", "edited", "merged"]


def test_who_only_looks_is_told_and_unsaved_text_stays(
    two: tuple[Analyst, Analyst], dashboard: Dashboard, ada: UUID
) -> None:
    first, second = two
    edit(first, role="countess")
    edit(second, role="half a wo")
    first.button("Save changes").click()
    note = second.page.get_by_text("Version 2 was saved meanwhile; this is 1.")
    expect(note).to_be_visible()
    second.button("Show it").click()
    expect(second.page.get_by_text("You are editing version 1")).to_be_visible()
    box = second.page.get_by_role("textbox", name="Persona as JSON")
    expect(box).to_contain_text("half a wo")
    assert stored(dashboard, ada)["role"] == "countess"


def test_deleted_while_somebody_edits(
    two: tuple[Analyst, Analyst], dashboard: Dashboard, ada: UUID
) -> None:
    first, second = two
    edit(second, role="mathematician")
    first.more("Delete")
    first.button("Delete persona").click()
    expect(first.heading()).to_have_text("Personas")
    second.button("Save changes").click()
    expect(second.heading()).to_have_text("In the trash")
    assert stored(dashboard, ada) == ADA
    second.button("Restore").click()
    expect(second.page.get_by_role("heading", name="Ada Byron")).to_be_visible()
    second.settled()
    expect(second.edit_json()).to_contain_text("mathematician")
    second.button("Save changes").click()
    expect(toast(second)).to_contain_text("Saved")
    assert stored(dashboard, ada) == {**ADA, "role": "mathematician"}


def test_back_to_an_old_version_and_out_of_sight(
    newcomer: Callable[[], Analyst], dashboard: Dashboard, ada: UUID
) -> None:
    analyst = newcomer()
    dashboard.sql('update personas set persona = \'{"name": "X"}\' where id = %s', [ada])
    analyst.open(f"persona?id={ada}")
    analyst.page.get_by_role("radio", name="History").or_(analyst.button("History")).click()
    analyst.button("Restore version 1").click()
    expect(toast(analyst)).to_contain_text("Version 1 is restored, as version 3.")
    expect(analyst.heading()).to_have_text("Ada Byron")
    ((equal,),) = dashboard.sql(
        "select count(distinct persona::text) = 1 from persona_versions"
        " where persona_id = %s and version in (1, 3)",
        [ada],
    )
    assert equal
    analyst.more("Delete")
    analyst.button("Delete persona").click()
    expect(analyst.heading()).to_have_text("Personas")
    analyst.open("trash")
    analyst.button("Erase").first.click()
    analyst.button("Erase for good").click()
    expect(analyst.button("Erase for good")).to_have_css("background-color", "rgb(179, 38, 30)")
    expect(analyst.page.get_by_text("Nothing was erased")).to_be_visible()
    assert dashboard.sql("select 1 from personas where id = %s", [ada])
    analyst.page.get_by_label("Type the name or the word erase").fill("Ada Byron")
    analyst.button("Erase for good").click()
    expect(toast(analyst)).to_contain_text("Erased for good.")
    assert not dashboard.sql("select 1 from persona_versions where persona_id = %s", [ada])
