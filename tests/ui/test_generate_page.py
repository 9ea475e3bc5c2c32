"""Generating: what is pasted is stored, becomes one persona, and is never lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services import cached
from services.engines.model.prompts import PROMPT_VERSION
from services.engines.parts import FailedPart, ReadPart
from services.engines.usage import Usage
from services.errors import ModelRefusedError
from services.evidence.schema import Claim
from services.evidence.text.chunking import split_text
from services.generation.parts import get_parts
from services.generation.requests import (
    GenerationRequest,
    NewRequest,
    get_generation_requests,
)
from services.local_supabase.stack import LocalSupabase
from services.settings import get_settings
from tests.isolated import ROOT
from tests.llm_double import SAMPLE_ANSWER, SAMPLE_TEXT, LLMDouble
from tests.supabase_double import Request, SupabaseDouble, coded
from tests.ui.conftest import button, go_to, open_page, run_until, stored_personas, text_of
from tests.waiting import free_port

BOX = "source-text"
TEXT = "Interview with Ana Ruiz, nurse in Leeds. Ana says: I want shorter handovers."


@pytest.fixture
def model(llm_server: LLMDouble, monkeypatch: pytest.MonkeyPatch) -> LLMDouble:
    """The dashboard's engine is the double of the OpenAI API, asked once."""
    monkeypatch.setenv("OPENAI_BASE_URL", llm_server.base_url)
    monkeypatch.setenv("OPENAI_MAX_RETRIES", "0")
    get_settings.cache_clear()
    return llm_server


@pytest.fixture
def own_text() -> Iterator[str]:
    """A text that no other test has scripted an answer for."""
    return f"{SAMPLE_TEXT}\nNote {uuid4().hex}."


def typed(text: str) -> AppTest:
    at = open_page("generate")
    at.text_area(key=BOX).set_value(text).run()
    return at


def submit(at: AppTest) -> AppTest:
    return button(at, "Generate persona").click().run()


def current_request(at: AppTest) -> GenerationRequest:
    (request_id,) = [at.query_params["request"]]
    return get_generation_requests().read(
        request_id if isinstance(request_id, str) else request_id[0]
    )


def is_saved(at: AppTest) -> bool:
    return "Saved:" in text_of(at)


def has_failed(at: AppTest) -> bool:
    return "No persona was saved." in text_of(at)


def stored_request(
    text: str = TEXT, status: str = "failed", spent: dict[str, Any] | None = None
) -> GenerationRequest:
    """A request as a process that is gone has left it."""
    requests = get_generation_requests()
    request = requests.submit(NewRequest(id=uuid4(), raw_text=text, engine="offline"), "gone:1")
    error = "The model did not answer in time."
    requests.close(request.id, "gone:1", status, kind="timeout", error=error, spent=spent)
    st.cache_data.clear()
    return requests.read(request.id)


def test_a_pasted_text_becomes_a_stored_persona() -> None:
    at = run_until(submit(typed(TEXT)), is_saved)
    (persona,) = stored_personas()
    assert persona.raw_text == TEXT
    assert persona.persona["name"] == "Ana Ruiz"
    assert persona.generation and persona.generation["engine"] == "offline"
    assert current_request(at).persona_id == persona.id
    (link,) = (one.proto for one in at.get("page_link") if one.proto.label == "Open and review")
    assert (link.page, link.query_string) == ("persona", f"id={persona.id}")
    assert go_to(at, "persona", id=str(persona.id)).title[0].value == "Ana Ruiz"


def test_the_offline_engine_says_what_it_is() -> None:
    assert "no model is used" in text_of(open_page("generate"))
    assert stored_personas() == []


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_came_to_nothing_says_what_it_took(status: str) -> None:
    usage = {"input_tokens": 1200, "output_tokens": 340, "cached_input_tokens": 0}
    request = stored_request(status=status, spent={"usage": usage, "cost": 0.0123})
    shown = text_of(open_page("generate", request=str(request.id)))
    assert "It took about 1,200 tokens to read and 340 to write, about 0.0123 USD." in shown
    nothing = stored_request(status=status)
    assert "It took" not in text_of(open_page("generate", request=str(nothing.id)))


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n"], ids=repr)
def test_a_blank_text_is_refused(text: str) -> None:
    at = submit(typed(text))
    assert "The text is empty." in text_of(at)
    assert get_generation_requests().unfinished() == []
    assert stored_personas() == []


