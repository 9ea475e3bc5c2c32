"""Batches that are asked in files: sent, looked after and taken in, whatever happens in between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.database import reset_supabase_client
from services.engines.model.dialect import PROCESS_MEMORY, Dialect
from services.engines.model.generator import OpenAIGenerator
from services.evidence.text.equality import text_hash
from services.generation.batch_files.poller import FilePoller, Pauses
from services.generation.batch_files.repository import FileRepository, StoredFile
from services.generation.batches import Batch, NewBatch, NewItem, Way, get_batches
from services.generation.queue.saving import GroupedSaves
from services.generation.queue.stored import Queue
from services.generation.worker.attempt import Attempt
from services.generation.worker.worker import Worker
from services.local_supabase.stack import LocalSupabase
from services.personas.repository import get_persona_repository
from services.settings import Settings, get_settings
from tests.model_servers.batch_api import BatchApi, texts
from tests.waiting import eventually

AT_ONCE = Pauses(first=0, longest=0, idle=0)


@pytest.fixture
def api() -> Iterator[BatchApi]:
    with BatchApi.running() as running:
        yield running


@pytest.fixture
def known(api: BatchApi) -> BatchApi:
    """The server, of which it is known how it is asked."""
    PROCESS_MEMORY.remember(api.base_url, "m", Dialect())
    return api


@pytest.fixture
def prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_PRICE_INPUT", "1")
    monkeypatch.setenv("OPENAI_PRICE_OUTPUT", "10")
    get_settings.cache_clear()


def engine(api: BatchApi) -> OpenAIGenerator:
    values: dict[str, Any] = {"openai_base_url": api.base_url, "openai_timeout_seconds": 5}
    return OpenAIGenerator.from_settings(
        Settings.model_construct(openai_model="m", openai_max_retries=0, **values)
    )


def poller(api: BatchApi, worker: str = "one", **options: Any) -> FilePoller:
    return FilePoller([engine(api)], worker, **{"pauses": AT_ONCE, **options})


def begin(
    mark: str,
    count: int = 6,
    most_usd: float = 0.2,
    way: Way = "batch_api",
    **batch: Any,
) -> UUID:
    """A running batch of texts that are to be asked in a file."""
    new = NewBatch(id=uuid4(), engine="openai", model="m", way=way, **batch)
    get_batches().create(new)
    get_batches().enqueue(
        new.id,
        [
            NewItem(
                position=n,
                raw_text=text,
                text_hash=text_hash(text),
                max_usd=most_usd,
                max_tokens=50_000,
            )
            for n, text in enumerate(texts(count, mark))
        ],
    )
    get_batches().change(new.id, "start")
    return new.id


def work(looking_after: FilePoller) -> None:
    """Until nothing is left to do."""
    while looking_after.step():
        pass


def ask_singly(api: BatchApi) -> None:
    """What the files did not bring, as a worker asks it."""
    queue, generator = Queue("a worker"), engine(api)
    while claimed := queue.claim({"openai": None}, 10):
        for one in claimed:
            assert Attempt(one, queue, GroupedSaves(queue), {"openai": generator}).run(Event())


def read(batch: UUID) -> tuple[Batch, list[StoredFile]]:
    return get_batches().read(batch), FileRepository("").of_batch(batch)


def test_a_batch_is_asked_in_one_file_at_half_the_price(
    database: LocalSupabase, api: BatchApi, prices: None
) -> None:
    batch = begin("ria")
    work(poller(api))
    stored, (file,) = read(batch)
    assert (stored.state, stored.saved, stored.total) == ("finished", 6, 6)
    assert (file.state, file.questions, file.server_state) == ("done", 5, "completed")
    assert api.calls == 1, "the first is asked singly: it tells how the server is asked"
    assert set(api.paid.values()) == {1} and len(api.paid) == 6
    assert stored.spent_usd == pytest.approx(0.002 + 5 * 0.001)
    assert (stored.reserved_usd, stored.spent_tokens) == (0, 6 * 1100)
    assert not api.files, "people's texts do not stay at the server"
    found, total = get_persona_repository().read_all(10, 0)
    assert total == 6 and all(one.evidence and one.persona["skills"] == ["SQL"] for one in found)


def test_what_expires_half_way_is_kept_and_the_rest_asked_singly(
    database: LocalSupabase, known: BatchApi, prices: None
) -> None:
    flagged = {"error": {"message": "flagged", "code": "content_policy_violation"}}
    busy = {"error": {"message": "The server had an error.", "type": "server_error"}}
    known.plan(answers=8, ends="expired", broken=(1,), refused={2: (400, flagged), 3: (500, busy)})
    batch = begin("ska", 12)
    work(poller(known))
    stored, (file,) = read(batch)
    assert (file.state, file.server_state, file.questions) == ("done", "expired", 12)
    assert (stored.saved, stored.failed, stored.queued) == (5, 1, 6)
    (failures,) = get_batches().failures(batch)
    assert (failures.error_kind, failures.requests) == ("refused", 1)
    waiting = {one.error_kind for one in get_batches().items(batch, ["queued"])}
    assert waiting == {"expired", "invalid_output", "server_error"}
    ask_singly(known)
    stored, _ = read(batch)
    assert (stored.state, stored.saved, stored.failed) == ("finished", 11, 1)
    twice = [person for person, times in known.paid.items() if times > 1]
    assert len(twice) == 1, "the one whose answer arrived broken"
    spent = 5 * 0.001 + 6 * 0.002 + 0.2  # of the broken one, the most
    assert stored.spent_usd == pytest.approx(spent) and stored.reserved_usd == 0


def test_without_the_switch_what_failed_is_a_named_failure(
    database: LocalSupabase, known: BatchApi
) -> None:
    known.plan(answers=2, ends="expired")
    batch = begin("ndo", 5, calls_after_files=False)
    work(poller(known))
    stored, _ = read(batch)
    assert (stored.state, stored.saved, stored.failed) == ("finished", 2, 3)
    (failures,) = get_batches().failures(batch)
    assert failures.error_kind == "expired" and "24 hours" in str(failures.example)
    get_batches().change(batch, "run_again")
    work(poller(known))
    assert read(batch)[0].saved == 5 and len(known.batches) == 2, "in a file again"


@pytest.mark.parametrize(
    "kill",
    [
        ("POST", "/files"),
        ("POST", "/batches"),
        ("GET", "/batches/batch_1"),
        ("GET", "/files/file-2/content"),
        ("GET", "/files/file-3/content"),
        ("DELETE", "/files/file-1"),
    ],
    ids=" ".join,
)
def test_a_process_that_is_killed_loses_nothing_and_pays_nothing_twice(
    database: LocalSupabase, known: BatchApi, kill: tuple[str, str]
) -> None:
    known.plan(answers=4, ends="expired")
    batch = begin("vik")
    ready, set_ready = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(ready, 1)
        reset_supabase_client()
        work(poller(known, "killed", lease_seconds=0))
        os._exit(0)
    known.kills = (*kill, child)
    os.write(set_ready, b".")
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    work(poller(known, "another"))
    ask_singly(known)
    stored, files = read(batch)
    assert (stored.state, stored.saved, len(files)) == ("finished", 6, 1)
    assert len(known.batches) == 1 and set(known.paid.values()) == {1}
    assert get_persona_repository().count() == 6
    assert not [file for file in known.files.values() if file["purpose"] == "batch"]


def test_a_cap_holds_for_files_too(database: LocalSupabase, known: BatchApi, prices: None) -> None:
    batch = begin("lena", 6, most_usd=0.004, cap_usd=0.0065)
    work(poller(known))
    stored, files = read(batch)
    assert [file.questions for file in files] == [3, 1, 1]
    assert (stored.state, stored.pause_reason, stored.saved) == ("paused", "cap", 5)
    assert stored.spent_usd == pytest.approx(0.005) and stored.reserved_usd == 0
    get_batches().change(batch, "resume", cap_usd=1)
    work(poller(known))
    assert read(batch)[0].saved == 6


def test_what_was_answered_before_a_batch_was_cancelled_is_kept(
    database: LocalSupabase, known: BatchApi
) -> None:
    known.plan(answers=2, steps=("validating", *["in_progress"] * 50))
    batch = begin("mira", 5)
    looking_after = poller(known)
    for _ in range(5):
        looking_after.step()
    assert read(batch)[1][0].state == "begun"
    get_batches().change(batch, "cancel")
    work(looking_after)
    stored, (file,) = read(batch)
    assert (stored.state, stored.saved, stored.cancelled) == ("cancelled", 2, 3)
    assert (file.server_state, stored.reserved_tokens) == ("cancelled", 0)
    assert known.batches["batch_1"]["status"] == "cancelled"


def test_of_a_batch_that_is_deleted_nothing_stays_at_the_server(
    database: LocalSupabase, known: BatchApi
) -> None:
    known.plan(answers=2, steps=("validating", *["in_progress"] * 50))
    batch = begin("dora", 3)
    looking_after = poller(known)
    for _ in range(5):
        looking_after.step()
    get_batches().delete(batch)
    work(looking_after)
    assert known.batches["batch_1"]["status"] == "cancelled" and not known.files
    assert get_persona_repository().count() == 0


def test_a_server_that_takes_no_files_or_too_many_or_not_this_one(
    database: LocalSupabase, known: BatchApi
) -> None:
    full = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached."}
    broken = {"code": "invalid_json_line", "message": "This line is not parseable.", "line": 1}
    known.plan(ends="failed", errors=(full,))
    batch = begin("tara", 2)
    work(poller(known))
    stored, (file,) = read(batch)
    assert stored.queued == 2 and file.error_kind == "rate_limited"
    assert not known.paid and not poller(known).step(), "it waits until there is room"
    get_batches().delete(batch)

    known.plan(ends="failed", errors=(broken,))
    batch = begin("nela", 2)
    work(poller(known))
    ask_singly(known)
    assert read(batch)[0].saved == 2

    known.has_batches = False
    batch = begin("olga", 2)
    work(poller(known))
    stored, (file,) = read(batch)
    assert (stored.queued, file.state, file.error_kind) == (2, "done", "no_batches")
    ask_singly(known)
    assert read(batch)[0].saved == 2


def test_a_server_that_is_away_is_asked_again_later(
    database: LocalSupabase, known: BatchApi
) -> None:
    known.plan(is_lost=True)
    batch = begin("ines", 2)
    looking_after = poller(known)
    for _ in range(3):
        looking_after.step()
    (file,) = read(batch)[1]
    assert (file.state, file.failures, file.error_kind) == ("sent", 1, "unreachable")
    work(looking_after)
    assert read(batch)[0].saved == 2 and len(known.batches) == 1


def test_texts_of_several_parts_are_left_to_single_questions_and_others_wait_for_nobody(
    database: LocalSupabase, known: BatchApi
) -> None:
    batch = begin("pia", 4)
    long = f"{texts(1, 'long')[0]} " + "The count of the barrels was late again. " * 400
    get_batches().enqueue(batch, [NewItem(position=9, raw_text=long)])
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda n: work(poller(known, f"worker {n}")), range(3)))
    stored, files = read(batch)
    assert (stored.saved, stored.queued, {file.state for file in files}) == (4, 1, {"done"})
    ask_singly(known)
    assert read(batch)[0].saved == 5 and known.paid["Ana Aapia"] == 1


def test_what_was_drafted_before_is_in_no_file_and_costs_nothing(
    database: LocalSupabase, known: BatchApi, prices: None
) -> None:
    work(poller(known))
    begin("eva", 3)
    work(poller(known))
    again = begin("eva", 4)
    work(poller(known))
    stored, (file,) = read(again)
    assert (stored.saved, file.questions, stored.spent_usd) == (4, 1, pytest.approx(0.001))
    assert set(known.paid.values()) == {1} and len(known.paid) == 4
    singly = begin("eva", 5, way="calls")
    worker = Worker(Queue("a worker"), [engine(known)], 4)
    worker.start()
    eventually(lambda: read(singly)[0].saved == 5)
    worker.stop()
    assert set(known.paid.values()) == {1} and known.calls == 1
    anew = begin("eva", 2, reuse=False)
    work(poller(known))
    assert read(anew)[1][0].questions == 2 and sum(known.paid.values()) == 7
