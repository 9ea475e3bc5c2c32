"""How long a cancelled generation still takes: `python -m tests.benchmarks.cancelling`.

One real server that is silent after the request (prefill), one that streams for ever, and a
question that waits for its turn. The time is that from the word to the end of the work.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from services.engines.model.generator import OpenAIGenerator
from services.engines.stopping import Stop, StoppedError
from services.settings import Settings
from tests.llm_double import LLMDouble, chunk_event

ROUNDS = 40
TEXT = "I am Ana Ruiz and I write SQL."


def main() -> None:
    """Print p50, p95 and the longest time of a stop at each place."""
    with LLMDouble.running() as double:
        silent = double.raw_base_url(" ", repeat=1_000, pause_ms=60_000)
        endless = double.raw_base_url(chunk_event("x"), repeat=1_000_000, pause_ms=5)
        waiting = _generator(silent, workers=1)
        ahead = Stop()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_until_stopped, waiting, ahead)
            time.sleep(0.5)
            print(f"{ROUNDS} stops each, ms           p50     p95  longest")
            _print("before the first byte", lambda: _generator(silent))
            _print("within the answer", lambda: _generator(endless))
            _print("waiting for its turn", lambda: waiting)
            ahead.set()


def _generator(base_url: str, workers: int = 4) -> OpenAIGenerator:
    settings = Settings.model_construct(
        openai_base_url=base_url, openai_model="m", generation_workers=workers
    )
    return OpenAIGenerator.from_settings(settings)


def _print(place: str, generator: Callable[[], OpenAIGenerator]) -> None:
    times = sorted(_seconds(generator()) * 1000 for _ in range(ROUNDS))
    p95 = times[int(len(times) * 0.95) - 1]
    print(f"{place:27} {statistics.median(times):6.1f} {p95:7.1f} {times[-1]:8.1f}")


def _seconds(generator: OpenAIGenerator) -> float:
    stop = Stop()
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(_until_stopped, generator, stop)
        time.sleep(0.3)
        began = time.monotonic()
        stop.set()
        return ended.result() - began


def _until_stopped(generator: OpenAIGenerator, stop: Stop) -> float:
    try:
        generator.generate(TEXT, lambda _: None, stop)
    except StoppedError:
        return time.monotonic()
    raise AssertionError("it ended by itself")


if __name__ == "__main__":
    main()
