"""A model server for many calls at once, with books of its own: what it was asked, and charged.

It runs in a process of its own, answers every text within `seconds`, and refuses or garbles as many
calls as it is told to. A call that was begun is charged for, also if its client is gone meanwhile.
Texts are told apart by a mark, `#12`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.llm_double import SAMPLE_ANSWER, SAMPLE_TEXT, chunk_event
from tests.waiting import eventually, free_port

ROOT = Path(__file__).resolve().parent.parent
PIECES = 10
_MARK = re.compile(r"#(\d+)")


def marked_text(number: int) -> str:
    """A text that the server knows again."""
    return f"{SAMPLE_TEXT}\n#{number}"


@dataclass(frozen=True)
class Manner:
    """How the server answers: shares of calls are between 0 and 1, tokens as it counts them."""

    seconds: float = 0.05
    busy: float = 0.0  # 429 with Retry-After: 1
    broken_down: float = 0.0  # 500
    garbled: float = 0.0  # an answer that is no JSON
    prompt_tokens: int = 900
    most_completion_tokens: int = 600


@dataclass(frozen=True)
class Entry:
    """One call in the books. `at` in seconds since the epoch; tokens that were charged."""

    item: int
    at: float
    status: int
    prompt_tokens: int = 0
    completion_tokens: int = 0
    ended: bool = True


class FastModel:
    """A running server."""

    def __init__(self, port: int, books: Path) -> None:
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self._books = books

    @classmethod
    @contextmanager
    def running(cls, manner: Manner = Manner()) -> Iterator[FastModel]:
        port = free_port()
        with tempfile.TemporaryDirectory(prefix="persona-books-") as folder:
            books = Path(folder) / "books"
            books.touch()
            command = [sys.executable, "-m", "tests.fast_model", str(port), str(books)]
            server = subprocess.Popen([*command, json.dumps(asdict(manner))], cwd=ROOT)
            eventually(lambda: _answers(port))
            try:
                yield cls(port, books)
            finally:
                server.terminate()
                server.wait()

    def forget(self) -> None:
        """Begin the books anew."""
        os.truncate(self._books, 0)

    def entries(self) -> list[Entry]:
        """All calls so far, in the order in which they ended."""
        return [Entry(**json.loads(line)) for line in self._books.read_text().splitlines()]

    def charged(self, input_price: float, output_price: float) -> float:
        """What all calls cost, prices in USD per million tokens."""
        return (
            sum(
                one.prompt_tokens * input_price + one.completion_tokens * output_price
                for one in self.entries()
            )
            / 1e6
        )

    def good_answers(self) -> Counter[int]:
        """How often each text was answered with a persona, whether the client took it or not."""
        return Counter(one.item for one in self.entries() if one.status == 200)


def most_in_a_minute(times: list[float], seconds: float = 60.0) -> int:
    """The most of these times that lie in any window of so many seconds."""
    times = sorted(times)
    first, most = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


# ------------------------------------------------------------------ in the server's process


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class _Server:
    def __init__(self, books: Path, manner: Manner) -> None:
        self._file = os.open(books, os.O_WRONLY | os.O_APPEND)
        self._manner = manner
        self._chance = random.Random(1)  # noqa: S311 - the same each time
        content = json.dumps(SAMPLE_ANSWER)
        size = -(-len(content) // PIECES)
        self._pieces = [chunk_event(content[at : at + size]) for at in range(0, len(content), size)]

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, backlog=1000)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while body := await _body_of(reader):
                await self._answer(_item(body), writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client was killed
        finally:
            writer.close()

    async def _answer(self, item: int, writer: asyncio.StreamWriter) -> None:
        at = time.time()
        manner, draw = self._manner, self._chance.random()
        if draw < manner.busy:
            self._note(Entry(item, at, 429))
            writer.write(_refusal(429, "Too Many Requests", "retry-after: 1\r\n"))
            return
        if draw < manner.busy + manner.broken_down:
            self._note(Entry(item, at, 500))
            writer.write(_refusal(500, "Internal Server Error"))
            return
        garbled = draw < manner.busy + manner.broken_down + manner.garbled
        output = self._chance.randint(
            manner.most_completion_tokens // 2, manner.most_completion_tokens
        )
        entry = Entry(item, at, 422 if garbled else 200, manner.prompt_tokens, output)
        ended = False
        try:
            await self._stream(writer, garbled=garbled, output=output)
            ended = True
        finally:
            self._note(Entry(**{**asdict(entry), "ended": ended}))

    async def _stream(self, writer: asyncio.StreamWriter, *, garbled: bool, output: int) -> None:
        began, manner = time.monotonic(), self._manner
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        pieces = [chunk_event("I would rather not say.")] if garbled else self._pieces
        for number, piece in enumerate(pieces, start=1):
            await asyncio.sleep(began + manner.seconds * number / len(pieces) - time.monotonic())
            writer.write(_packed(piece))
        usage = {"prompt_tokens": manner.prompt_tokens, "completion_tokens": output}
        last = {"id": "c", "choices": [], "usage": {**usage, "total_tokens": sum(usage.values())}}
        writer.write(_packed(chunk_event(finish="stop")))
        writer.write(_packed(f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n") + b"0\r\n\r\n")
        await writer.drain()

    def _note(self, entry: Entry) -> None:
        os.write(self._file, json.dumps(asdict(entry)).encode() + b"\n")


async def _body_of(reader: asyncio.StreamReader) -> bytes:
    """The body of the next request; nothing when the client has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return await reader.readexactly(int(value))
    return b""


def _item(body: bytes) -> int:
    found = _MARK.findall(json.loads(body)["messages"][-1]["content"])
    return int(found[-1]) if found else -1


def _packed(event: str) -> bytes:
    data = event.encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


def _refusal(status: int, reason: str, headers: str = "") -> bytes:
    body = json.dumps({"error": {"message": reason, "type": "error"}})
    return (
        f"HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\n{headers}"
        f"content-length: {len(body)}\r\n\r\n{body}"
    ).encode()


if __name__ == "__main__":
    asyncio.run(
        _Server(Path(sys.argv[2]), Manner(**json.loads(sys.argv[3]))).serve(int(sys.argv[1]))
    )