def test_a_text_with_nul_characters_is_refused_and_kept() -> None:
    at = submit(typed("Ana\x00 Ruiz"))
    assert "NUL characters" in text_of(at)
    assert at.text_area(key=BOX).value == "Ana\x00 Ruiz"
    assert get_generation_requests().unfinished() == []


def test_a_text_that_is_too_long_is_refused_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENERATION_MAX_CHARACTERS", "1000")
    get_settings.cache_clear()
    at = submit(typed("x" * 1001))
    assert "1,001 characters, more than the 1,000" in text_of(at)
    assert at.text_area(key=BOX).value == "x" * 1001
    assert get_generation_requests().unfinished() == []
    at.text_area(key=BOX).set_value("Ana Ruiz is a nurse in Leeds.").run()
    run_until(submit(at), is_saved)
    assert len(stored_personas()) == 1


def test_the_second_click_on_generate_is_the_same_request() -> None:
    at = typed(TEXT)
    first = button(at, "Generate persona")
    first.click().run()
    first.click().run()
    run_until(at, is_saved)
    assert len(stored_personas()) == 1


def test_a_model_s_persona_is_stored_with_its_engine(model: LLMDouble, own_text: str) -> None:
    model.answer(own_text, SAMPLE_ANSWER)
    run_until(submit(typed(own_text)), is_saved)
    (persona,) = stored_personas()
    assert persona.persona["name"] == "Ines Calloway"
    assert persona.raw_text == own_text
    assert persona.generation and persona.generation["engine"] == "openai"


def test_a_failing_engine_keeps_the_text_and_runs_again(model: LLMDouble, own_text: str) -> None:
    model.fail(own_text, 500, match={"sequenceIndex": 0})
    model.answer(own_text, SAMPLE_ANSWER)
    at = run_until(submit(typed(own_text)), has_failed)
    assert "The model server has an internal error." in text_of(at)
    assert at.text_area(key=BOX).value == own_text
    assert current_request(at).status == "failed"
    assert stored_personas() == []
    run_until(button(at, "Run again").click().run(), is_saved)
    (persona,) = stored_personas()
    assert persona.raw_text == own_text
    assert current_request(at).persona_id == persona.id


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, ("The connection to the model server failed", "Check OPENAI_BASE_URL")),
        ((404, "model_not_found"), ("does not know this model", "Set OPENAI_MODEL")),
    ],
    ids=["unreachable", "unknown model"],
)
def test_a_wrong_setting_of_the_model_is_named(
    llm_server: LLMDouble,
    monkeypatch: pytest.MonkeyPatch,
    own_text: str,
    answer: tuple[int, str] | None,
    words: tuple[str, ...],
) -> None:
    address = f"http://127.0.0.1:{free_port()}/v1"
    if answer:
        body = json.dumps({"error": {"message": "no", "code": answer[1]}})
        address = llm_server.raw_base_url(body, status=answer[0], headers={})
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    monkeypatch.setenv("OPENAI_MAX_RETRIES", "0")
    get_settings.cache_clear()
    at = run_until(submit(typed(own_text)), has_failed)
    assert [word for word in words if word not in text_of(at)] == []
    assert at.text_area(key=BOX).value == own_text
    assert stored_personas() == []


def test_a_failed_text_can_be_drafted_offline_instead(model: LLMDouble, own_text: str) -> None:
    model.fail(own_text, 401)
    at = run_until(submit(typed(own_text)), has_failed)
    assert "OPENAI_API_KEY" in text_of(at)
    at.radio(key="engine").set_value("offline").run()
    run_until(at.button(key="generate").click().run(), is_saved)
    (persona,) = stored_personas()
    assert persona.generation and persona.generation["engine"] == "offline"


def test_a_kept_request_is_opened_by_its_address_and_run_again() -> None:
    request = stored_request()
    at = open_page("generate", request=str(request.id))
    assert at.text_area(key=BOX).value == TEXT
    assert "The model did not answer in time." in text_of(at)
    run_until(button(at, "Run again").click().run(), is_saved)
    (persona,) = stored_personas()
    assert persona.raw_text == TEXT
    assert get_generation_requests().read(request.id).persona_id == persona.id


