"""Origins, more texts and new drafts over the real Supabase: people's values are never lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import psycopg
import pytest
import streamlit as st

from services import cached
from services.errors import InvalidInputError, NotFoundError
from services.evidence.pointers import nodes
from services.evidence.redraft import differences
from services.evidence.review import accept, accept_proposal, take_out
from services.generation.regenerating import contradictions_of, draft_of, version_of
from services.generation.requests import (
    GenerationRequest,
    NewRequest,
    get_generation_requests,
)
from services.local_supabase.stack import LocalSupabase
from services.personas import Persona, PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.source_spans import spans_of

TEXT = "Ana Ruiz is a nurse in Leeds. She uses Excel. She wants shorter handovers."


@pytest.fixture(autouse=True)
def dashboard(database: LocalSupabase) -> Iterator[None]:
    cached.stop_runner()
    st.cache_data.clear()
    yield
    cached.stop_runner()


def generated(text: str = TEXT) -> Persona:
    request = cached.submit_generation(uuid4(), text, "offline", "ann")
    done = finished(str(request.id))
    assert done.status == "saved", done.error
    return get_persona_repository().read(str(done.persona_id))


def finished(request_id: str) -> GenerationRequest:
    for _ in range(200):
        request = get_generation_requests().read(request_id)
        if request.status not in ("queued", "running"):
            return request
        time.sleep(0.05)
    raise AssertionError("the generation did not end")


def regenerated(persona: Persona) -> GenerationRequest:
    return finished(str(cached.regenerate_persona(str(persona.id), uuid4(), "offline", "ann").id))


def test_every_value_of_a_generated_persona_is_the_model_s() -> None:
    persona = generated()
    leaves = {path for path, value in nodes(persona.persona) if not isinstance(value, dict | list)}
    assert persona.origins == dict.fromkeys(leaves, "model")
    assert persona.created_by == "ann"


def test_the_database_writes_pointers_as_python_does(database: LocalSupabase) -> None:
    odd = {"a/b": {"~": [1, [None, True], {}]}, "": [], "ü 1": "x"}
    with psycopg.connect(database.db_url) as connection:
        (written,) = connection.execute(
            "select persona_dashboard.model_origins(%s::jsonb)", [psycopg.types.json.Json(odd)]
        ).fetchone()
    leaves = {path for path, value in nodes(odd) if not isinstance(value, dict | list)}
    assert written == dict.fromkeys(leaves, "model")


def test_what_is_written_by_hand_is_the_person_s() -> None:
    persona = get_persona_repository().create(PersonaCreate(raw_text="t", persona={"a": ["b"]}))
    assert persona.origins == {"/a/0": "human"}


def test_edits_and_reviews_make_values_the_person_s() -> None:
    persona = generated()
    edited = {**persona.persona, "role": "ward sister"}
    saved = get_persona_repository().update(persona.id, PersonaUpdate(persona=edited), "ann")
    assert saved.origins["/role"] == "human"
    assert saved.origins["/name"] == "model"
    out = cached.review_persona(str(persona.id), lambda review: take_out(review, "/name"))
    assert out.origins["/name"] == "human"
    assert "name" not in out.persona

    def back(review):  # type: ignore[no-untyped-def]
        return accept_proposal(review, next(p for p in review.proposals if p.field == "name"))

    returned = cached.review_persona(str(persona.id), back)
    assert (returned.persona["name"], returned.origins["/name"]) == ("Ana Ruiz", "human")


def test_accepting_twice_makes_one_version() -> None:
    persona = generated()
    once = cached.review_persona(str(persona.id), lambda review: accept(review, "/name"))
    again = cached.review_persona(str(persona.id), lambda review: accept(review, "/name"))
    assert (once.version, again.version) == (persona.version + 1, persona.version + 1)


def test_regenerating_proposes_and_changes_nothing() -> None:
    persona = generated()
    request = regenerated(persona)
    assert (request.status, request.persona_id, request.kind) == (
        "saved",
        persona.id,
        "regenerate",
    )
    assert request.proposal and request.proposal["persona"] == persona.persona
    assert get_persona_repository().read(persona.id) == persona
    assert get_persona_repository().count() == 1
    found = cached.regeneration(str(persona.id))
    assert found and found.id == request.id


def test_two_edited_fields_stay_and_the_others_are_taken_in_one_version() -> None:
    persona = generated()
    edited = {**persona.persona, "role": "ward sister", "location": "York", "skills": ["Excel"]}
    edited.pop("goals", None)
    repository = get_persona_repository()
    repository.update(persona.id, PersonaUpdate(persona=edited), "ann")
    more = cached.add_source(
        str(persona.id), "Ana Ruiz uses Tableau.", "Call", date(2026, 11, 22), "ann"
    )
    request = regenerated(more)
    current, draft = version_of(more), draft_of(request)
    found = differences(current, draft)
    kept = {difference.field for difference in found if not difference.preselected}
    assert {"role", "location"} <= kept
    taken = {difference.key for difference in found if difference.preselected}
    assert taken
    after = cached.take_over(str(persona.id), request, taken, "bob")
    assert after.version == more.version + 1
    assert (after.persona["role"], after.persona["location"]) == ("ward sister", "York")
    assert "Tableau" in after.persona["skills"]
    place = after.persona["skills"].index("Tableau")
    assert after.origins[f"/skills/{place}"] == "model"
    assert after.origins["/role"] == "human"
    assert after.origin and after.origin["kind"] == "generated"
    assert after.updated_by == "bob"
    assert cached.regeneration(str(persona.id)) is None


def test_a_field_edited_while_the_choice_was_made_stays() -> None:
    persona = generated()
    changed = {**persona.persona, "name": "Ana"}
    request = regenerated(persona)
    repository = get_persona_repository()
    repository.update(persona.id, PersonaUpdate(persona={**persona.persona, "name": "A. R."}))
    stale = {difference.key for difference in differences(version_of(persona), draft_of(request))}
    after = cached.take_over(str(persona.id), request, stale)
    assert after.persona["name"] == "A. R."
    assert changed["name"] != after.persona["name"]


def test_a_request_without_a_proposal_cannot_be_taken_over() -> None:
    persona = generated()
    request = regenerated(persona)
    with pytest.raises(InvalidInputError):
        cached.take_over(
            str(persona.id), request.model_copy(update={"proposal": None}), set(), "ann"
        )
    assert get_persona_repository().read(persona.id).version == persona.version


def test_more_text_keeps_the_evidence_and_shows_the_contradiction() -> None:
    persona = generated()
    second = "Ana Ruiz is a nurse in York."
    more = cached.add_source(str(persona.id), second, "Call of May", date(2026, 5, 4), "ann")
    first_span, second_span = spans_of(more.raw_text, more.sources)
    assert more.raw_text[first_span.start : first_span.end] == TEXT
    assert more.raw_text[second_span.start : second_span.end] == second
    assert more.evidence == persona.evidence
    assert more.persona == persona.persona
    assert contradictions_of(more) == []  # nothing has been read from the new text yet
    after = cached.take_over(str(persona.id), regenerated(more), set(), "ann")
    (found,) = contradictions_of(after)
    assert (found.field, found.kept.value, found.other.value) == ("location", "Leeds", "York")
    assert (found.kept.start < len(TEXT), found.other.start > len(TEXT)) == (True, True)
    cached.review_persona(str(persona.id), lambda review: accept_proposal(review, found.proposal))
    resolved = get_persona_repository().read(persona.id)
    assert resolved.persona["location"] == "York"
    assert contradictions_of(resolved) == []


def test_another_text_in_place_of_the_old_is_one_text_again() -> None:
    persona = generated()
    cached.add_source(str(persona.id), "More.", "Call", date(2026, 5, 4), "ann")
    changed = get_persona_repository().update(persona.id, PersonaUpdate(raw_text="All new."))
    assert changed.sources == []


def test_purging_erases_the_text_of_a_proposal(database: LocalSupabase) -> None:
    persona = generated()
    regenerated(persona)
    with psycopg.connect(database.db_url) as connection:
        connection.execute("update personas set deleted_at = now()")
        connection.execute("select purge_persona(%s, 'ann')", [persona.id])
        assert connection.execute("select count(*) from generation_requests").fetchone() == (0,)


def test_the_latest_request_counts_and_older_ones_go_with_it() -> None:
    persona = generated()
    first = regenerated(persona)
    second = regenerated(persona)
    found = cached.regeneration(str(persona.id))
    assert found and found.id == second.id
    cached.dismiss_regeneration(found)
    assert cached.regeneration(str(persona.id)) is None
    with pytest.raises(NotFoundError):
        get_generation_requests().read(first.id)
    assert get_persona_repository().read(persona.id) == persona


def test_requests_to_regenerate_are_not_among_the_unfinished() -> None:
    persona = generated()
    request = regenerated(persona).model_copy(update={"id": uuid4()})
    requests = get_generation_requests()
    new = NewRequest(
        id=request.id,
        raw_text=persona.raw_text,
        engine="offline",
        kind="regenerate",
        persona_id=persona.id,
    )
    requests.submit(new, "gone:1")
    requests.close(request.id, "gone:1", "failed", kind="timeout", error="No answer.")
    assert requests.unfinished() == []
    cached.regenerate_persona(str(persona.id), request.id, "offline")
    while cached.generation_progress(request.id) is not None:
        time.sleep(0.05)
    assert requests.read(request.id).status == "saved"
