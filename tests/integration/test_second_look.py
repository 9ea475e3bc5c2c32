"""A second look at inferred claims, and a second reading of long texts, on the double."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.engines.generator import ignore_progress
from services.engines.usage import Usage
from services.evidence.claims import Reason
from services.generation import evaluate
from services.generation.drafting import Result, draft_persona
from services.settings import get_settings
from tests.integration.conftest import ScopedDouble
from tests.llm_double import chunk_event, persona_answer

USAGE = {"prompt_tokens": 300, "completion_tokens": 40, "total_tokens": 340}
WORDS = "I check every graft twice"
DRAFT = persona_answer(
    name="Ana Ruiz",
    traits=[("careful", WORDS), ("proud of the old trees", WORDS)],
)


def text_of(llm: ScopedDouble) -> str:
    return f"I am Ana Ruiz. {WORDS}, says the note {llm.test_id}."


def drafted(llm: ScopedDouble, **settings: Any) -> Result:
    generator = llm.generator(openai_second_look=True, **settings)
    return draft_persona(text_of(llm), generator, ignore_progress)


class TestSecondLook:
    @pytest.fixture(autouse=True)
    def answers(self, llm: ScopedDouble) -> None:
        llm.answer(DRAFT, usage=USAGE)

    def says(self, llm: ScopedDouble, content: Any) -> None:
        """The answer to the second question, which has the claims and not the text."""
        model = {"model": f"model-{llm.test_id}"}
        llm.double.answer("The claims, one JSON object a line", content, match=model, usage=USAGE)

    def test_makes_proposals_of_what_the_words_do_not_carry(self, llm: ScopedDouble) -> None:
        verdicts = [{"number": 1, "holds": True}, {"number": 2, "holds": False, "why": "no trees"}]
        self.says(llm, {"verdicts": verdicts})
        result = drafted(llm)
        assert result.checked.persona["traits"] == ["careful"]
        (proposal,) = result.checked.rejected
        assert (proposal.value, proposal.reason) == (
            "proud of the old trees",
            Reason.NOT_CONFIRMED,
        )
        assert proposal.start is not None
        generation = result.columns()["generation"]
        assert generation["second_look"] == {"checked": 2, "doubted": 1}
        assert result.draft.usage == Usage(600, 80)

        _, second = llm.sent()
        assert second["response_format"]["json_schema"]["name"] == "verdicts"
        asked = second["messages"][1]["content"]
        assert "Ana Ruiz" not in asked, "what is stated is not asked about"
        assert json.dumps({"number": 1, "field": "traits", "claim": "careful", "words": WORDS}) in (
            asked
        )

    def test_that_fails_leaves_the_draft_as_it_was_and_says_so(self, llm: ScopedDouble) -> None:
        self.says(llm, "I would rather not.")
        result = drafted(llm)
        assert result.checked.persona["traits"] == ["careful", "proud of the old trees"]
        (note,) = result.draft.notes
        assert "second look could not be made" in note
        assert result.draft.usage == Usage(900, 120), "both answers to it were paid for"

    def test_is_not_made_unless_it_is_wanted(self, llm: ScopedDouble) -> None:
        draft_persona(text_of(llm), llm.generator(), ignore_progress)
        assert len(llm.sent()) == 1

    def test_is_measured_with_its_cost(
        self, llm: ScopedDouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.says(llm, {"verdicts": [{"number": 2, "holds": False}]})
        monkeypatch.setenv("OPENAI_BASE_URL", llm.double.base_url)
        monkeypatch.setenv("OPENAI_MODEL", f"model-{llm.test_id}")
        monkeypatch.setenv("OPENAI_PRICE_INPUT", "1")
        monkeypatch.setenv("OPENAI_PRICE_OUTPUT", "1")
        get_settings.cache_clear()
        texts, labels = {"one": text_of(llm)}, {"one": {"traits": ["careful"]}}
        plain, looked = (
            evaluate.measure(name, texts, labels) for name in ("openai", "second-look")
        )
        assert (plain.fields["traits"].precision, looked.fields["traits"].precision) == (0.5, 1)
        assert (looked.looked_at, looked.doubted) == (2, 1)
        assert looked.cost == pytest.approx(2 * (plain.cost or 0))
        shown = evaluate.table([plain, looked])
        assert "1 of 2 out" in shown


def test_a_second_reading_of_a_long_text_adds_what_was_missed(llm: ScopedDouble) -> None:
    filler = "Nobody knew why. " * 900
    first = persona_answer(name="Ana Ruiz", skills=["SQL"])
    more = persona_answer(name="Bo Lind", skills=["SQL", "Excel"])
    llm.answer(first, match={"sequenceIndex": 0}, usage=USAGE)
    llm.answer(more, match={"sequenceIndex": 1}, usage=USAGE)
    llm.answer(persona_answer(), usage=USAGE)
    text = f"Ana Ruiz writes SQL and Excel, {llm.test_id}. {filler} {llm.test_id}"

    draft = llm.generator(openai_second_pass=True).generate(text)

    assert [(claim.field, claim.value) for claim in draft.claims] == [
        ("name", "Ana Ruiz"),
        ("skills", "SQL"),
        ("skills", "Excel"),
    ]
    again = llm.sent()[1]["messages"][1]["content"]
    assert again.endswith("answer with those that are missing, and only with those.")
    assert '{"name": ["Ana Ruiz"], "skills": ["SQL"]}' in again
    assert draft.usage == Usage(1200, 160)


def test_the_estimate_counts_second_questions_and_thoughts(llm: ScopedDouble) -> None:
    text = "x" * 30_000
    plain = llm.generator().estimate(text)
    twice = llm.generator(openai_second_pass=True).estimate(text)
    looked = llm.generator(openai_second_look=True).estimate(text)
    thinking = llm.generator(openai_model="o4-mini").estimate(text)
    assert twice.input_tokens > 2 * plain.input_tokens
    assert twice.output_tokens == 2 * plain.output_tokens
    assert looked.input_tokens > plain.input_tokens
    assert thinking.output_tokens == plain.output_tokens + 3 * 1_000


def test_the_estimate_learns_how_much_a_model_thinks(llm: ScopedDouble) -> None:
    usage = {**USAGE, "completion_tokens_details": {"reasoning_tokens": 25}}
    base_url = llm.double.raw_base_url(
        chunk_event(json.dumps(persona_answer(name="Ana Ruiz"))),
        chunk_event(finish="stop"),
        f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n",
        "data: [DONE]\n\n",
    )
    generator = llm.generator(openai_base_url=base_url)
    before = generator.estimate(llm.text)
    generator.generate(llm.text)
    after = generator.estimate(llm.text)
    assert after.output_tokens == before.output_tokens + 25
