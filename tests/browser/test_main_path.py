"""The main job in a real browser on the real dashboard: from a pasted text to the CSV."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from services.evidence.summary import write_summary
from services.generation.requests import STALE_AFTER
from tests.browser.analyst import Analyst
from tests.browser.dashboard import Dashboard
from tests.csv_personas import from_csv
from tests.isolated import ROOT
from tests.llm_double import SAMPLE_ANSWER, SAMPLE_TEXT, LLMDouble

INTERVIEW = (ROOT / "pages" / "samples" / "interview.txt").read_text("utf-8")
SLOW = 5  # tokens a second: the answer takes 20 seconds, enough to do something meanwhile
MANY = 1500
RESTARTED_SECONDS = STALE_AFTER.total_seconds() + 25


def own_text(base: str = SAMPLE_TEXT) -> str:
    """A text no other test has used."""
    return f"{base}\nNote {uuid4().hex}."


def reload_until(
    analyst: Analyst, path: str, seen: Callable[[], bool], seconds: float, pause: float = 0.5
) -> None:
    """Open the address again and again, as somebody who waits does."""
    give_up = time.monotonic() + seconds
    analyst.open(path)
    while not seen():
        assert time.monotonic() < give_up, analyst.page.get_by_test_id("stMain").inner_text()
        time.sleep(pause)
        analyst.open(path)


def personas_of(dashboard: Dashboard, text: str) -> list[tuple[str, dict[str, object]]]:
    """Id and JSON of every persona stored for this text."""
    rows = dashboard.sql("select id::text, persona from personas where raw_text = %s", [text])
    return [(row[0], row[1]) for row in rows]


def correct_and_export(analyst: Analyst, persona_id: str, text: str) -> None:
    """Edit the open persona, wrongly and rightly; it is listed first and stands in the CSV."""
    page, dashboard = analyst.page, analyst.dashboard
    stored = dict(personas_of(dashboard, text))[persona_id]
    expect(analyst.edit_json()).to_contain_text(str(stored["name"]))
    analyst.write_json('{\n  "name": "Nadia King",\n  "role": captain\n}')
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("Not saved")
    expect(refusal).to_contain_text(re.compile("line 3", re.IGNORECASE))
    expect(analyst.button("Save changes")).to_be_disabled()
    assert dict(personas_of(dashboard, text))[persona_id] == stored

    corrected = {**stored, "name": f"Nadia {uuid4().hex[:6]}", "role": "captain"}
    typed = dict(corrected)
    corrected["summary"] = write_summary(corrected)  # nobody wrote it: it follows the claims
    analyst.write_json(json.dumps(typed, indent=2))
    expect(page.get_by_text("2 unsaved changes")).to_be_visible()
    analyst.button("Save changes").click()
    expect(analyst.heading()).to_have_text(str(corrected["name"]))
    expect(analyst.button("Save changes")).to_be_disabled()
    assert dict(personas_of(dashboard, text))[persona_id] == corrected

    analyst.menu("Personas").click()
    expect(analyst.listed().first).to_have_text(str(corrected["name"]))
    exported = {str(one.id): one for one in from_csv(analyst.download_csv())}
    assert exported[persona_id].persona == corrected
    assert exported[persona_id].raw_text == text


class TestFromTextToCsv:
    def test_offline(self, analyst: Analyst) -> None:
        text = own_text(INTERVIEW)
        analyst.generate(text)
        persona_id = analyst.open_saved()
        expect(analyst.heading()).to_have_text("Nadia Ferreira")
        analyst.page.go_back()
        expect(analyst.saved()).to_be_visible()
        analyst.page.go_forward()
        expect(analyst.heading()).to_have_text("Nadia Ferreira")
        correct_and_export(analyst, persona_id, text)

    def test_with_a_model_and_its_output_live(
        self, model_analyst: Analyst, llm_server: LLMDouble
    ) -> None:
        text = own_text()
        llm_server.answer(text, SAMPLE_ANSWER, tokens_per_second=SLOW)
        model_analyst.generate(text)
        expect(model_analyst.page.get_by_test_id("stCode")).to_contain_text('"name"')
        persona_id = model_analyst.open_saved()
        expect(model_analyst.heading()).to_have_text("Ines Calloway")
        correct_and_export(model_analyst, persona_id, text)

    def test_the_sample_text_is_one_click_away(self, analyst: Analyst) -> None:
        analyst.open("generate")
        analyst.page.get_by_role("button", name=re.compile("sample", re.IGNORECASE)).click()
        expect(analyst.text_box()).to_have_value(INTERVIEW.strip())

    def test_delete_asks_first(self, analyst: Analyst) -> None:
        text = own_text(INTERVIEW)
        analyst.generate(text)
        analyst.open_saved()
        analyst.more("Delete")
        analyst.button("Cancel").click()
        expect(analyst.page.get_by_role("dialog")).to_have_count(0)
        assert len(personas_of(analyst.dashboard, text)) == 1
        analyst.more("Delete")
        analyst.button("Delete persona").click()
        expect(analyst.heading()).to_have_text("Personas")
        in_trash = "select deleted_at is not null from personas where raw_text = %s"
        assert analyst.dashboard.sql(in_trash, [text]) == [(True,)]


class TestNothingIsLost:
    def test_two_quick_clicks_make_one_persona(self, analyst: Analyst) -> None:
        text = own_text(INTERVIEW)
        analyst.open("generate")
        analyst.paste(text)
        analyst.button("Generate persona").dblclick()
        expect(analyst.saved()).to_be_visible()
        assert len(personas_of(analyst.dashboard, text)) == 1

    def test_a_reload_in_the_middle(self, model_analyst: Analyst, llm_server: LLMDouble) -> None:
        text = own_text()
        llm_server.answer(text, SAMPLE_ANSWER, tokens_per_second=SLOW)
        model_analyst.generate(text)
        expect(model_analyst.page.get_by_test_id("stCode")).to_be_visible()
        model_analyst.reload()
        model_analyst.open_saved()
        assert len(personas_of(model_analyst.dashboard, text)) == 1

    def test_a_closed_tab(
        self, browser: Browser, model_analyst: Analyst, llm_server: LLMDouble
    ) -> None:
        text = own_text()
        llm_server.answer(text, SAMPLE_ANSWER, tokens_per_second=SLOW)
        request_id = model_analyst.generate(text)
        expect(model_analyst.page.get_by_test_id("stCode")).to_be_visible()
        model_analyst.page.close()
        context = browser.new_context()
        later = Analyst(context.new_page(), model_analyst.dashboard)
        later.open(f"generate?request={request_id}")
        later.open_saved()
        context.close()
        assert len(personas_of(model_analyst.dashboard, text)) == 1

    def test_typed_text_survives_another_page(self, analyst: Analyst) -> None:
        analyst.open("generate")
        analyst.paste("Half a thought about Ada")
        analyst.menu("Personas").click()
        expect(analyst.heading()).to_have_text("Personas")
        analyst.menu("Generate").click()
        expect(analyst.text_box()).to_have_value("Half a thought about Ada")

    def test_a_fault_of_the_model_keeps_the_text_in_the_box(
        self, model_analyst: Analyst, llm_server: LLMDouble
    ) -> None:
        text = own_text()
        llm_server.fail(text, 500, match={"sequenceIndex": 0})
        llm_server.answer(text, SAMPLE_ANSWER)
        model_analyst.generate(text)
        expect(model_analyst.page.get_by_role("alert")).to_contain_text("No persona was saved.")
        expect(model_analyst.text_box()).to_have_value(text)
        model_analyst.button("Run again").click()
        model_analyst.open_saved()
        assert len(personas_of(model_analyst.dashboard, text)) == 1

    def test_kill_9_in_the_middle(self, page: Page, llm_server: LLMDouble) -> None:
        """Its own dashboard: what others see after a crash is not the matter here."""
        dashboard = Dashboard(OPENAI_BASE_URL=llm_server.base_url, OPENAI_MAX_RETRIES="0")
        try:
            dashboard.start()
            kill_and_start_again(Analyst(page, dashboard), llm_server)
        finally:
            dashboard.remove()


def kill_and_start_again(analyst: Analyst, llm_server: LLMDouble) -> None:
    page, dashboard = analyst.page, analyst.dashboard
    earlier, text = own_text(INTERVIEW), own_text()
    llm_server.answer(earlier, SAMPLE_ANSWER)
    llm_server.answer(text, SAMPLE_ANSWER, tokens_per_second=4, match={"sequenceIndex": 0})
    llm_server.answer(text, SAMPLE_ANSWER)
    analyst.generate(earlier)
    analyst.open_saved()
    request_id = analyst.generate(text)
    expect(page.get_by_test_id("stCode")).to_be_visible()
    page.goto("about:blank")
    dashboard.kill()
    dashboard.start()

    assert len(personas_of(dashboard, earlier)) == 1  # a restart keeps the data
    assert personas_of(dashboard, text) == []
    page.goto(f"{dashboard.url}/generate?request={request_id}")
    expect(page.get_by_text("goes on with it by itself").or_(analyst.saved())).to_be_visible(
        timeout=RESTARTED_SECONDS * 1000
    )
    saved = analyst.saved()
    again = f"generate?request={request_id}"
    reload_until(analyst, again, saved.is_visible, RESTARTED_SECONDS, pause=4)
    analyst.open_saved()
    assert len(personas_of(dashboard, text)) == 1
    assert dashboard.sql("select status from generation_requests where id = %s", [request_id]) == [
        ("saved",)
    ]


class TestManyPersonas:
    @pytest.fixture
    def many(self, analyst: Analyst) -> Analyst:
        """Exactly 1,500 personas, the newest with the highest number."""
        analyst.dashboard.empty()
        analyst.dashboard.sql(
            "insert into personas (raw_text, persona, created_at)"
            " select 'Text ' || n, jsonb_build_object('name', 'Persona ' || n),"
            " now() - interval '1 hour' + n * interval '1 millisecond'"
            " from generate_series(1, %s) as n",
            [MANY],
        )
        shown = analyst.page.get_by_text(f"of {MANY:,}, newest first")
        reload_until(analyst, "?size=100", shown.is_visible, 10)
        return analyst

    def test_the_list_pages_through_all_and_the_csv_holds_all(self, many: Analyst) -> None:
        names: list[str] = []
        for number in range(1, MANY // 100 + 1):
            if number > 1:
                many.button("Next page").click()
            expect(many.listed().first).to_have_text(f"Persona {MANY - (number - 1) * 100}")
            names += many.listed().all_text_contents()
        assert names == [f"Persona {n}" for n in range(MANY, 0, -1)]
        expect(many.button("Next page")).to_be_disabled()

        many.button("Export").click()
        expect(many.page.get_by_role("dialog")).to_contain_text("1,500 personas")
        with many.page.expect_download() as download:
            many.download_link().click()
        exported = list(from_csv(download.value.path().read_bytes()))
        assert {one.persona["name"] for one in exported} == set(names)
        assert len(exported) == MANY

    def test_the_last_page_and_back(self, many: Analyst) -> None:
        many.button("Last page").click()
        expect(many.listed().last).to_have_text("Persona 1")
        expect(many.page).to_have_url(re.compile(r"[?&]at=\w+"))
        address = many.page.url
        many.page.goto(address)
        expect(many.listed().last).to_have_text("Persona 1")
        many.listed().last.click()
        expect(many.heading()).to_have_text("Persona 1")
        many.back_to_list()
        expect(many.listed().last).to_have_text("Persona 1")
        expect(many.page).to_have_url(address)
