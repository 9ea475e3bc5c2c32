"""Drafts of equal texts: found by what they depend on, and taken over at no cost."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.engines.generator import ignore_progress
from services.engines.offline.generator import OfflineGenerator
from services.generation.drafting import Result, draft_persona
from services.generation.equal_texts.earlier import earlier_draft, earlier_results
from services.generation.requests import (
    GenerationRequest,
    NewRequest,
    get_generation_requests,
)
from services.local_supabase.stack import LocalSupabase
from services.personas import Persona
from services.personas.repository import get_persona_repository
from services.personas.trash import get_trash
from tests.llm_double import SAMPLE_TEXT

ENGINE = OfflineGenerator()
OTHERWISE = SAMPLE_TEXT.replace("\n", "\r\n").replace(" ", "  ") + "\n\n"


def request(text: str = SAMPLE_TEXT, **columns: Any) -> GenerationRequest:
    new = NewRequest(id=uuid4(), raw_text=text, engine="offline", **columns)
    return get_generation_requests().submit(new, "a worker")


def saved(asked: GenerationRequest, result: Result | None = None) -> Persona:
    requests = get_generation_requests()
    assert requests.claim(asked.id, "a worker")
    result = result or draft_persona(asked.raw_text, ENGINE, ignore_progress)
    return get_persona_repository().read(requests.finish(asked.id, "a worker", result.columns()))


def known(asked: GenerationRequest) -> Result | None:
    return earlier_results(ENGINE, [asked]).get(asked.id)


def test_an_equal_text_gets_the_earlier_draft_with_its_words_at_their_places(
    database: LocalSupabase,
) -> None:
    first = request()
    assert known(first) is None
    stored = saved(first)
    again = request(OTHERWISE)
    result = known(again)
    assert result is not None and result.checked.persona == stored.persona
    copy = saved(again, result)
    assert (copy.id, copy.persona) != (stored.id, None) and copy.raw_text == OTHERWISE
    assert len(copy.evidence) == len(stored.evidence) > 5
    for mine, earlier in zip(copy.evidence, stored.evidence, strict=True):
        assert OTHERWISE[mine["start"] : mine["end"]] == mine["quote"]
        assert mine["quote"].split() == earlier["quote"].split() and mine["path"] == earlier["path"]
    told = copy.generation or {}
    assert (told["cost"], told["usage"], told["engine"]) == (0, None, "offline")
    assert told["taken_over_from"] == str(stored.id)
    assert len(told["rejected"]) == len((stored.generation or {})["rejected"])
    assert earlier_draft(ENGINE, "Another text about nobody.") is None


def test_the_draft_is_taken_as_it_was_drafted_and_only_if_somebody_wants_it(
    database: LocalSupabase,
) -> None:
    stored = saved(request())
    personas = get_persona_repository()
    drafted = stored.persona
    edited = personas.revise(
        str(stored.id), lambda _: {"persona": {"name": "Somebody else"}}, "an editor"
    )
    assert (earlier := earlier_draft(ENGINE, SAMPLE_TEXT)) and earlier.persona == drafted
    assert known(request(reuse=False)) is None
    assert known(request(about="Ines")) is None
    personas.delete(str(edited.id))
    assert earlier_draft(ENGINE, SAMPLE_TEXT) is None
    get_trash().purge(str(edited.id), "an admin")
    saved(request())
    newest = earlier_draft(ENGINE, SAMPLE_TEXT)
    assert newest and newest.persona_id != stored.id


def test_a_new_draft_of_a_persona_and_one_of_a_part_are_no_earlier_drafts(
    database: LocalSupabase,
) -> None:
    persona = saved(request("Bo keeps hens and mends nets in the harbour of Skagen."))
    other = request(kind="regenerate", persona_id=persona.id)
    get_generation_requests().claim(other.id, "a worker")
    result = draft_persona(other.raw_text, ENGINE, ignore_progress)
    assert get_generation_requests().finish(other.id, "a worker", result.columns()) == persona.id
    assert earlier_draft(ENGINE, SAMPLE_TEXT) is None
    nobody = "The count of the barrels was late again, and nobody knew why."
    notes = (saved(request(nobody)).generation or {})["notes"]
    assert notes and earlier_draft(ENGINE, nobody) is None


def test_the_id_of_a_request_that_does_not_exist_finds_it_too(database: LocalSupabase) -> None:
    saved(request())
    unsent = GenerationRequest.model_validate(
        {
            "id": UUID(int=7),
            "status": "queued",
            "engine": "offline",
            "raw_text": SAMPLE_TEXT,
            "created_at": "2026-01-01T00:00:00+00:00",
            "updated_at": "2026-01-01T00:00:00+00:00",
        }
    )
    assert known(unsent) is not None
