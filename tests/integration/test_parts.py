"""A long text is read part by part; what was read and paid for is never asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from services.engines.model.generator import OpenAIGenerator
from services.generation.parts import get_parts, usage_of_parts
from services.generation.queue.stored import Queue
from services.generation.requests import GenerationRequest, NewRequest, get_generation_requests
from services.generation.runner import GenerationRunner
from services.generation.spent import usage_in, usage_of
from services.generation.worker.worker import Worker
from services.local_supabase.stack import LocalSupabase
from services.personas import get_persona_repository
from tests.integration.conftest import ScopedDouble
from tests.llm_double import persona_answer
from tests.waiting import eventually

USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
PARTS = 5


def told(number: int, test_id: str) -> str:
    return f"In year {number} Ana Ruiz repaired {number} clocks, {test_id}-{number}."


def text_of(test_id: str) -> str:
    """Five parts of which each says one thing that the others do not."""
    filler = "The count of the barrels was late again and nobody knew why. " * 190
    return "\n\n".join(f"{told(number, test_id)} {filler}" for number in range(1, PARTS + 1))


@pytest.fixture
def generator(llm: ScopedDouble) -> OpenAIGenerator:
    """Its server answers every part but the third, which it refuses once, as it does a filter."""
    for number in range(1, PARTS + 1):
        words = f"{llm.test_id}-{number}."
        match = None
        if number == 3:
            refusal = {"message": "flagged", "code": "content_filter"}
            llm.double.fail(words, 400, match={"sequenceIndex": 0}, **refusal)
        answer = persona_answer(behaviours=[f"repaired {number} clocks"])
        llm.double.answer(words, answer, match=match, usage=USAGE)
    return llm.generator(generation_workers=2)


@pytest.fixture
def runner(database: LocalSupabase, generator: OpenAIGenerator) -> Iterator[GenerationRunner]:
    runner = GenerationRunner(get_generation_requests(), [generator], workers=2)
    yield runner
    runner.stop(seconds=10)


def ended(runner: GenerationRunner, request_id: UUID, status: str) -> GenerationRequest:
    def ask() -> GenerationRequest | None:
        request = get_generation_requests().read(request_id)
        idle = runner.progress(request_id) is None
        return request if idle and request.status in ("saved", "failed") else None

    request = eventually(ask)
    assert request and request.status == status, request
    return request


def parts_asked(llm: ScopedDouble) -> list[int]:
    """Which part each request of the journal was about, in the order they came."""
    users = [body["messages"][1]["content"] for body in llm.sent()]
    return [n for user in users for n in range(1, PARTS + 1) if f"{llm.test_id}-{n}." in user]


class TestAPartThatFails:
    @pytest.fixture
    def failed(self, runner: GenerationRunner, llm: ScopedDouble) -> GenerationRequest:
        new = NewRequest(id=uuid4(), raw_text=text_of(llm.test_id), engine="openai")
        return ended(runner, runner.submit(new).id, "failed")

    def test_is_the_only_one_asked_again_and_every_token_is_in_the_books(
        self, runner: GenerationRunner, llm: ScopedDouble, failed: GenerationRequest
    ) -> None:
        assert sorted(parts_asked(llm)) == [1, 2, 3, 4, 5]
        assert failed.error and "Part 3 of 5 could not be read" in failed.error
        assert "4 parts are read and kept" in failed.error
        parts = get_parts().of(failed.id)
        assert [part.is_failed for part in parts] == [False, False, True, False, False]
        assert usage_of_parts(parts).input_tokens == 4000
        assert failed.spent is None, "all that was paid for stands with the parts"

        runner.run_again(failed.id)
        saved = ended(runner, failed.id, "saved")

        assert parts_asked(llm)[5:] == [3]
        persona = get_persona_repository().read(str(saved.persona_id))
        assert persona.persona["behaviours"] == [f"repaired {n} clocks" for n in range(1, 6)]
        assert persona.generation
        usage = usage_in(persona.generation["usage"]) + usage_of(saved.spent)
        assert (usage.input_tokens, usage.output_tokens) == (5000, 500)
        assert "not_read" not in persona.generation
        assert get_parts().of(saved.id) == []

    def test_is_left_out_on_somebodys_word_and_the_persona_says_so(
        self, runner: GenerationRunner, llm: ScopedDouble, failed: GenerationRequest
    ) -> None:
        runner.finish_without_failed_parts(failed.id)
        saved = ended(runner, failed.id, "saved")

        assert len(parts_asked(llm)) == 5
        persona = get_persona_repository().read(str(saved.persona_id))
        assert persona.persona["behaviours"] == [f"repaired {n} clocks" for n in (1, 2, 4, 5)]
        assert persona.generation
        (left,) = persona.generation["not_read"]
        assert told(3, llm.test_id) in persona.raw_text[left["start"] : left["end"]]
        assert told(4, llm.test_id) not in persona.raw_text[left["start"] : left["end"]]
        assert "content filter" in left["reason"]
        assert persona.generation["usage"]["input_tokens"] == 4000


def test_of_two_other_dashboards_one_goes_on_with_what_a_stopped_one_had_not_read(
    runner: GenerationRunner, llm: ScopedDouble
) -> None:
    slow = f"{llm.test_id}-slow."
    hanging = {"match": {"sequenceIndex": 0}, "chaos": {"latencyMs": 30_000}}
    llm.double.answer(slow, persona_answer(), **hanging)
    llm.double.answer(slow, persona_answer(behaviours=["repaired 3 clocks"]), usage=USAGE)
    text = text_of(llm.test_id).replace(f"{llm.test_id}-3.", slow)
    request = runner.submit(NewRequest(id=uuid4(), raw_text=text, engine="openai"))
    eventually(lambda: len(get_parts().of(request.id)) == 4)
    runner.stop(seconds=10)
    handed_back = get_generation_requests().read(request.id)
    assert (handed_back.status, handed_back.error) == ("queued", None)

    others = [Worker(Queue(f"w{number}"), [llm.generator()], 2) for number in range(2)]
    for other in others:
        other.start()
    eventually(lambda: get_generation_requests().read(request.id).status == "saved")
    for other in others:
        other.stop(seconds=10)

    asked = [body["messages"][1]["content"] for body in llm.sent()]
    assert sum(slow in user for user in asked) == 1, "the one that hangs is not in the journal yet"
    assert sorted(parts_asked(llm)) == [1, 2, 4, 5]
    assert get_persona_repository().count() == 1
