"""The page of one batch, and the list of batches. The database decides; what workers do is written
into it here."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui.csv_file import csv_file
from services.database import get_supabase_client
from services.generation.batches import Batch, NewBatch, NewItem, get_batches
from services.local_supabase.stack import LocalSupabase
from services.personas import Persona
from services.settings import get_settings
from tests.ui.conftest import button, go_to, listed_names, open_page, store, text_of
from tests.waiting import free_port


def made(texts: int, *, start: bool = True, **columns: Any) -> Batch:
    """A batch of so many texts that nobody works on."""
    new = NewBatch(id=uuid4(), name="Interviews", engine="openai", created_by="ann", **columns)
    get_batches().create(new)
    items = [
        NewItem(position=n, raw_text=f"Text {n} of somebody.", label=f"{n}.txt")
        for n in range(texts)
    ]
    get_batches().enqueue(new.id, items)
    if start:
        get_batches().change(new.id, "start")
    return get_batches().read(new.id)


def write(batch: Batch, position: int, **columns: Any) -> None:
    """What a worker leaves of one text."""
    table = get_supabase_client().client.table("generation_requests")
    table.update(columns).eq("batch_id", str(batch.id)).eq("position", position).execute()
    st.cache_data.clear()


def fail(batch: Batch, position: int, kind: str, error: str) -> None:
    write(batch, position, status="failed", error_kind=kind, error=error)


def save(batch: Batch, position: int, persona: Persona) -> None:
    write(batch, position, status="saved", persona_id=str(persona.id))


def page_of(batch: Batch) -> AppTest:
    return open_page("batch", id=str(batch.id))


def state(batch: Batch) -> str:
    return get_batches().read(batch.id).state


def test_a_batch_whose_model_server_is_away_says_so_at_once(
    database: LocalSupabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    get_settings.cache_clear()
    batch = made(3)
    with psycopg.connect(database.db_url) as connection:
        connection.execute(
            "update generation_batches set created_at = now() - interval '1 minute' where id = %s",
            [batch.id],
        )
    shown = text_of(page_of(batch))
    assert "nothing is being drafted just now: The connection to the model server failed" in shown


def test_a_batch_is_paused_resumed_and_cancelled_after_a_question() -> None:
    batch = made(3)
    at = page_of(batch)
    assert not at.exception
    assert "Running" in text_of(at)
    assert "3 texts" in text_of(at)
    button(at, "Pause").click().run()
    assert state(batch) == "paused"
    assert "Nothing is drafted until you resume." in text_of(at)
    at = page_of(batch)
    button(at, "Resume").click().run()
    assert state(batch) == "running"
    at = page_of(batch)
    button(at, "Cancel").click().run()
    assert state(batch) == "running"
    button(at, "Keep going").click().run()
    assert "Cancel the batch" not in [one.label for one in at.button]
    button(at, "Cancel").click().run()
    button(at, "Cancel the batch").click().run()
    assert state(batch) == "cancelled"
    assert get_batches().read(batch.id).cancelled == 3


def test_a_question_is_not_asked_of_a_batch_that_has_ended() -> None:
    batch = made(1)
    at = page_of(batch)
    get_batches().change(batch.id, "cancel")
    at.session_state["batch-cancel-asked"] = str(batch.id)
    at.run()
    assert "Cancel the batch" not in [one.label for one in at.button]


def test_cancelled_texts_are_run_again() -> None:
    batch = made(2)
    get_batches().change(batch.id, "cancel")
    at = page_of(batch)
    assert "2 texts without a persona" in [header.value for header in at.header]
    button(at, "Run these again").click().run()
    after = get_batches().read(batch.id)
    assert (after.state, after.queued, after.cancelled) == ("running", 2, 0)
    assert "2 texts will run again." in text_of(at)


def test_failed_texts_of_a_cancelled_batch_are_run_again_alone_or_with_the_others() -> None:
    batch = made(3)
    fail(batch, 0, "no_claims", "The answer says nothing.")
    get_batches().change(batch.id, "cancel")
    at = page_of(batch)
    assert "3 texts without a persona" in [header.value for header in at.header]
    assert button(at, "Run all again")
    button(at, "Run these again").click().run()
    after = get_batches().read(batch.id)
    assert (after.state, after.queued, after.cancelled) == ("running", 1, 2)
    get_batches().change(batch.id, "cancel")
    fail(batch, 0, "no_claims", "The answer says nothing.")
    at = page_of(batch)
    button(at, "Run all again").click().run()
    after = get_batches().read(batch.id)
    assert (after.state, after.queued) == ("running", 3)


def test_failures_stand_under_their_reasons_and_are_run_again_by_them() -> None:
    batch = made(4)
    fail(batch, 0, "rate_limited", "The model server takes no more. Wait a minute.")
    fail(batch, 1, "rate_limited", "The model server takes no more. Wait a minute.")
    fail(batch, 2, "no_claims", "The answer says nothing.")
    at = page_of(batch)
    shown = text_of(at)
    assert "3 texts without a persona" in [header.value for header in at.header]
    assert shown.index("takes no more") < shown.index("says nothing")
    again = [one for one in at.button if one.label == "Run these again"]
    again[0].click().run()
    after = get_batches().read(batch.id)
    assert (after.queued, after.failed) == (3, 1)
    assert "2 texts will run again." in text_of(at)


def test_results_lead_to_the_list_and_the_queue_of_this_batch_alone() -> None:
    (_, *drafted) = store({"name": "Other"}, {"name": "Ann", "role": "baker"}, {"name": "Bo"})
    batch = made(3)
    for position, persona in enumerate(drafted):
        save(batch, position, persona)
    fail(batch, 2, "no_claims", "=The answer says nothing.")
    assert state(batch) == "finished"
    at = page_of(batch)
    metrics = {one.label: one.value for one in at.metric}
    assert metrics["Claims per persona"] == "1.5"
    assert metrics["Fewer than 3 claims"] == "2"
    listed = go_to(at, "personas", batch=str(batch.id))
    assert sorted(listed_names(listed)) == ["Ann", "Bo"]
    assert button(listed, "Of one batch")
    queue = open_page("review", batch=str(batch.id))
    assert "2 waiting" in text_of(queue)
    assert "Other" not in text_of(queue)
    button(queue, "Start reviewing").click().run()
    assert queue.title[0].value in ("Ann", "Bo")
    button(queue, "Next").click().run()
    assert queue.title[0].value in ("Ann", "Bo")
    assert button(queue, "Next").disabled
    button(queue, "Queue").click().run()
    assert "2 waiting" in text_of(queue)
    button(queue, "Of one batch").click().run()
    assert "3 waiting" in text_of(queue)


def test_at_the_cap_more_is_allowed_and_it_goes_on() -> None:
    batch = made(2, cap_usd=0.5)
    get_batches().change(batch.id, "pause", reason="cap")
    at = page_of(batch)
    assert "could take more than is allowed" in text_of(at)
    at.number_input[0].set_value(2.0).run()
    button(at, "Allow this and go on").click().run()
    after = get_batches().read(batch.id)
    assert (after.state, after.cap_usd) == ("running", 2.0)
    tokens = made(2, cap_tokens=1000)
    get_batches().change(tokens.id, "pause", reason="cap")
    at = page_of(tokens)
    assert at.number_input[0].value == 1100
    button(at, "Allow this and go on").click().run()
    assert get_batches().read(tokens.id).cap_tokens == 1100


def test_texts_that_were_stored_before_the_dashboard_stopped_can_be_drafted(
    database: LocalSupabase,
) -> None:
    batch = made(2, start=False)
    assert "The dashboard stopped" not in text_of(page_of(batch))  # another one may be storing
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # without triggers
        connection.execute("update generation_batches set updated_at = now() - interval '1 hour'")
    at = page_of(batch)
    assert "The dashboard stopped while it stored the texts: 2 texts are here." in text_of(at)
    button(at, "Draft these 2").click().run()
    assert state(batch) == "running"


def test_all_batches_are_listed_and_an_address_that_leads_nowhere_says_so() -> None:
    at = open_page("batches")
    assert "No batches yet" in text_of(at)
    assert button(at, "Draft many texts")
    made(2)
    st.cache_data.clear()
    at = open_page("batches")
    assert "Interviews" in text_of(at)
    assert "2 texts" in text_of(at)
    for nowhere in (str(uuid4()), "nonsense"):
        lost = open_page("batch", id=nowhere)
        assert lost.error
        assert not lost.exception


def test_the_results_are_a_file_that_no_spreadsheet_runs() -> None:
    content = csv_file(("text", "problem"), [("=1+1", "a, -b"), ("5", "")]).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert rows == [["text", "problem"], ["'=1+1", "a, \u2060-b"], ["5", ""]]
