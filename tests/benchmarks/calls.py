"""What the dashboard adds to a model's own time: `python -m tests.benchmarks.calls`.

A server of its own process answers every question within about a second, in a hundred pieces, and
tells how long it took itself. Added time is what a question takes beyond that, processor time what
this process works for it; throughput is compared with that of clients that add nothing.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from services.engines.model.generator import OpenAIGenerator
from services.settings import Settings
from tests.llm_double import SAMPLE_ANSWER, SAMPLE_TEXT, chunk_event
from tests.waiting import free_port

SECONDS = 1.0
PIECES = 100
AT_ONCE = (1, 4, 16, 64)
ROUNDS = 6


def main() -> None:
    """Print added time and throughput for each number of questions at once."""
    port = free_port()
    server = multiprocessing.Process(target=_serve, args=(port,), daemon=True)
    server.start()
    try:
        print(f"answers of {SECONDS:.0f} s in {PIECES} pieces; times in ms")
        print("at once   added p50     p95 processor   calls/s   of the ideal")
        for count in AT_ONCE:
            _print(f"http://127.0.0.1:{port}/v1", count)
    finally:
        server.terminate()
        server.join()


def _print(base_url: str, at_once: int) -> None:
    settings = Settings.model_construct(
        openai_base_url=base_url, openai_model="m", generation_workers=at_once
    )
    generator = OpenAIGenerator.from_settings(settings)

    def ask(_: int) -> tuple[float, float]:
        began = time.monotonic()
        draft = generator.generate(SAMPLE_TEXT)
        assert draft.usage is not None
        return time.monotonic() - began, draft.usage.input_tokens / 1e6

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(ask, range(at_once)))
        began, worked = time.monotonic(), time.process_time()
        times = list(pool.map(ask, range(at_once * ROUNDS)))
        took = time.monotonic() - began
        work = (time.process_time() - worked) / len(times)
    added = sorted((whole - own) * 1000 for whole, own in times)
    ideal = at_once / statistics.mean(own for _, own in times)
    calls = len(times) / took
    p95 = added[int(len(added) * 0.95) - 1]
    print(
        f"{at_once:7} {statistics.median(added):11.1f} {p95:7.1f} {work * 1000:9.1f} {calls:9.1f} "
        f"{calls / ideal:14.2f}"
    )


def _serve(port: int) -> None:
    asyncio.run(_serve_for_ever(port))


async def _serve_for_ever(port: int) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", port)
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    content = json.dumps(SAMPLE_ANSWER)
    size = -(-len(content) // PIECES)
    pieces = [_packed(chunk_event(content[at : at + size])) for at in range(0, len(content), size)]
    while head := await _head(reader):
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        await reader.readexactly(length)
        began = time.monotonic()
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        for number, piece in enumerate(pieces, start=1):
            await asyncio.sleep(began + SECONDS * number / len(pieces) - time.monotonic())
            writer.write(piece)
        took = int((time.monotonic() - began) * 1e6)
        usage = {"prompt_tokens": took, "completion_tokens": 400, "total_tokens": took + 400}
        last = json.dumps({"id": "c", "choices": [], "usage": usage})
        writer.write(_packed(chunk_event(finish="stop")))
        writer.write(_packed(f"data: {last}\n\ndata: [DONE]\n\n"))
        writer.write(b"0\r\n\r\n")


async def _head(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request; nothing when the client has gone."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def _packed(event: str) -> bytes:
    """As one piece of a chunked body."""
    data = event.encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


if __name__ == "__main__":
    main()
