"""Generation requests end in exactly one persona or stay, whatever happens in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.engines.generator import (
    Draft,
    Generator,
    Progress,
    ProgressListener,
    Task,
    ignore_progress,
)
from services.engines.stopping import NEVER, Stop, StoppedError
from services.engines.usage import Usage
from services.errors import (
    DatabaseUnreachableError,
    InvalidInputError,
    InvalidTextError,
    ModelServerError,
    NotFoundError,
    ReadOnlyError,
)
from services.evidence.schema import Claim
from services.generation.queue.stored import Queue
from services.generation.requests import (
    GenerationRequest,
    NewRequest,
    get_generation_requests,
)
from services.generation.runner import GenerationRunner
from services.generation.worker.worker import Worker
from services.local_supabase.stack import LocalSupabase
from services.personas import get_persona_repository
from services.personas.trash import get_trash
from services.settings import get_settings
from tests.supabase_double import SupabaseDouble, coded
from tests.waiting import eventually

TEXT = "Mara Quill is a lighthouse keeper in Port Ellery. She hates paper forms."


class StepwiseGenerator(Generator):
    """An engine that waits to be let go, counts its runs, and may fail."""

    name = "stepwise"
    model = None

    def __init__(self) -> None:
        self.go = threading.Event()
        self.runs = 0
        self.fault: Exception | None = None
        self.deaf = False
        self.paid = Usage()

    def generate(
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        self.runs += 1
        while not self.go.wait(0.02):
            if not self.deaf:
                stop.check()
                on_progress(Progress(0, 1, '{"name": "Mara'))
        on_progress(Progress(0, 1, usage=self.paid))
        if self.fault:
            raise self.fault
        return Draft((Claim("name", "Mara Quill", "Mara Quill"),), engine=self.name)

    def estimate(self, text: str) -> None:
        return None


@pytest.fixture
def engine() -> StepwiseGenerator:
    return StepwiseGenerator()


@pytest.fixture
def runner(database: LocalSupabase, engine: StepwiseGenerator) -> Iterator[GenerationRunner]:
    runner = GenerationRunner(get_generation_requests(), [engine], workers=2)
    yield runner
    runner.stop(seconds=10)


def new_request(text: str = TEXT) -> NewRequest:
    return NewRequest(id=uuid4(), raw_text=text, engine="stepwise")


def request_when(
    request_id: UUID, wanted: Callable[[GenerationRequest], bool]
) -> GenerationRequest:
    def ask() -> GenerationRequest | None:
        request = get_generation_requests().read(request_id)
        return request if wanted(request) else None

    found = eventually(ask)
    assert found is not None
    return found


def run_again(runner: GenerationRunner, request_id: UUID) -> None:
    eventually(lambda: runner.progress(request_id) is None)
    runner.run_again(request_id)


def saved(request: GenerationRequest) -> bool:
    return request.status == "saved"


def test_a_request_becomes_a_persona_with_evidence(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    engine.go.set()
    request = request_when(runner.submit(new_request()).id, saved)
    persona = get_persona_repository().read(str(request.persona_id))
    assert persona.raw_text == TEXT
    assert persona.persona["name"] == "Mara Quill"
    (claim,) = persona.evidence
    assert TEXT[claim["start"] : claim["end"]] == claim["quote"] == "Mara Quill"
    assert persona.generation and persona.generation["engine"] == "stepwise"


def test_twenty_submits_at_once_make_one_persona(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    new = new_request()
    clicks = [threading.Thread(target=runner.submit, args=(new,)) for _ in range(20)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    engine.go.set()
    request_when(new.id, saved)
    runner.submit(new)
    time.sleep(0.2)
    assert engine.runs == 1
    assert get_persona_repository().count() == 1


def test_the_text_is_stored_before_the_work_and_progress_is_seen(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    request = runner.submit(new_request())
    running = request_when(request.id, lambda r: r.status == "running")
    assert running.raw_text == TEXT
    progress = runner.progress(request.id)
    assert progress is not None
    assert get_persona_repository().count() == 0
    for _ in range(100):
        progress = runner.progress(request.id)
        if progress and progress.output:
            break
        time.sleep(0.02)
    assert progress and progress.output == '{"name": "Mara'


def test_a_failure_keeps_the_text_and_can_be_run_again(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    engine.fault = ModelServerError()
    engine.go.set()
    request = request_when(runner.submit(new_request()).id, lambda r: r.status == "failed")
    assert (request.raw_text, request.error_kind) == (TEXT, "server_error")
    assert request.error and "Your text is kept" in request.error
    assert get_persona_repository().count() == 0
    engine.fault = None
    runner.run_again(request.id)
    again = request_when(request.id, saved)
    assert again.error is None
    assert get_persona_repository().count() == 1


def test_what_failed_and_cancelled_tries_took_adds_up(
    runner: GenerationRunner, engine: StepwiseGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_PRICE_INPUT", "1")
    monkeypatch.setenv("OPENAI_PRICE_OUTPUT", "2")
    get_settings.cache_clear()
    engine.fault = ModelServerError()
    engine.paid = Usage(1000, 100)
    engine.go.set()
    request = request_when(runner.submit(new_request()).id, lambda r: r.status == "failed")
    first = {"input_tokens": 1000, "output_tokens": 100, "cached_input_tokens": 0}
    first["reasoning_tokens"] = 0
    assert request.spent == {"usage": first, "cost": pytest.approx(0.0012)}
    engine.fault = StoppedError()
    run_again(runner, request.id)
    request = request_when(request.id, lambda r: r.status == "cancelled")
    both = {"input_tokens": 2000, "output_tokens": 200, "cached_input_tokens": 0}
    both["reasoning_tokens"] = 0
    assert request.spent == {"usage": both, "cost": pytest.approx(0.0024)}
    engine.fault = None
    run_again(runner, request.id)
    assert request_when(request.id, saved).spent == request.spent


def test_what_took_nothing_stores_nothing_of_it(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    engine.fault = ModelServerError()
    engine.go.set()
    request = request_when(runner.submit(new_request()).id, lambda r: r.status == "failed")
    assert request.spent is None


def test_a_programming_fault_ends_the_request_without_its_message(
    runner: GenerationRunner, engine: StepwiseGenerator, caplog: pytest.LogCaptureFixture
) -> None:
    engine.fault = RuntimeError(f"secret of {TEXT}")
    engine.go.set()
    request = request_when(runner.submit(new_request()).id, lambda r: r.status == "failed")
    assert request.error_kind == "failed"
    assert "RuntimeError" in caplog.text
    assert "Mara" not in caplog.text
    assert "Mara" not in str(request.error)


def test_cancel_keeps_the_text(runner: GenerationRunner, engine: StepwiseGenerator) -> None:
    request = runner.submit(new_request())
    request_when(request.id, lambda r: r.status == "running")
    runner.cancel(request.id)
    cancelled = request_when(request.id, lambda r: r.status == "cancelled")
    assert cancelled.raw_text == TEXT
    assert get_persona_repository().count() == 0


def test_a_request_that_waits_for_its_turn_is_cancelled_at_once(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    ahead = [runner.submit(new_request()).id for _ in range(2)]
    for request_id in ahead:
        request_when(request_id, lambda r: r.status == "running")
    waiting = runner.submit(new_request()).id
    began = time.monotonic()
    runner.cancel(waiting)
    eventually(lambda: runner.progress(waiting) is None)
    assert time.monotonic() - began < 0.5
    assert get_generation_requests().read(waiting).status == "cancelled"
    assert engine.runs == 2
    engine.go.set()
    for request_id in ahead:
        request_when(request_id, saved)


def start_workers(engine: StepwiseGenerator, count: int, **queue: float) -> list[Worker]:
    workers = [Worker(Queue(f"w{n}", **queue), [engine], 2) for n in range(count)]  # type: ignore[arg-type]
    for worker in workers:
        worker.start()
    return workers


def claim(worker: str, *engines: str) -> list[UUID]:
    return [one.id for one in Queue(worker, lease=1).claim(dict.fromkeys(engines), 1)]


def test_a_started_dashboard_goes_on_with_the_requests_of_a_stopped_one(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    requests = [runner.submit(new_request()).id for _ in range(3)]  # one of them waits
    for request_id in requests[:2]:
        request_when(request_id, lambda r: r.status == "running")
    runner.stop()
    for request_id in requests:
        stopped = request_when(request_id, lambda r: r.status == "queued")
        assert (stopped.error_kind, stopped.raw_text) == (None, TEXT)
    engine.go.set()
    started = start_workers(engine, 3)
    for request_id in requests:
        request_when(request_id, saved)
    for worker in started:
        worker.stop()
    assert engine.runs == 5, "two that were stopped, and each of the three once"
    assert get_persona_repository().count() == 3


def test_an_engine_that_does_not_notice_the_stop_saves_nothing_afterwards(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    engine.deaf = True
    request = runner.submit(new_request())
    request_when(request.id, lambda r: r.status == "running")
    runner.stop(seconds=0.1)
    assert get_generation_requests().read(request.id).status == "queued"
    engine.go.set()
    runner.stop(seconds=10)
    assert get_generation_requests().read(request.id).status == "queued"
    assert get_persona_repository().count() == 0


def test_what_is_being_saved_when_the_dashboard_stops_is_saved(
    runner: GenerationRunner, engine: StepwiseGenerator, database: LocalSupabase
) -> None:
    request = runner.submit(new_request())
    request_when(request.id, lambda r: r.status == "running")
    with psycopg.connect(database.db_url) as connection:
        connection.execute("lock table personas in exclusive mode")
        engine.go.set()
        waiting = "select from pg_locks where relation = 'personas'::regclass and not granted"
        while not connection.execute(waiting).fetchall():
            time.sleep(0.02)
        stopping = threading.Thread(target=runner.stop, kwargs={"seconds": 10})
        stopping.start()
        time.sleep(0.5)
        assert stopping.is_alive()
    stopping.join()
    assert get_generation_requests().read(request.id).status == "saved"


def test_a_dead_process_is_seen_by_its_silence(
    runner: GenerationRunner, engine: StepwiseGenerator, database: LocalSupabase
) -> None:
    requests = get_generation_requests()
    request = requests.submit(new_request(), worker="dead:1")
    assert requests.claim(request.id, "dead:1")
    assert not requests.read(request.id).is_interrupted
    assert not requests.claim(request.id, runner.worker)  # it might still be alive
    with psycopg.connect(database.db_url) as connection:
        connection.execute("update generation_requests set heartbeat_at = now() - interval '1 min'")
    assert requests.read(request.id).is_interrupted
    assert [r.id for r in requests.unfinished()] == [request.id]
    engine.go.set()
    runner.run_again(request.id)
    request_when(request.id, saved)


def test_of_many_that_want_to_go_on_with_a_dead_ones_request_one_does(
    runner: GenerationRunner, engine: StepwiseGenerator, database: LocalSupabase
) -> None:
    requests = get_generation_requests()
    request = requests.submit(new_request(), worker="dead:1")
    assert requests.claim(request.id, "dead:1")
    assert claim("w", "stepwise") == [], "it might still be alive"
    with psycopg.connect(database.db_url) as connection:
        connection.execute("update generation_requests set heartbeat_at = now() - interval '1 min'")
    assert claim("w", "offline") == [], "nobody has its engine"
    engine.go.set()
    workers = start_workers(engine, 4, lease=1)
    request_when(request.id, saved)
    for worker in workers:
        worker.stop()
    assert engine.runs == 1


def test_a_request_that_ends_every_dashboard_is_left_to_a_person(
    engine: StepwiseGenerator, database: LocalSupabase
) -> None:
    requests = get_generation_requests()
    request = requests.submit(new_request(), worker="dead:0")
    taken = []
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        for number in range(4):
            connection.execute("update generation_requests set heartbeat_at = 'epoch'")
            taken.append(claim(f"dead:{number}", "stepwise"))
    assert taken == [[request.id]] * 3 + [[]]


def test_work_that_another_dashboard_took_meanwhile_is_stopped(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    request = runner.submit(new_request())
    request_when(request.id, lambda r: r.status == "running")
    get_generation_requests().hand_back(request.id, runner.worker)
    assert claim("other", "stepwise") == [request.id]
    runner.look_after()
    eventually(lambda: runner.progress(request.id) is None)
    assert get_generation_requests().read(request.id).status == "running"


PASSING = [
    *((status, "<html>Cloudflare</html>") for status in (520, 521, 522, 523, 524)),
    *((status, {"message": "no code"}) for status in (429, 503, 504, 544)),
    *((500, coded(code)) for code in ("53300", "55P03", "40P01", "57014", "57P03", "PGRST003")),
]
FOR_A_PERSON = [
    (540, {"message": "Project paused"}, "Resume it"),
    (405, coded("25006"), "read-only"),
    (503, coded("53100"), "disk"),
    (406, coded("PGRST106"), "exposed schemas"),
    (401, {"message": "Legacy API keys are disabled"}, "sb_secret_"),
    (401, {"message": "Unregistered API key"}, "SUPABASE_SECRET_KEY"),
    (404, coded("PGRST202"), "migrate"),
]


class TestAPaidDraft:
    """What the engine gave is saved, whatever the database answers meanwhile."""

    @pytest.fixture(autouse=True)
    def reached_through_the_double(self, double: SupabaseDouble) -> None:
        """Before the runner is made."""

    @pytest.fixture
    def request_id(
        self, double: SupabaseDouble, runner: GenerationRunner, engine: StepwiseGenerator
    ) -> Iterator[UUID]:
        """A request under way, whose engine is let go by the test. In the end one persona."""
        request = runner.submit(new_request())
        eventually(lambda: engine.runs)
        yield request.id
        request_when(request.id, saved)
        assert engine.runs == 1
        assert get_persona_repository().count() == 1

    @pytest.mark.parametrize(("status", "body"), PASSING)
    def test_is_saved_as_soon_as_the_service_is_back(
        self,
        double: SupabaseDouble,
        runner: GenerationRunner,
        engine: StepwiseGenerator,
        request_id: UUID,
        status: int,
        body: Any,
    ) -> None:
        with double.answering("finish_generation", status, body, times=1):
            engine.go.set()
            request_when(request_id, saved)
        assert len(double.calls("finish_generation")) == 2

    @pytest.mark.parametrize(("status", "body", "advice"), FOR_A_PERSON)
    def test_waits_for_a_person(
        self,
        double: SupabaseDouble,
        runner: GenerationRunner,
        engine: StepwiseGenerator,
        request_id: UUID,
        status: int,
        body: Any,
        advice: str,
    ) -> None:
        with double.answering("finish_generation", status, body):
            engine.go.set()
            request = request_when(request_id, lambda r: r.status == "failed")
        assert request.error_kind == "not_saved"
        assert request.error and advice in request.error
        assert "the engine is not asked again" in request.error
        assert len(double.calls("finish_generation")) == 1
        run_again(runner, request_id)

    def test_waits_while_nothing_answers_and_says_so(
        self,
        double: SupabaseDouble,
        runner: GenerationRunner,
        engine: StepwiseGenerator,
        request_id: UUID,
    ) -> None:
        with double.cutting("/rest/v1/"):
            engine.go.set()
            eventually(lambda: len(double.calls("finish_generation")) > 1)
            eventually(
                lambda: isinstance(runner.unsaved_because(request_id), DatabaseUnreachableError)
            )
            assert runner.progress(request_id)
        request_when(request_id, saved)
        eventually(lambda: runner.unsaved_because(request_id) is None)

    def test_is_kept_when_not_even_its_end_can_be_written(
        self,
        double: SupabaseDouble,
        runner: GenerationRunner,
        engine: StepwiseGenerator,
        request_id: UUID,
    ) -> None:
        with double.answering("/", 405, coded("25006"), fits=lambda r: r.method != "GET"):
            engine.go.set()
            eventually(lambda: runner.progress(request_id) is None)
            assert isinstance(runner.unsaved_because(request_id), ReadOnlyError)
        run_again(runner, request_id)

    def test_can_be_cancelled_while_it_waits_and_is_still_kept(
        self,
        double: SupabaseDouble,
        runner: GenerationRunner,
        engine: StepwiseGenerator,
        request_id: UUID,
    ) -> None:
        with double.answering("finish_generation", 503):
            engine.go.set()
            eventually(lambda: runner.unsaved_because(request_id) is not None)
            runner.cancel(request_id)
            request_when(request_id, lambda r: r.status == "cancelled")
        run_again(runner, request_id)

    def test_is_saved_once_though_the_answer_was_lost(
        self, double: SupabaseDouble, engine: StepwiseGenerator, request_id: UUID
    ) -> None:
        with double.cutting("finish_generation", after_the_work=True, times=1):
            engine.go.set()
            request_when(request_id, saved)

    def test_is_not_saved_before_the_pause_the_server_asks_for(
        self, double: SupabaseDouble, engine: StepwiseGenerator, request_id: UUID
    ) -> None:
        asked = {"Retry-After": "2"}
        with double.answering("finish_generation", 429, headers=asked, times=1):
            engine.go.set()
            request_when(request_id, saved)
        first, second = double.calls("finish_generation")
        assert second.at - first.at >= 2


@pytest.mark.parametrize("lost", [False, True], ids=["refused", "answer lost"])
def test_a_claim_is_tried_again(
    double: SupabaseDouble, runner: GenerationRunner, engine: StepwiseGenerator, lost: bool
) -> None:
    engine.go.set()
    with double.cutting("claim_generation", after_the_work=lost, times=1):
        request_when(runner.submit(new_request()).id, saved)
    assert engine.runs == 1


def test_a_stop_does_not_wait_for_the_database(
    double: SupabaseDouble, runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    request = runner.submit(new_request())
    request_when(request.id, lambda r: r.status == "running")
    with double.answering("finish_generation", 503):
        engine.go.set()
        eventually(lambda: len(double.calls("finish_generation")) > 2)
        runner.stop()
        assert get_generation_requests().read(request.id).status == "queued"


def test_an_unknown_engine_is_refused(runner: GenerationRunner) -> None:
    with pytest.raises(InvalidInputError, match="engine"):
        runner.submit(NewRequest(id=uuid4(), raw_text=TEXT, engine="none"))


def test_a_text_beyond_the_limit_is_refused_before_it_is_stored(
    database: LocalSupabase, engine: StepwiseGenerator
) -> None:
    runner = GenerationRunner(get_generation_requests(), [engine], workers=1, max_characters=50)
    new = new_request()
    with pytest.raises(InvalidTextError, match="GENERATION_MAX_CHARACTERS"):
        runner.submit(new)
    with pytest.raises(NotFoundError):
        get_generation_requests().read(new.id)
    runner.stop()


def test_purging_a_persona_deletes_the_text_of_its_request(
    runner: GenerationRunner, engine: StepwiseGenerator
) -> None:
    engine.go.set()
    request = request_when(runner.submit(new_request()).id, saved)
    get_persona_repository().delete(str(request.persona_id))
    assert get_generation_requests().read(request.id).raw_text == TEXT
    get_trash().purge(str(request.persona_id), "ann")
    with pytest.raises(NotFoundError):
        get_generation_requests().read(request.id)
