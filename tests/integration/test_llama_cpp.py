"""llama.cpp's own server, with a model that says nothing sensible but in the right form."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.engines.generator import Progress
from services.engines.model.dialect import STRONGEST
from services.engines.model.generator import OpenAIGenerator
from services.engines.stopping import Stop, StoppedError
from services.errors import NoClaimsError, TextTooLongError
from services.evidence.schema import FIELDS
from services.generation.trial import try_model
from services.settings import Settings
from tests.tiny_llama import serving

TEXT = "I am Ana Ruiz and I write SQL."  # with the instructions about 3,700 tokens of one byte


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def roomy(folder: Path) -> Iterator[str]:
    with serving(folder, 32_768) as url:
        yield url


def settings_for(url: str, **settings: Any) -> Settings:
    values = {"openai_base_url": url, "openai_model": "tiny", "openai_max_retries": 0, **settings}
    return Settings.model_construct(**values)


def test_fills_in_the_strict_schema_and_streams(roomy: str) -> None:
    seen: list[Progress] = []
    draft = OpenAIGenerator.from_settings(settings_for(roomy)).generate(TEXT, seen.append)
    assert [key for key in ('"name"', '"quotes"') if key in seen[-1].output]
    assert len({progress.output for progress in seen}) > 3, "it did not stream"
    assert draft.usage and draft.usage.input_tokens > 2000 and draft.usage.output_tokens > 100


def test_trial_finds_nothing_that_it_does_not_take(roomy: str) -> None:
    trial = try_model(settings_for(roomy))
    assert trial.dialect == STRONGEST
    assert trial.usage and trial.usage.output_tokens > len(FIELDS)


def test_text_over_the_context_is_refused_with_the_figures(folder: Path) -> None:
    with serving(folder, 1024) as url:
        generator = OpenAIGenerator.from_settings(settings_for(url))
        with pytest.raises(TextTooLongError, match=r"1,024 tokens: .* take 3,\d\d\d\..*--ctx-size"):
            generator.generate(TEXT)


def test_long_text_is_cut_into_parts_that_fit(folder: Path) -> None:
    with serving(folder, 7700) as url:
        generator = OpenAIGenerator.from_settings(settings_for(url))
        text = f"{TEXT} " * 250
        done: set[int] = set()
        with pytest.raises(NoClaimsError):
            generator.generate(text, lambda progress: done.add(progress.chunks_done))
        assert max(done) >= 3


def test_context_that_fills_up_while_answering_is_told_apart(folder: Path) -> None:
    with serving(folder, 3864) as url:
        generator = OpenAIGenerator.from_settings(settings_for(url))
        with pytest.raises(TextTooLongError, match="full before its answer was complete"):
            generator.generate(TEXT)


@pytest.mark.parametrize("seconds", [0.05, 0.6], ids=["at the beginning", "within the answer"])
def test_cancel_ends_the_work_of_the_server_too(roomy: str, seconds: float) -> None:
    generator = OpenAIGenerator.from_settings(settings_for(roomy))
    stop = Stop()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(generator.generate, f"{TEXT} " * 300, lambda _: None, stop)
        time.sleep(seconds)
        assert not running.done()
        began = time.monotonic()
        stop.set()
        with pytest.raises(StoppedError):
            running.result(timeout=10)
        assert time.monotonic() - began < 0.5
    began = time.monotonic()
    generator.generate(TEXT)
    assert time.monotonic() - began < 20, "its only slot was not let go"
