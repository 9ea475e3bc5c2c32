"""Every fault of a model server, on a real connection: each has its own class and leaks nothing."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import socket
import socketserver
import threading
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import pytest
from pydantic import SecretStr

from services import errors
from services.engines.generator import Task, ignore_progress
from services.engines.model.generator import OpenAIGenerator
from services.engines.model.http.bounds import Bounds, bounded_client
from services.engines.model.http.watch import Exchange
from services.engines.prices import Prices
from services.engines.spending import Budget
from services.engines.stopping import Stop, StoppedError
from services.errors import ModelTimeoutError
from services.settings import Settings
from tests.llm_double import chunk_event, persona_answer
from tests.waiting import free_port

ANSWER = persona_answer(name=("Ana Ruiz", "I am Ana Ruiz"), skills=[("SQL", "I write SQL")])
DONE = "data: [DONE]\n\n"


@contextmanager
def drip(start: bytes, pause: float, *, at_once: int | None = None, end: bool = False):
    """A server that sends `start` (so many bytes at once), then x after x unless it ends there."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            step = at_once or len(start) or 1
            with suppress(OSError):
                for at in range(0, len(start), step):
                    self.request.sendall(start[at : at + step])
                    time.sleep(pause if at_once else 0)
                while not end and not stop.wait(pause):
                    self.request.sendall(b"x")

    stop = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        stop.set()
        server.shutdown()


STATUS_FAULTS = [
    (400, {"code": "context_length_exceeded"}, errors.TextTooLongError),
    (400, {"message": "This model's maximum context length is 4096"}, errors.TextTooLongError),
    (400, {"code": "content_filter"}, errors.ModelRefusedError),
    (400, {"code": "invalid_api_key"}, errors.ModelUnauthorizedError),
    (401, {"code": "invalid_api_key"}, errors.ModelUnauthorizedError),
    (402, {}, errors.QuotaExceededError),
    (403, {}, errors.ModelUnauthorizedError),
    (404, {"code": "model_not_found"}, errors.ModelNotFoundError),
    (409, {}, errors.ModelRequestError),
    (413, {}, errors.TextTooLongError),
    (429, {"code": "rate_limit_exceeded"}, errors.RateLimitedError),
    (429, {"code": "insufficient_quota"}, errors.QuotaExceededError),
    (500, {}, errors.ModelServerError),
    (503, {}, errors.ModelServerError),
]


class TestRefusedRequest:
    @pytest.mark.parametrize(("status", "error", "expected"), STATUS_FAULTS)
    def test_has_its_own_class(self, llm, status, error, expected):
        llm.fail(status, **error)

        with pytest.raises(errors.GenerationError) as caught:
            llm.generator().generate(llm.text)

        assert type(caught.value) is expected

    def test_by_an_output_limit_advises_to_lower_it(self, llm):
        llm.fail(400, message="max_completion_tokens is too large: 8000")

        with pytest.raises(errors.ModelRequestError, match="Set OPENAI_MAX_OUTPUT_TOKENS"):
            llm.generator().generate(llm.text)

    def test_tells_how_long_to_wait(self, llm):
        llm.fail(429, retry_after=7)

        with pytest.raises(errors.RateLimitedError) as caught:
            llm.generator().generate(llm.text)

        assert caught.value.retry_after == 7

    def test_is_tried_again_after_the_time_the_server_asks_for(self, llm):
        llm.fail(429, match={"sequenceIndex": 0}, retry_after=1)
        llm.answer(ANSWER)
        started = time.monotonic()

        llm.generator(openai_max_retries=2).generate(llm.text)

        assert 1 <= time.monotonic() - started < 4
        assert llm.statuses() == [429, 200]

    def test_is_tried_again_after_a_server_fault(self, llm):
        llm.fail(503, match={"sequenceIndex": 0})
        llm.answer(ANSWER)

        llm.generator(openai_max_retries=1).generate(llm.text)

        assert llm.statuses() == [503, 200]

    def test_for_lack_of_credit_is_not_tried_again(self, llm):
        llm.fail(429, code="insufficient_quota", type="insufficient_quota")

        with pytest.raises(errors.QuotaExceededError):
            llm.generator(openai_max_retries=3).generate(llm.text)

        assert llm.statuses() == [429]

    def test_never_shows_the_key_or_the_text(self, llm, caplog):
        key = "sk-secret-0815"
        echo = f"Incorrect API key {key}: {llm.text}"
        llm.fail(401, message=echo, code=key, type=llm.test_id)
        caplog.set_level(logging.DEBUG)

        with pytest.raises(errors.ModelUnauthorizedError) as caught:
            llm.generator(openai_api_key=SecretStr(key)).generate(llm.text)

        shown = f"{caught.value}{caught.value!r}{caplog.text}"
        assert caught.value.__suppress_context__
        assert key not in shown
        assert "Ana Ruiz" not in shown

    def test_redirected_elsewhere_is_not_followed(self, llm):
        base_url = llm.double.raw_base_url(
            status=307, headers={"location": f"{llm.double.base_url}/chat/completions"}
        )
        llm.answer(ANSWER)

        with pytest.raises(errors.ModelRequestError):
            llm.generator(openai_base_url=base_url).generate(llm.text)

        assert llm.statuses() == []


