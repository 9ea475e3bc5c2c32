"""The OpenAI API as a real local server with scripted answers, for tests of every kind.

    with LLMDouble.running() as double:
        double.answer("words of the pasted text", SAMPLE_ANSWER, tokens_per_second=60)
        ... OPENAI_BASE_URL=double.base_url ...

It is aimock behind `tests/llm_double_server.mjs`. A scripted answer belongs to the words of the
text it is given for; nothing scripted for a text is answered with 503. Requests with the header
X-Test-Id have counters and a journal of their own.
"""

from __future__ import annotations

import base64
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.evidence.schema import FIELDS
from services.local_supabase.node import node_binary
from tests.waiting import free_port

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "tests" / "llm_double_server.mjs"
START_SECONDS = 30
Json = dict[str, Any]
Fact = str | tuple[str, str]
EVENT_STREAM = {"content-type": "text/event-stream"}

SAMPLE_TEXT = """\
Interview with Ines Calloway, 41, head of logistics at Brambleford Dairy in Ludlow.

"I have run our cold chain for twelve years," she says. Her day starts at five with the route
board, and she will not leave before every driver has called in. What slows her down is the
paper: "Three of our depots still fax their temperature logs." By spring she wants every van to
report its temperature by itself, and she wants to halve the milk we pour away.

She writes SQL when the reports run late, and she is known for saying plainly what she thinks.
"Waste is a decision somebody made," she says. On Sundays she repairs old barometers.
"""


def persona_answer(**facts: Fact | Sequence[Fact]) -> Json:
    """A complete answer: the facts given, null or an empty list elsewhere.

    A fact is (value, quote), or one string that is both. Raises KeyError for an unknown field.
    """
    answer: Json = {spec.name: None if spec.kind == "single" else [] for spec in FIELDS}
    for name, given in facts.items():
        single = answer[name] is None
        answer[name] = _fact(given) if single else [_fact(fact) for fact in given]
    return answer


def _fact(given: Any) -> Json:
    value, quote = (given, given) if isinstance(given, str) else given
    return {"value": value, "quote": quote}


SAMPLE_ANSWER = persona_answer(
    name=("Ines Calloway", "Interview with Ines Calloway"),
    age=("41", "Ines Calloway, 41"),
    role=("head of logistics", "head of logistics at Brambleford Dairy"),
    company=("Brambleford Dairy", "head of logistics at Brambleford Dairy"),
    location=("Ludlow", "Brambleford Dairy in Ludlow"),
    years_experience=("12", "I have run our cold chain for twelve years"),
    communication_style=("plain", "she is known for saying plainly what she thinks"),
    traits=[("thorough", "she will not leave before every driver has called in")],
    skills=[("SQL", "She writes SQL when the reports run late")],
    goals=[
        ("vans report their temperature", "every van to\nreport its temperature by itself"),
        ("halve the milk poured away", "she wants to halve the milk we pour away"),
    ],
    pain_points=[
        ("depots that fax their logs", "Three of our depots still fax their temperature logs."),
    ],
    behaviours=[("starts at five with the route board", "Her day starts at five with the route")],
    interests=[("repairing old barometers", "On Sundays she repairs old barometers.")],
    values=[("no waste", "Waste is a decision somebody made")],
    quotes=["Waste is a decision somebody made"],
)


def chunk_event(content: str | None = None, finish: str | None = None, **delta: Any) -> str:
    """One server-sent event of a streamed chat completion."""
    choice = {"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


class LLMDouble:
    """A running double: script its answers, read what it was sent."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.base_url = f"{self.url}/v1"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[LLMDouble]:
        """Start the server, wait until it is ready, stop it at the end."""
        port = free_port()
        process = subprocess.Popen(
            [node_binary(), SERVER, str(port)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        double = cls(port)
        try:
            double._wait_until_ready(process)
            yield double
        finally:
            process.terminate()
            process.communicate(timeout=10)

    def answer(
        self,
        words: str,
        content: Json | str,
        *,
        tokens_per_second: float | None = None,
        match: Json | None = None,
        **fixture: Any,
    ) -> None:
        """Answer a text that holds `words` with `content`, at this speed if one is given.

        `match` narrows the request further (sequenceIndex, responseFormat, model). Other
        arguments go into the fixture (chunkSize, latency, truncateAfterChunks, chaos), or into
        its response: finishReason, usage.
        """
        response = {"content": content}
        response |= {key: fixture.pop(key) for key in ("finishReason", "usage") if key in fixture}
        if tokens_per_second:
            fixture["streamingProfile"] = {"ttft": 300, "tps": tokens_per_second}
        self._add(words, match, response, fixture)

    def fail(
        self,
        words: str,
        status: int,
        *,
        match: Json | None = None,
        retry_after: int | None = None,
        **error: Any,
    ) -> None:
        """Refuse a text that holds `words` with this status and OpenAI error object."""
        response: Json = {"status": status, "error": {"message": "no", "type": "error", **error}}
        if retry_after is not None:
            response["retryAfter"] = retry_after
        self._add(words, match, response, {})

    def journal(self, test_id: str) -> list[Json]:
        """The requests of a test in order; a body of more than 64 KiB is only marked."""
        entries: list[Json] = self._call("GET", f"/__aimock/journal?testId={test_id}")
        return entries

    def raw_base_url(
        self,
        *pieces: str,
        status: int = 200,
        headers: Json | None = None,
        encoding: str = "utf8",
        repeat: int = 1,
        pause_ms: int = 0,
        cut: bool = False,
    ) -> str:
        """A base URL that answers every request with exactly these bytes; see the server."""
        spec = {
            "status": status,
            "headers": EVENT_STREAM if headers is None else headers,
            "pieces": pieces,
            "encoding": encoding,
            "repeat": repeat,
            "pause_ms": pause_ms,
            "cut": cut,
        }
        encoded = base64.urlsafe_b64encode(json.dumps(spec).encode()).decode().rstrip("=")
        return f"{self.url}/raw/{encoded}/v1"

    def _add(self, words: str, match: Json | None, response: Json, options: Json) -> None:
        fixture = {"match": {"userMessage": words, **(match or {})}, "response": response}
        self._call("POST", "/__aimock/fixtures", {"fixtures": [fixture | options]})

    def _call(self, method: str, path: str, body: Json | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the address is our own
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return json.load(response)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self._call("GET", "/ready")
                return
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(process.communicate()[1].decode()) from None
                time.sleep(0.05)
        raise TimeoutError("the test double of the OpenAI API did not start")
