"""Many texts asked in files: chosen at the start, followed on the batch's page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from services.generation.batch_files.poller import FilePoller, Pauses
from services.generation.batches import get_batches
from services.generation.engine_choice import build_generators
from services.settings import get_settings
from tests.model_servers.batch_api import BatchApi, texts
from tests.ui.conftest import open_page, run_until, text_of
from tests.ui.test_many_texts import given, read, started

AT_ONCE = Pauses(first=0, longest=0)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchApi]:
    with BatchApi.running() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
        monkeypatch.setenv("OPENAI_PRICE_INPUT", "1")
        monkeypatch.setenv("OPENAI_PRICE_OUTPUT", "10")
        get_settings.cache_clear()
        yield running


def test_a_batch_in_files_from_its_start_to_its_personas(api: BatchApi) -> None:
    api.plan(steps=("validating", "in_progress", "in_progress"), answers=3, ends="expired")
    at = read(given(*((f"{n}.txt", text) for n, text in enumerate(texts(5, "una")))))
    assert "In files: about" not in text_of(at)
    at.toggle(key="in-files").set_value(True).run()
    assert "In files: about" in text_of(at)
    at.toggle(key="calls-after-files").set_value(False).run()
    at.toggle(key="reuse").set_value(False).run()
    batch = started(at)
    assert batch.reuse is False
    assert (batch.way, batch.calls_after_files, batch.total) == ("batch_api", False, 5)
    looks = FilePoller(build_generators(get_settings()), "one", pauses=AT_ONCE)

    page = open_page("batch", id=str(batch.id))
    assert "written into a file" in text_of(page)
    for _ in range(5):
        looks.step()
    run_until(page, lambda at: "being answered" in text_of(at))
    assert "File 1: 4 texts" in text_of(page), text_of(page)
    while looks.step():
        pass
    page = run_until(page, _has_ended)
    assert "its time ran out; what was answered is kept" in text_of(page)
    assert "did not come to this text within its 24 hours" in text_of(page)
    stored = get_batches().read(batch.id)
    assert (stored.state, stored.saved, stored.failed) == ("finished", 4, 1)


def _has_ended(at: AppTest) -> bool:
    return "Finished" in text_of(at)