class TestConnection:
    def test_refused(self, llm):
        base_url = f"http://127.0.0.1:{free_port()}/v1"

        with pytest.raises(errors.ModelUnreachableError):
            llm.generator(openai_base_url=base_url).generate(llm.text)

    @pytest.mark.parametrize("address", ["http://nowhere.invalid", "http://127.0.0.1:99999"])
    def test_to_nowhere(self, llm, address):
        with pytest.raises(errors.ModelUnreachableError):
            llm.generator(openai_base_url=f"{address}/v1").generate(llm.text)

    def test_dropped_at_once(self, llm):
        llm.answer("x", chaos={"disconnectRate": 1})

        with pytest.raises(errors.ModelUnreachableError):
            llm.generator().generate(llm.text)

    def test_what_never_went_out_costs_nothing_and_what_may_have_arrived_the_most(self, llm):
        llm.answer("x", chaos={"disconnectRate": 1})
        taken = []
        for base_url in ("http://nowhere.invalid/v1", f"http://127.0.0.1:{free_port()}/v1", None):
            budget = Budget(None, None, Prices())
            given = {"openai_base_url": base_url} if base_url else {}
            with pytest.raises(errors.ModelUnreachableError):
                llm.generator(**given).generate(llm.text, task=Task(spending=budget))
            taken.append(budget.tokens)
        assert taken[:2] == [0, 0]
        assert taken[2] > 0

    def test_silent_before_the_answer(self, llm):
        llm.answer(ANSWER, chaos={"latencyMs": 3000})

        with pytest.raises(errors.ModelTimeoutError):
            llm.generator(openai_timeout_seconds=0.3).generate(llm.text)

    def test_silent_within_the_answer(self, llm):
        llm.answer(ANSWER, latency=2000, chunkSize=5)

        with pytest.raises(errors.ModelTimeoutError):
            llm.generator(openai_timeout_seconds=0.5).generate(llm.text)

    @pytest.mark.parametrize("piece", [chunk_event(" "), ": still here\n\n", "x"])
    def test_trickling_for_ever_ends_after_ten_time_outs(self, llm, piece):
        base_url = llm.double.raw_base_url(piece, repeat=10_000, pause_ms=20)
        started = time.monotonic()

        with pytest.raises(errors.ModelTimeoutError):
            llm.generator(openai_base_url=base_url, openai_timeout_seconds=0.1).generate(llm.text)

        assert 1 <= time.monotonic() - started < 3

    def test_trickling_error_body_ends_too(self, llm):
        base_url = llm.double.raw_base_url("x", status=400, repeat=10_000, pause_ms=20)

        with pytest.raises(errors.ModelTimeoutError):
            llm.generator(openai_base_url=base_url, openai_timeout_seconds=0.1).generate(llm.text)

    @pytest.mark.parametrize("pause", [0.01, 0.5], ids=["dripping", "slower than a look"])
    def test_head_without_end_ends_at_its_deadline(self, llm, pause):
        started = time.monotonic()

        with drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", pause) as url, pytest.raises(ModelTimeoutError):
            llm.generator(openai_base_url=url, openai_timeout_seconds=1).generate(llm.text)

        assert 1 <= time.monotonic() - started < 4

    def test_head_may_take_as_long_as_its_request_says(self):
        bounds = Bounds(silence_seconds=0.2, max_bytes=1000)
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Slow: 1\r\n\r\nok"

        with (
            drip(whole, 0.1, at_once=1, end=True) as url,
            bounded_client(bounds) as client,
            Exchange(60).here(),
        ):
            assert client.post(url, timeout=30).text == "ok"

    @pytest.mark.parametrize(
        "start", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\ndata: "]
    )
    def test_can_be_cancelled_wherever_it_is(self, llm, start):
        stop = Stop()
        pressed: list[float] = []

        def press() -> None:
            pressed.append(time.monotonic())
            stop.set()

        threading.Timer(1, press).start()
        with drip(start, 0.05 if start else 60) as url, pytest.raises(StoppedError):
            generator = llm.generator(openai_base_url=url, openai_timeout_seconds=30)
            generator.generate(llm.text, ignore_progress, stop)

        assert time.monotonic() - pressed[0] < 3

    def test_cut_in_the_middle_of_the_answer(self, llm):
        llm.answer(ANSWER, chunkSize=10, truncateAfterChunks=6, latency=5)

        with pytest.raises(errors.ModelUnreachableError):
            llm.generator(openai_max_retries=2).generate(llm.text)

        assert len(llm.sent()) == 1, "an answer that began is not asked for again"

    def test_closed_before_the_end(self, llm):
        base_url = llm.double.raw_base_url(chunk_event('{"name": '), DONE)

        with pytest.raises(errors.ModelUnreachableError):
            llm.generator(openai_base_url=base_url).generate(llm.text)

    def test_of_tests_never_leads_to_a_real_model(self, llm):
        with pytest.raises(errors.ModelUnreachableError):
            llm.generator(openai_base_url=None).generate(llm.text)
        with pytest.raises(AssertionError, match="real model"):
            llm.generator(openai_base_url="https://api.openai.com/v1").generate(llm.text)