def test_a_kept_request_is_opened_from_the_list() -> None:
    request = stored_request(status="cancelled")
    at = open_page("generate")
    assert "**Cancelled**" in text_of(at)
    at.button(key=f"open-{request.id}").click().run()
    assert at.text_area(key=BOX).value == TEXT
    assert current_request(at).id == request.id


def test_a_discarded_request_is_gone_with_its_text() -> None:
    kept, discarded = stored_request("Kept."), stored_request("Discarded.")
    at = open_page("generate")
    at.button(key=f"discard-{discarded.id}").click().run()
    assert [r.id for r in get_generation_requests().unfinished()] == [kept.id]
    assert f"discard-{discarded.id}" not in [b.key for b in at.button]


def test_what_was_typed_before_a_kept_request_was_opened_can_be_brought_back() -> None:
    request = stored_request()
    at = typed("Half a thought")
    at.button(key=f"open-{request.id}").click().run()
    assert at.text_area(key=BOX).value == TEXT
    button(at, "Bring back the previous text").click().run()
    assert at.text_area(key=BOX).value == "Half a thought"
    assert get_generation_requests().read(request.id).raw_text == TEXT


@pytest.mark.parametrize("request_id", [str(UUID(int=7)), "nonsense", "<script>", "1' or '1'='1"])
def test_an_unknown_request_is_a_message(request_id: str) -> None:
    at = open_page("generate", request=request_id)
    assert not at.exception
    assert len(at.error) == 1
    assert "does not exist" in text_of(at) or "is not a" in text_of(at)


def test_a_running_request_can_be_cancelled(model: LLMDouble, own_text: str) -> None:
    model.answer(own_text, SAMPLE_ANSWER, tokens_per_second=20)
    at = run_until(submit(typed(own_text)), lambda at: bool(at.get("code")))
    assert current_request(at).status == "running"
    button(at, "Cancel").click()
    run_until(at, lambda at: "Cancelled. The text is kept" in text_of(at))
    assert current_request(at).status == "cancelled"
    assert at.text_area(key=BOX).value == own_text
    assert stored_personas() == []


def test_a_request_that_nobody_holds_can_be_cancelled(double: SupabaseDouble) -> None:
    requests, new = (
        get_generation_requests(),
        NewRequest(id=uuid4(), raw_text=TEXT, engine="offline"),
    )
    requests.submit(new, "gone:1")
    requests.hand_back(new.id, "gone:1")
    at = open_page("generate", request=str(new.id))
    with double.answering("generation_requests?", 405, coded("25006"), fits=_is_change):
        button(at, "Cancel").click().run()
    assert not at.exception
    assert requests.read(new.id).status == "queued"
    button(at, "Cancel").click().run()
    run_until(at, lambda at: "Cancelled. The text is kept" in text_of(at))
    assert requests.read(new.id).status == "cancelled"


def test_generate_another_empties_the_box() -> None:
    at = run_until(submit(typed(TEXT)), is_saved)
    button(at, "Generate another").click().run()
    assert at.text_area(key=BOX).value == ""
    assert "request" not in at.query_params
    run_until(submit(at.text_area(key=BOX).set_value("Bo Lind is a baker.").run()), is_saved)
    assert {one.raw_text for one in stored_personas()} == {TEXT, "Bo Lind is a baker."}


def test_typed_text_survives_another_page() -> None:
    at = typed("Half a thought")
    go_to(at, "status")
    assert go_to(at, "generate").text_area(key=BOX).value == "Half a thought"
    assert get_generation_requests().unfinished() == []


def test_a_text_file_goes_into_the_box_and_is_stored() -> None:
    at = open_page("generate")
    at.file_uploader(key="source-file").upload("ana.md", TEXT.encode("utf-16"), "text/markdown")
    at.run()
    assert at.text_area(key=BOX).value == TEXT
    run_until(submit(at), is_saved)
    assert stored_personas()[0].raw_text == TEXT


def test_a_file_that_is_not_text_is_refused() -> None:
    at = open_page("generate")
    at.file_uploader(key="source-file").upload("ana.txt", bytes(range(256)) * 8, "text/plain")
    at.run()
    assert "does not hold plain text" in text_of(at)
    assert at.text_area(key=BOX).value == ""
    assert get_generation_requests().unfinished() == []


def test_a_database_that_went_away_keeps_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    at = typed(TEXT)
    monkeypatch.setattr(cached, "submit_generation", _unreachable)
    submit(at)
    assert "Supabase cannot be reached." in text_of(at)
    assert at.text_area(key=BOX).value == TEXT


