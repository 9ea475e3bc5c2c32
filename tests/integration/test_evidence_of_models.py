"""Models that go wrong, over HTTP and into the database: only what the text supports is stored."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest

from services.generation.requests import NewRequest, get_generation_requests
from services.generation.runner import GenerationRunner
from services.personas import Persona, get_persona_repository
from tests.llm_double import persona_answer

TEXT = (
    "Mara Quill, 52, keeps the lighthouse of Port Ellery. She does not use e-mail. She repairs "
    "clocks and she wants to retire by the sea within 3 years. Her brother Tom Quill is a baker."
)


def stored(llm: Any, answer: dict[str, Any]) -> Persona:
    """The persona that is in the database after the model gave this answer."""
    text = f"{TEXT} {llm.test_id}"
    llm.answer(answer)
    requests = get_generation_requests()
    runner = GenerationRunner(requests, [llm.generator()], workers=1)
    request = runner.submit(NewRequest(id=uuid4(), raw_text=text, engine="openai"))
    for _ in range(200):
        request = requests.read(request.id)
        if not request.is_open:
            break
        time.sleep(0.05)
    runner.stop()
    assert request.status == "saved", request.error
    persona = get_persona_repository().read(str(request.persona_id))
    for item in persona.evidence:
        assert persona.raw_text[item["start"] : item["end"]] == item["quote"]
    return persona


def kept_out(persona: Persona) -> list[tuple[str, str, str]]:
    assert persona.generation
    return [(r["field"], r["value"], r["reason"]) for r in persona.generation["rejected"]]


@pytest.mark.usefixtures("database")
class TestAModelThat:
    def test_invents_quotes(self, llm):
        answer = persona_answer(
            name=("Mara Quill", "Mara Quill"),
            skills=[
                ("sailing", "She sails every weekend"),
                ("repairing clocks", "She repairs clocks"),
            ],
        )
        persona = stored(llm, answer)
        assert persona.persona["skills"] == ["repairing clocks"]
        assert kept_out(persona) == [("skills", "sailing", "no source")]

    def test_shifts_words_still_shows_the_texts_own(self, llm):
        quote = "She wants to retire near the sea within 3 years"
        persona = stored(llm, persona_answer(goals=[("retire by the sea", quote)]))
        (item,) = persona.evidence
        assert "retire by the sea within 3 years" in item["quote"]
        assert item["score"] < 100

    def test_changes_a_number(self, llm):
        quote = "she wants to retire by the sea within 5 years"
        persona = stored(llm, persona_answer(goals=[("retire within 5 years", quote)]))
        assert "goals" not in persona.persona
        assert kept_out(persona) == [("goals", "retire within 5 years", "number altered")]

    def test_flips_a_negation(self, llm):
        persona = stored(llm, persona_answer(skills=[("e-mail", "She does use e-mail")]))
        assert "skills" not in persona.persona
        assert kept_out(persona) == [("skills", "e-mail", "negation flipped")]

    @pytest.mark.parametrize("nothing", ["null", "Unknown", "N/A", "not specified", "None"])
    def test_says_that_it_does_not_know(self, llm, nothing):
        persona = stored(llm, persona_answer(company=(nothing, nothing)))
        assert "company" not in persona.persona
        assert [reason for _, _, reason in kept_out(persona)] == ["placeholder"]

    def test_repeats_itself(self, llm):
        fact = ("repairing clocks", "She repairs clocks")
        persona = stored(llm, persona_answer(skills=[fact, fact, ("Repairing clocks.", fact[1])]))
        assert persona.persona["skills"] == ["repairing clocks"]
        assert {reason for _, _, reason in kept_out(persona)} == {"duplicate"}

    def test_answers_about_another_person(self, llm):
        answer = persona_answer(
            name=("Greta Holm", "My name is Greta Holm"),
            role=("surgeon", "Greta works as a surgeon"),
            location=("Bergen", "lives in Bergen"),
        )
        persona = stored(llm, answer)
        assert persona.persona == {}
        assert {field for field, _, _ in kept_out(persona)} == {"name", "role", "location"}

    def test_guesses_what_must_stand_in_the_text(self, llm):
        persona = stored(llm, persona_answer(role=("harbour master", "keeps the lighthouse")))
        assert "role" not in persona.persona
        assert kept_out(persona) == [("role", "harbour master", "value not in text")]