def _error_event(**error: Any) -> str:
    return f"data: {json.dumps({'error': {'message': 'no', **error}})}\n\n"


RAW_FAULTS = {
    "refusal": ([chunk_event(refusal="I can't"), chunk_event(finish="stop")], "ModelRefusedError"),
    "no choices": (['data: {"id": "c", "choices": []}\n\n', DONE], "InvalidOutputError"),
    "null choices": (['data: {"id": "c", "choices": null}\n\n', DONE], "InvalidOutputError"),
    "other shape": (['data: {"choices": [{"delta": 7}]}\n\n', DONE], "ModelUnreachableError"),
    "a list": (["data: [1, 2]\n\n", DONE], "InvalidOutputError"),
    "a number": (["data: 7\n\n", DONE], "InvalidOutputError"),
    "broken event": (['data: {"choices": [{"del\n\n', DONE], "InvalidOutputError"),
    "empty": ([], "InvalidOutputError"),
    "no content": ([chunk_event(finish="stop"), DONE], "InvalidOutputError"),
    "fault on the way": ([chunk_event("{"), _error_event(code=500)], "ModelServerError"),
    "limit on the way": (
        [chunk_event("{"), _error_event(code="rate_limit_exceeded")],
        "RateLimitedError",
    ),
    "credit on the way": (
        [chunk_event("{"), _error_event(type="insufficient_quota")],
        "QuotaExceededError",
    ),
}


