"""A server with OpenAI's Batch API: files, batches, and ordinary questions beside them.

    with BatchApi.running() as server:
        server.plan(answers=3, ends="expired")
        ... OPENAI_BASE_URL=server.base_url ...

Its books (`paid`) say how often each text was answered, in whatever way. A batch moves on by one
step each time it is looked at, as its plan says.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.llm_double import persona_answer

Json = dict[str, Any]
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
_PERSON = re.compile(r"I am (Ana [A-Z]\w+) and I write SQL")


@dataclass
class Plan:
    """How a batch goes: `answers` lines get an answer (all, if None), then it `ends`."""

    answers: int | None = None
    ends: str = "completed"
    steps: tuple[str, ...] = ("validating", "in_progress", "finalizing")
    broken: tuple[int, ...] = ()
    """Answers whose lines arrive in pieces."""
    refused: Mapping[int, tuple[int, Json]] = field(default_factory=dict)
    """Lines that get a status and a body of an error instead."""
    errors: tuple[Json, ...] = ()
    """What is wrong with the file, if it `ends` as failed."""
    is_lost: bool = False
    """The batch begins, and its answer does not arrive."""


def texts(count: int, mark: str) -> list[str]:
    """Texts about `count` people."""
    letters = [chr(ord("A") + n // 26) + chr(ord("a") + n % 26) for n in range(count)]
    return [f"I am Ana {letter}{mark} and I write SQL when reports run late." for letter in letters]


class BatchApi:
    """The running server. Its files and batches are to be looked at, and changed, by tests."""

    def __init__(self, url: str) -> None:
        self.base_url = f"{url}/v1"
        self.files: dict[str, Json] = {}
        self.batches: dict[str, Json] = {}
        self.plans: list[Plan] = []
        self.paid: Counter[str] = Counter()
        self.calls = 0
        """Ordinary questions."""
        self.has_batches = True
        self.refuses: Mapping[str, str] = {}
        """Options that are refused, with what is said of them."""
        self.kills: tuple[str, str, int] | None = None
        """After this method and path is done: kill this process, and answer nothing."""
        self._lock = Lock()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[BatchApi]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        api = cls(f"http://127.0.0.1:{server.server_port}")
        server.api = api  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield api
        finally:
            server.shutdown()
            server.server_close()

    def plan(self, **plan: Any) -> None:
        """How the next batch goes."""
        self.plans.append(Plan(**plan))

    def asked(self, batch: str) -> list[Json]:
        """The lines of a batch's file."""
        content = self.batches[batch]["lines"]
        return [json.loads(line) for line in content.splitlines()]

    # --- what the paths do: status and body -------------------------------------------------

    def answer(self, method: str, path: str, query: Json, body: Any) -> tuple[int, Any]:
        with self._lock:
            if method == "POST" and path == "/chat/completions":
                self.calls += 1
                return self._answered(body)
            if not self.has_batches:
                return 404, {"detail": "Not Found"}
            parts = path.strip("/").split("/")
            answer = getattr(self, f"_{method.lower()}_{parts[0]}")(parts[1:], query, body)
            if self.kills and self.kills[:2] == (method, path):
                os.kill(self.kills[2], signal.SIGKILL)
                self.kills = None
                return 0, None
            return answer

    def _answered(self, body: Json) -> tuple[int, Json]:
        for option, said in self.refuses.items():
            if option in body:
                return 400, {"error": {"message": said, "type": "invalid_request_error"}}
        asked = body["messages"][-1]["content"]
        person = _PERSON.search(asked)
        self.paid[person[1] if person else "nobody"] += 1
        found = person and persona_answer(
            name=(person[1], f"I am {person[1]}"), skills=[("SQL", "I write SQL")]
        )
        message = {"role": "assistant", "content": json.dumps(found or persona_answer())}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return 200, {"object": "chat.completion", "choices": [choice], "usage": USAGE}

    def _post_files(self, _: list[str], __: Json, form: Json) -> tuple[int, Any]:
        id = f"file-{len(self.files) + 1}"
        self.files[id] = {"id": id, "object": "file", "status": "processed", **form}
        return 200, _told(self.files[id])

    def _get_files(self, rest: list[str], query: Json, _: Any) -> tuple[int, Any]:
        if not rest:
            return 200, _page(self.files, query)
        if rest[0] not in self.files:
            return 404, {"error": {"message": "No such File object"}}
        return 200, self.files[rest[0]]["content"]

    def _delete_files(self, rest: list[str], _: Json, __: Any) -> tuple[int, Any]:
        return (200, {"deleted": True}) if self.files.pop(rest[0], None) else (404, {})

    def _post_batches(self, rest: list[str], _: Json, body: Any) -> tuple[int, Any]:
        if rest:
            return self._cancelled(self.batches[rest[0]])
        plan = self.plans.pop(0) if self.plans else Plan()
        id = f"batch_{len(self.batches) + 1}"
        self.batches[id] = {
            "id": id,
            "object": "batch",
            "status": plan.steps[0] if plan.steps else "validating",
            "output_file_id": "",
            "error_file_id": None,
            **body,
            "lines": self.files[body["input_file_id"]]["content"].decode(),
            "plan": plan,
            "steps": list(plan.steps),
        }
        return (0, None) if plan.is_lost else (200, _told(self.batches[id]))

    def _get_batches(self, rest: list[str], query: Json, _: Any) -> tuple[int, Any]:
        if not rest:
            return 200, _page(self.batches, query)
        batch = self.batches[rest[0]]
        if batch["steps"]:
            batch["status"] = batch["steps"].pop(0)
        elif batch["status"] in ("validating", "in_progress", "finalizing", "cancelling"):
            self._end(batch, batch["plan"].ends)
        return 200, _told(batch)

    def _cancelled(self, batch: Json) -> tuple[int, Any]:
        if batch["status"] in ("completed", "expired", "failed", "cancelled"):
            return 400, {"error": {"message": "Cannot cancel a batch that has ended."}}
        batch["status"], batch["steps"], batch["plan"].ends = "cancelling", [], "cancelled"
        return 200, _told(batch)

    def _end(self, batch: Json, state: str) -> None:
        """Answer as many lines as the plan says; what is left is an error line."""
        plan: Plan = batch["plan"]
        batch["status"] = state
        if state == "failed":
            batch["errors"] = {"object": "list", "data": list(plan.errors)}
            return
        output: list[str] = []
        refused: list[str] = []
        for number, line in enumerate(batch["lines"].splitlines()):
            asked = json.loads(line)
            told: Json = {"id": f"r{number}", "custom_id": asked["custom_id"], "response": None}
            if number in plan.refused:
                status, body = plan.refused[number]
                refused.append(_line(told, status, body))
            elif plan.answers is None or number < plan.answers:
                status, body = self._answered(asked["body"])
                written = _line(told, status, body)
                broken = number in plan.broken
                output.append(written[: len(written) // 2] if broken else written)
            else:
                error = {"code": f"batch_{state}", "message": f"This batch was {state}."}
                refused.append(json.dumps({**told, "error": error}))
        for name, lines in (("output_file_id", output), ("error_file_id", refused)):
            if lines:
                content = "\n".join(reversed(lines)) + "\n"
                form = {"content": content.encode(), "filename": "f", "purpose": "batch_output"}
                batch[name] = self._post_files([], {}, form)[1]["id"]


def _line(told: Json, status: int, body: Json) -> str:
    response = {"status_code": status, "request_id": "q", "body": body}
    return json.dumps({**told, "response": response, "error": None}, ensure_ascii=False)


def _told(one: Json) -> Json:
    return {name: one[name] for name in one if name not in ("content", "lines", "plan", "steps")}


def _page(found: Mapping[str, Json], query: Json) -> Json:
    newest = list(reversed(found))
    start = newest.index(query["after"]) + 1 if "after" in query else 0
    shown = newest[start : start + int(query.get("limit", 20))]
    more = start + len(shown) < len(newest)
    return {"object": "list", "data": [_told(found[id]) for id in shown], "has_more": more}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        api: BatchApi = self.server.api  # type: ignore[attr-defined]
        path = parts.path.removeprefix("/v1")
        status, body = api.answer(self.command, path, query, self._body())
        self.close_connection = True
        if not status:
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _serve

    def _body(self) -> Any:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        kind = self.headers.get("content-type") or ""
        if not kind.startswith("multipart/"):
            return json.loads(content) if content else None
        form: Json = {}
        whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + content)
        for part in whole.get_payload():
            value = part.get_payload(decode=True)
            name = part.get_param("name", header="content-disposition")
            if filename := part.get_filename():
                form |= {"filename": filename, "content": value, "bytes": len(value)}
            else:
                form[name] = value.decode()
        return form

    def log_message(self, *_: Any) -> None:
        """Not to the terminal."""
