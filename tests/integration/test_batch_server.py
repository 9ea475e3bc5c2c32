"""Files of questions at a server with OpenAI's Batch API, as the engine sends and reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from services import errors
from services.engines.batches import AsksInBatches, BatchAnswer, BatchServer
from services.engines.model.batches.lines import file_lines
from services.engines.model.dialect import PROCESS_MEMORY
from services.engines.model.generator import OpenAIGenerator
from services.engines.prices import Prices
from services.engines.stopping import NEVER
from services.engines.usage import NO_TOKENS, Usage
from services.settings import Settings
from tests.model_servers.batch_api import USAGE, BatchApi, texts

IDS = [f"id-{n}" for n in range(6)]
TEXTS = dict(zip(IDS, texts(6, "ria"), strict=True))


@pytest.fixture
def api() -> Iterator[BatchApi]:
    with BatchApi.running() as running:
        yield running


@pytest.fixture
def engine(api: BatchApi) -> OpenAIGenerator:
    values: dict[str, Any] = {"openai_base_url": api.base_url, "openai_timeout_seconds": 5}
    return OpenAIGenerator.from_settings(Settings.model_construct(openai_model="m", **values))


def file_of(engine: OpenAIGenerator) -> BytesIO:
    lines = [engine.line(id, text) for id, text in TEXTS.items()]
    assert all(lines)
    return BytesIO(b"".join(line for line in lines if line))


def ended(engine: OpenAIGenerator, server: BatchServer) -> dict[str, BatchAnswer]:
    """Everything that the files of one batch say, by id."""
    batch = server.begin("tag", server.send_file("tag", file_of(engine)))
    while not batch.has_ended:
        batch = server.look(batch.id)
    found = [answer for file in batch.files for answer in server.answers(file)]
    assert len({answer.id for answer in found}) == len(found)
    return {answer.id: answer for answer in found}


def test_a_file_is_asked_as_single_questions_are_and_answered_in_any_order(
    api: BatchApi, engine: OpenAIGenerator
) -> None:
    assert isinstance(engine, AsksInBatches)
    api.refuses = {"max_tokens": "Unsupported parameter: 'max_tokens' is not supported."}
    assert not engine.knows_server
    engine.generate(TEXTS["id-0"])
    assert engine.knows_server
    with engine.batch_server(NEVER) as server:
        found = ended(engine, server)
        assert sorted(found) == IDS
        for id, answer in found.items():
            part = answer.part(TEXTS[id])
            assert part.claims == engine.generate(TEXTS[id]).claims and answer.fault is None
            assert (part.start, part.end, part.made_by) == (0, len(TEXTS[id]), "m persona_v2")
            assert answer.usage == Usage(1000, 100, 0, 0, 1000, 100)
        asked = [line["body"] for line in api.asked("batch_1")]
        assert "max_tokens" not in asked[0] and "stream" not in asked[0]
        assert asked[0]["response_format"]["json_schema"]["strict"] is True
        server.forget([*api.files, "file-none"])
        assert not api.files
    prices = Prices(1.0, 10.0, batch_share=0.5)
    assert prices.cost(answer.usage) == pytest.approx(0.001)
    assert prices.cost(answer.usage + Usage(1000, 100, 500)) == pytest.approx(0.003)


def test_what_was_answered_before_the_end_counts_and_the_rest_is_named(
    api: BatchApi, engine: OpenAIGenerator
) -> None:
    refusal = {"error": {"message": "flagged", "code": "content_policy_violation"}}
    api.plan(answers=4, ends="expired", broken=(1,), refused={2: (400, refusal)})
    api.plan(answers=2, ends="cancelled")
    PROCESS_MEMORY.remember(api.base_url, "m", PROCESS_MEMORY.recall(api.base_url, "m"))
    with engine.batch_server(NEVER) as server:
        found = ended(engine, server)
        assert [id for id in IDS if id in found and found[id].claims] == ["id-0", "id-3"]
        assert isinstance(found["id-1"].fault, errors.InvalidOutputError)
        assert found["id-1"].usage is None, "it was paid for, and does not say how much"
        assert isinstance(found["id-2"].fault, errors.ModelRefusedError)
        assert isinstance(found["id-5"].fault, errors.BatchExpiredError)
        assert "24 hours" in str(found["id-5"].fault)
        second = ended(engine, server)
        assert [id for id in IDS if second[id].claims] == ["id-0", "id-1"]
        assert "was cancelled" in str(second["id-2"].fault)


def test_what_was_begun_is_found_again(api: BatchApi, engine: OpenAIGenerator) -> None:
    api.plan(is_lost=True)
    with engine.batch_server(NEVER) as server:
        assert server.begun("one") is server.sent_file("one") is None
        file = server.send_file("one", file_of(engine))
        assert server.sent_file("one") == file
    with pytest.raises(errors.ModelUnreachableError), engine.batch_server(NEVER) as server:
        server.begin("one", file)
    with engine.batch_server(NEVER) as server:
        for number in range(110):  # more than a page of others
            server.begin(f"other-{number}", file)
        batch = server.begun("one")
        assert batch and (batch.id, batch.input_file) == ("batch_1", file)
        assert server.cancel(batch.id).state == "cancelling"
        assert server.look(batch.id).state == "cancelled"
        assert server.cancel(batch.id).has_ended, "it had ended: as it is"


def test_a_server_that_takes_no_files_or_not_this_one_says_so(
    api: BatchApi, engine: OpenAIGenerator
) -> None:
    limit = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached for m."}
    api.plan(ends="failed", steps=(), errors=(limit,))
    with engine.batch_server(NEVER) as server:
        batch = server.begin("tag", server.send_file("tag", file_of(engine)))
        batch = server.look(batch.id)
        assert (batch.state, batch.files) == ("failed", ())
        assert isinstance(batch.fault, errors.RateLimitedError) and "waiting" in str(batch.fault)
    api.has_batches = False
    with (
        pytest.raises(errors.NoBatchesError, match="single calls"),
        engine.batch_server(NEVER) as server,
    ):
        server.send_file("tag", BytesIO(b"{}"))


def test_lines_end_where_the_file_says_so() -> None:
    pieces = [b'{"a": "\xe2\x80\xa8', b'"}\n', b"\n{", b'"b"', b": 1}"]
    lines = [json.loads(line) for line in file_lines(pieces) if line.strip()]
    assert lines == [{"a": "\u2028"}, {"b": 1}]
    huge = [b"x" * 20_000_000, b"x" * 20_000_000, b"\nshort\n"]
    assert list(file_lines(huge)) == [b"short", b""]


def test_texts_of_several_questions_are_left_to_the_ordinary_way(engine: OpenAIGenerator) -> None:
    assert engine.line("id", "A word. " * 2000) is None
    assert engine.line("id", "A word. " * 100_000) is None


def test_broken_usage_and_answers_are_faults(api: BatchApi, engine: OpenAIGenerator) -> None:
    def said(content: str, finish: str = "stop") -> bytes:
        choice = {"message": {"content": content}, "finish_reason": finish}
        body = {"choices": [choice], "usage": USAGE}
        told = {"custom_id": "id-0", "response": {"status_code": 200, "body": body}}
        return json.dumps(told).encode()

    lines = (said("no JSON"), said("{", "length"), b'{"custom_id": "id-0"}', b'{"custom_id": 1}')
    api.files["f"] = {"content": b"\n".join(lines)}
    with engine.batch_server(NEVER) as server:
        malformed, cut, silent = server.answers("f")
    assert isinstance(malformed.fault, errors.InvalidOutputError)
    assert malformed.usage == cut.usage == Usage(1000, 100).in_batch()
    assert isinstance(cut.fault, errors.OutputTruncatedError | errors.TextTooLongError)
    assert isinstance(silent.fault, errors.GenerationError) and silent.usage == NO_TOKENS
