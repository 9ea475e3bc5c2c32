"""Workers on a real queue: what they draft is saved once, what fails is named, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from services.engines.generator import (
    Draft,
    Generator,
    Progress,
    ProgressListener,
    Task,
    ignore_progress,
)
from services.engines.stopping import NEVER, Stop
from services.errors import (
    InvalidOutputError,
    ModelRefusedError,
    ModelServerError,
    ModelUnreachableError,
)
from services.evidence.schema import Claim
from services.generation.batches import NewBatch, NewItem, get_batches
from services.generation.queue.stored import Queue
from services.generation.worker.worker import Worker
from services.personas import get_persona_repository
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("database")


class WordyGenerator(Generator):
    """An engine that does what the text says: fail, or wait to be let go."""

    name = "wordy"
    model = None
    server_name = "wordy"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.runs = 0
        self.is_down = False

    def generate(
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        self.runs += 1
        on_progress(Progress(0, 1))
        if self.is_down:
            raise ModelUnreachableError
        for word, fault in (
            ("refused", ModelRefusedError),
            ("broken", InvalidOutputError),
            ("overloaded", ModelServerError),
        ):
            if word in text:
                raise fault
        while "waits" in text and not self.go.wait(0.02):
            stop.check()
        return Draft((Claim("name", "Mara", "Mara"),), engine=self.name)

    def estimate(self, text: str) -> None:
        return None

    def most(self, text: str) -> None:
        return None


@pytest.fixture
def engine() -> WordyGenerator:
    return WordyGenerator()


def a_batch(*texts: str) -> UUID:
    batch = NewBatch(id=uuid4(), engine="wordy")
    get_batches().create(batch)
    items = [NewItem(position=n, raw_text=f"Mara {text}") for n, text in enumerate(texts)]
    get_batches().enqueue(batch.id, items)
    get_batches().change(batch.id, "start")
    return batch.id


@contextmanager
def working(engine: Generator, concurrency: int = 4, **queue: float) -> Iterator[Worker]:
    worker = Worker(Queue(f"w{uuid4().hex[:4]}", **queue), [engine], concurrency)  # type: ignore[arg-type]
    worker.start()
    yield worker
    worker.stop()


def finished(batch: UUID) -> bool:
    return get_batches().read(batch).state == "finished"


def test_every_text_becomes_a_persona_or_a_named_failure(engine: WordyGenerator) -> None:
    batch = a_batch(*["keeps bees"] * 20, "is refused", "is broken", "is overloaded")
    with working(engine, attempts=2):
        eventually(lambda: finished(batch))
    stored = get_batches().read(batch)
    assert (stored.saved, stored.failed) == (20, 3)
    kinds = {(f.error_kind, f.requests) for f in get_batches().failures(batch)}
    assert kinds == {("refused", 1), ("invalid_output", 1), ("server_error", 1)}
    assert get_persona_repository().count() == 20
    assert engine.runs == 20 + 1 + 2 + 2


def test_a_worker_that_stops_hands_back_and_another_goes_on(engine: WordyGenerator) -> None:
    batch = a_batch(*["waits"] * 8)
    with working(engine) as first:
        eventually(lambda: engine.runs == 6)
    assert (first.under_way, first.counts["queued"]) == (0, 6)
    assert [one.attempts for one in get_batches().items(batch)] == [0] * 8
    with working(engine) as second:
        eventually(lambda: engine.runs == 12)
        threading.Timer(0.1, engine.go.set).start()
        second.stop(finish_seconds=10)
        assert second.counts["saved"] >= 6, "what is under way may end"
    assert get_batches().read(batch).running == 0


def test_a_batch_waits_while_the_model_server_is_down(engine: WordyGenerator) -> None:
    engine.is_down = True
    batch = a_batch(*["keeps bees"] * 30)
    with working(engine) as worker:
        eventually(lambda: engine.runs >= 5)
        eventually(lambda: worker.is_idle)
        assert engine.runs < 5 + 6
        assert get_batches().read(batch).failed == 0


def test_work_on_a_cancelled_batch_ends(engine: WordyGenerator) -> None:
    batch = a_batch(*["waits"] * 8)
    with working(engine, lease=1) as worker:
        eventually(lambda: engine.runs == 6)
        assert get_batches().change(batch, "cancel").changed == 2
        eventually(lambda: worker.counts["cancelled"] == 6)
    assert get_batches().read(batch).cancelled == 8