class TestUnusableAnswer:
    @pytest.mark.parametrize(("pieces", "expected"), RAW_FAULTS.values(), ids=RAW_FAULTS)
    def test_has_its_own_class(self, llm, pieces, expected):
        base_url = llm.double.raw_base_url(*pieces)

        with pytest.raises(errors.GenerationError) as caught:
            llm.generator(openai_base_url=base_url).generate(llm.text)

        assert type(caught.value).__name__ == expected

    def test_that_is_no_text_is_an_invalid_output(self, llm):
        base_url = llm.double.raw_base_url('data: {"id": "\xff"}\n\n', DONE, encoding="latin1")

        with pytest.raises(errors.InvalidOutputError):
            llm.generator(openai_base_url=base_url).generate(llm.text)

    def test_cut_by_a_broken_connection(self, llm):
        base_url = llm.double.raw_base_url(chunk_event("{"), pause_ms=20, cut=True)

        with pytest.raises(errors.ModelUnreachableError):
            llm.generator(openai_base_url=base_url).generate(llm.text)

    @pytest.mark.parametrize(
        ("kind", "body", "expected"),
        [
            ("text/html; charset=utf-8", "<html>Welcome</html>", errors.ModelNotFoundError),
            ("application/json", "{malformed json: <<<", errors.InvalidOutputError),
            ("application/json", '{"hello": "world"}', errors.InvalidOutputError),
            ("text/plain", "hello", errors.InvalidOutputError),
        ],
    )
    def test_of_another_kind_than_a_stream(self, llm, kind, body, expected):
        base_url = llm.double.raw_base_url(body, headers={"content-type": kind})

        with pytest.raises(errors.GenerationError) as caught:
            llm.generator(openai_base_url=base_url).generate(llm.text)

        assert type(caught.value) is expected

    def test_malformed_by_the_double(self, llm):
        llm.answer("x", chaos={"malformedRate": 1})

        with pytest.raises(errors.InvalidOutputError):
            llm.generator().generate(llm.text)

    def test_that_does_not_fit_is_asked_for_once_more(self, llm):
        llm.answer('{"name": "Ana', match={"sequenceIndex": 0})
        llm.answer(ANSWER)

        assert llm.generator().generate(llm.text).claims
        assert len(llm.sent()) == 2

    @pytest.mark.parametrize(
        "content",
        [
            '{"name": "Ana',
            "I would rather not.",
            "[]",
            {"shoe_size": "42"},
            {"value": "Ana Ruiz", "quote": "I am Ana Ruiz"},
        ],
    )
    def test_that_never_fits_is_an_invalid_output(self, llm, content):
        llm.answer(content)

        with pytest.raises(errors.InvalidOutputError):
            llm.generator().generate(llm.text)

        assert len(llm.sent()) == 2

    def test_cut_off_at_the_output_limit(self, llm):
        usage = {"prompt_tokens": 900, "completion_tokens": 8000, "total_tokens": 8900}
        llm.answer('{"name": {"value": "Ana', finishReason="length", usage=usage)

        with pytest.raises(errors.OutputTruncatedError, match="OPENAI_MAX_OUTPUT_TOKENS"):
            llm.generator().generate(llm.text)

    def test_stopped_by_the_content_filter(self, llm):
        llm.answer(" ", finishReason="content_filter")

        with pytest.raises(errors.ModelRefusedError):
            llm.generator().generate(llm.text)

    @pytest.mark.parametrize("piece", [chunk_event("x" * 1000), "x" * 1000])
    def test_without_end_is_stopped(self, llm, piece):
        base_url = llm.double.raw_base_url(piece, repeat=3000)

        with pytest.raises(errors.OutputTruncatedError):
            llm.generator(openai_base_url=base_url, openai_max_output_tokens=256).generate(llm.text)

    @pytest.mark.parametrize("status", [200, 400, 429])
    @pytest.mark.parametrize("kind", ["text/event-stream", "application/json"])
    def test_that_unpacks_to_gigabytes_is_stopped(self, llm, kind, status):
        head = f"HTTP/1.1 {status} .\r\nContent-Type: {kind}\r\nContent-Encoding: gzip\r\n\r\n"
        bomb = head.encode() + gzip.compress(b"data: " + b"x" * 200_000_000)

        tracemalloc.start()
        with drip(bomb, 0, end=True) as url, pytest.raises(errors.OutputTruncatedError):
            llm.generator(openai_base_url=url, openai_max_output_tokens=256).generate(llm.text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert peak < 20_000_000

    @pytest.mark.parametrize(
        ("packing", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
    )
    def test_that_is_packed_unasked_is_read_all_the_same(self, llm, packing, pack):
        stream = chunk_event(json.dumps(ANSWER), "stop") + DONE
        base_url = llm.double.raw_base_url(
            base64.b64encode(pack(stream.encode())).decode(),
            encoding="base64",
            headers={"content-type": "text/event-stream", "content-encoding": packing},
        )

        assert llm.generator(openai_base_url=base_url).generate(llm.text).claims

    @pytest.mark.parametrize("packing", ["br", "gzip, gzip", "gzip"])
    def test_that_is_packed_in_no_known_way_is_an_invalid_output(self, llm, packing):
        headers = {"content-type": "text/event-stream", "content-encoding": packing}
        base_url = llm.double.raw_base_url("no gzip", headers=headers)

        with pytest.raises(errors.InvalidOutputError, match="answer"):
            llm.generator(openai_base_url=base_url).generate(llm.text)


def test_a_kept_connection_that_the_server_has_closed_meanwhile_costs_no_question() -> None:
    """It answers the first question, and closes the connection when the second one comes."""
    message = {"role": "assistant", "content": json.dumps(ANSWER)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = json.dumps({"id": "c", "choices": [choice]}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings = Settings.model_construct(
            openai_base_url=f"http://127.0.0.1:{server.getsockname()[1]}/v1", openai_max_retries=0
        )
        generator = OpenAIGenerator.from_settings(settings)

        def serve() -> int:
            for count in (1, 2):
                connection, _ = server.accept()
                with connection, connection.makefile("rb") as sent:
                    _read_request(sent)
                    connection.sendall(f"{head}\r\n\r\n".encode() + body)
                    if count == 1:
                        _read_request(sent)
            return count

        with ThreadPoolExecutor(1) as pool:
            served = pool.submit(serve)
            drafts = [generator.generate("I am Ana Ruiz") for _ in range(2)]
            assert served.result(timeout=30) == 2
    assert drafts[0].claims == drafts[1].claims != ()


def _read_request(sent: BinaryIO) -> None:
    length = 0
    while (line := sent.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    sent.read(length)