def test_a_part_that_could_not_be_read_is_left_out_on_the_analysts_word(
    model: LLMDouble, database: LocalSupabase
) -> None:
    text = f"{SAMPLE_TEXT} Note {uuid4().hex}. " + "Nobody knew why. " * 900
    new = NewRequest(id=uuid4(), raw_text=text, engine="openai")
    request = get_generation_requests().submit(new, "gone:1")
    get_generation_requests().close(request.id, "gone:1", "failed", kind="refused", error="No.")
    maker = f"{get_settings().openai_model} {PROMPT_VERSION}"
    claims = (Claim("name", "Ines Calloway", "Interview with Ines Calloway"),)
    first, second = split_text(text)
    paid = Usage(1_234, 56)
    get_parts().keep(request.id, ReadPart(first.start, first.end, maker, claims, paid))
    fault = ModelRefusedError()
    get_parts().fail(request.id, FailedPart(second.start, second.end, maker, fault))
    at = open_page("generate", request=str(request.id))
    assert "1,234 tokens to read" in text_of(at)
    run_until(button(at, "Go on without this part of the text").click().run(), is_saved)
    (persona,) = stored_personas()
    at = open_page("persona", id=persona.id)
    assert f"Not read: {second.end - second.start:,} of {len(text):,} characters" in text_of(at)
    assert fault.problem in text_of(at)


def test_a_finished_draft_waits_for_the_database_and_the_page_says_so(
    double: SupabaseDouble,
) -> None:
    with double.answering("finish_generation", 503, coded("53300")):
        at = run_until(submit(typed(TEXT)), lambda at: "waiting for the database" in text_of(at))
        assert "Supabase has too much to do at the moment." in text_of(at)
        assert "No persona was saved." not in text_of(at)
    run_until(at, is_saved)
    assert len(stored_personas()) == 1


def test_a_finished_draft_that_a_read_only_database_refused_is_run_again(
    double: SupabaseDouble, database: LocalSupabase
) -> None:
    at = typed(TEXT)
    with double.answering("finish_generation", 405, coded("25006")):
        with double.answering("generation_requests?", 405, coded("25006"), fits=_is_change):
            submit(at)
            run_until(at, lambda _: cached.generation_progress(current_request(at).id) is None)
        with psycopg.connect(database.db_url) as connection:  # as after twenty seconds
            connection.execute(
                "update generation_requests set heartbeat_at = now() - '1m'::interval"
            )
        at.run()
        assert "The draft is finished, but not saved." in text_of(at)
        assert "read-only" in text_of(at)
    run_until(button(at, "Run again").click().run(), is_saved)
    assert len(stored_personas()) == 1


def _is_change(request: Request) -> bool:
    return request.method == "PATCH"


def _unreachable(*_: object) -> None:
    from services.errors import DatabaseUnreachableError

    raise DatabaseUnreachableError


def test_whom_it_is_about_goes_along_and_stands_with_the_request_and_the_persona(
    model: LLMDouble, database: LocalSupabase, own_text: str
) -> None:
    model.answer('what it says about "the night nurse"', SAMPLE_ANSWER)
    at = typed(own_text)
    at.text_input(key="about").set_value("  the night\tnurse ").run()
    run_until(submit(at), is_saved)
    assert current_request(at).about == "the night nurse"
    (persona,) = stored_personas()
    assert persona.generation and persona.generation["about"] == "the night nurse"
    button(at, "Generate another").click().run()
    assert at.text_input(key="about").value == ""


def test_several_people_in_a_text_are_said_and_the_other_is_drafted_by_a_click() -> None:
    text = (ROOT / "tests" / "texts" / "11_two_people.txt").read_text("utf-8").strip()
    at = run_until(submit(typed(text)), is_saved)
    assert (
        "This text seems to speak of several people: **Beatriz Quental** and **Rui Salgado**. "
        "The persona is about **Beatriz Quental**."
    ) in text_of(at)
    button(at, "Draft Rui Salgado").click().run()
    run_until(at, lambda at: "Saved: Rui Salgado" in text_of(at))
    assert "The persona is about **Rui Salgado**." in text_of(at)
    assert at.text_input(key="about").value == "Rui Salgado"
    assert {one.persona["name"] for one in stored_personas()} == {"Beatriz Quental", "Rui Salgado"}
