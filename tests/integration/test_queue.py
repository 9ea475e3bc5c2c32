"""The queue in the database: claims, caps, fairness, ends, what is late, model servers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.errors import DashboardError, DatabaseError, NotFoundError, NulCharactersError
from services.evidence.text.equality import text_hash
from services.generation.batches import Batch, NewBatch, NewItem, get_batches, repository
from services.generation.queue.saving import GroupedSaves, together
from services.generation.queue.stored import Claimed, Cost, Drafted, Outcome, Queue
from services.generation.requests import NewRequest, get_generation_requests
from services.local_supabase.stack import LocalSupabase
from services.personas import PersonaCreate, PersonaUpdate, get_persona_repository
from tests.waiting import eventually

SERVER = {"offline": "a server"}
NO_SERVER: dict[str, str | None] = {"offline": None}
DRAFT: dict[str, Any] = {"persona": {"name": "Ada"}, "evidence": [], "generation": None}

pytestmark = pytest.mark.usefixtures("database")


def a_batch(size: int, *, start: bool = True, most: Cost = Cost(), **values: Any) -> UUID:  # noqa: B008
    new = NewBatch(id=uuid4(), engine="offline", **values)
    get_batches().create(new)
    items = [
        NewItem(position=n, raw_text=f"Text {n}", max_usd=most.usd, max_tokens=most.tokens)
        for n in range(size)
    ]
    assert get_batches().enqueue(new.id, items) == size
    if start:
        get_batches().change(new.id, "start")
    return new.id


def read(batch: UUID) -> Batch:
    return get_batches().read(batch)


def counts(batch: UUID) -> tuple[int, ...]:
    b = read(batch)
    return b.queued, b.running, b.saved, b.failed, b.cancelled


def run(database: LocalSupabase, statement: str, *values: object) -> list[Any]:
    with psycopg.connect(database.db_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


def silence(database: LocalSupabase) -> None:
    """As if nobody had given a sign of life for long, and the database were older than that."""
    run(database, "update persona_dashboard.generation_tries set beat_at = now() - interval '1 h'")


def claim_when_stale(database: LocalSupabase, queue: Queue, n: int) -> list[Claimed]:
    """The restart of the test's database may be less than a lease ago."""
    queue.lease = 0
    silence(database)
    return queue.claim(NO_SERVER, n)


def at_once(work: Callable[[int], Any], times: int) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(work, range(times)))


def end_of(work: Callable[[Any], object], given: object) -> object:
    try:
        return work(given)
    except DashboardError as error:
        return type(error)


# ------------------------------------------------------------------ batches


def test_a_batch_is_filled_once_and_counts_what_it_holds() -> None:
    batch = a_batch(3, start=False, name=" Interviews \n of May ")
    assert Queue("w").claim(NO_SERVER, 9) == [], "it is not started"
    again = [NewItem(position=n, raw_text="other") for n in range(2, 5)]
    assert get_batches().enqueue(batch, again) == 2
    get_batches().create(NewBatch(id=batch, engine="other"))
    assert (read(batch).name, read(batch).state, read(batch).engine) == (
        "Interviews of May",
        "preparing",
        "offline",
    )
    assert counts(batch) == (5, 0, 0, 0, 0)
    assert [one.position for one in get_batches().items(batch, after=1, limit=2)] == [2, 3]
    assert get_batches().recent()[0].total == 5
    assert get_batches().change(batch, "pause").state == "paused"
    assert read(batch).pause_reason == "user"
    assert get_batches().change(batch, "resume").state == "running"
    assert len(Queue("w").claim(NO_SERVER, 2)) == 2
    assert counts(batch) == (3, 2, 0, 0, 0)
    assert get_generation_requests().unfinished() == [], "those of batches stand with their batch"


def test_personas_outlive_their_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "_DELETED_AT_ONCE", 2)
    batch, queue = a_batch(5), Queue("w")
    first, second = queue.claim(NO_SERVER, 2)
    persona = queue.save(Drafted(first, DRAFT, Cost(0, 5)))
    get_batches().delete(batch)
    assert get_persona_repository().read(str(persona)).persona == {"name": "Ada"}
    assert queue.beat([first.id, second.id]) == set()
    assert queue.end(second, Outcome("cancelled")) is None
    with pytest.raises(NotFoundError):
        read(batch)
    assert queue.claim(NO_SERVER, 9) == []


def test_cancelled_and_failed_requests_are_run_again() -> None:
    batch, queue = a_batch(6), Queue("w")
    one, two, three = queue.claim(NO_SERVER, 3)
    queue.end(one, Outcome("failed", "timeout", "No answer."))
    queue.end(two, Outcome("failed", "refused", "No."))
    assert get_batches().change(batch, "cancel").changed == 3
    assert queue.beat([three.id]) == set(), "its worker is to stop"
    assert queue.end(three, Outcome("queued")) == "cancelled"
    assert counts(batch) == (0, 0, 0, 2, 4)
    assert {(f.error_kind, f.requests) for f in get_batches().failures(batch)} == {
        ("timeout", 1),
        ("refused", 1),
    }
    assert get_batches().change(batch, "run_again", kinds=["timeout"]).changed == 1
    assert counts(batch) == (1, 0, 0, 1, 4)
    (again,) = queue.claim(NO_SERVER, 9)
    assert (again.id, again.attempts) == (one.id, 1)
    queue.save(Drafted(again, DRAFT, Cost()))
    assert read(batch).state == "finished"
    assert get_batches().change(batch, "run_again").changed == 5
    assert (read(batch).state, counts(batch)) == ("running", (5, 0, 1, 0, 0))


# ------------------------------------------------------------------ claims


def test_a_request_is_claimed_once_however_many_ask() -> None:
    batch = a_batch(60)
    taken = at_once(lambda n: Queue(f"w{n}").claim(NO_SERVER, 5), 16)
    ids = [one.id for some in taken for one in some]
    assert len(ids) == len(set(ids)) == 60
    assert counts(batch) == (0, 60, 0, 0, 0)


def test_batches_share_fairly_and_single_requests_go_first(database: LocalSupabase) -> None:
    first, second, small = a_batch(50), a_batch(50), a_batch(2)
    ahead = a_batch(3, priority=1)
    requests = get_generation_requests()
    single = requests.submit(NewRequest(id=uuid4(), raw_text="Alone", engine="offline"), "w0")
    requests.hand_back(single.id, "w0")
    taken = Queue("w").claim(NO_SERVER, 18)
    assert taken[0].id == single.id
    assert Counter(one.batch_id for one in taken[1:]) == {ahead: 3, first: 6, second: 6, small: 2}
    first_taken = [one for one in taken if one.batch_id == first]
    for one in first_taken[:4]:
        Queue("w").save(Drafted(one, DRAFT, Cost()))
    late = Counter(one.batch_id for one in Queue("w2").claim(NO_SERVER, 6))
    assert late == {first: 5, second: 1}, "where the fewest are under way"
    assert Queue("w3").claim({"another": None}, 5) == []


# ------------------------------------------------------------------ the cap


@pytest.mark.parametrize("cap", [{"cap_usd": 1.0}, {"cap_tokens": 1000}])
def test_the_cap_holds_with_64_at_once(cap: dict[str, float]) -> None:
    most = Cost(0.03, 30)
    batch = a_batch(90, most=most, **cap)
    books: list[Cost] = []

    def worker(number: int) -> None:
        queue = Queue(f"w{number}")
        chance = random.Random(number)  # noqa: S311
        while claimed := queue.claim(NO_SERVER, 1):
            tokens = chance.randint(5, 30)
            books.append(Cost(tokens / 1000, tokens))
            queue.save(Drafted(claimed[0], DRAFT, books[-1]))

    at_once(worker, 64)
    worker(99)  # whoever was last may have met what was reserved only
    spent = Cost(sum(one.usd for one in books), sum(one.tokens for one in books))
    b = read(batch)
    assert (b.state, b.pause_reason, b.running, b.reserved_tokens) == ("paused", "cap", 0, 0)
    assert b.reserved_usd == 0
    assert (b.spent_usd, b.spent_tokens) == (pytest.approx(spent.usd), spent.tokens)
    assert 970 < spent.tokens <= 1000
    get_batches().change(batch, "resume", **{name: 10 * value for name, value in cap.items()})
    worker(100)
    assert (read(batch).state, read(batch).saved) == ("finished", 90)


def test_a_cap_in_money_waits_for_a_price() -> None:
    batch = a_batch(0, start=False, cap_usd=1)
    get_batches().enqueue(batch, [NewItem(position=1, raw_text="x", max_tokens=5)])
    get_batches().change(batch, "start")
    assert Queue("w").claim(NO_SERVER, 1) == []
    assert (read(batch).state, read(batch).pause_reason) == ("paused", "no_price")


# ------------------------------------------------------------------ ends


def test_a_try_that_failed_waits_and_then_has_failed(database: LocalSupabase) -> None:
    batch, queue = a_batch(1, most=Cost(1, 10)), Queue("w", attempts=2)
    (first,) = queue.claim(NO_SERVER, 1)
    again = Outcome("queued", "timeout", "No answer.", after_seconds=60)
    assert queue.end(first, again, Cost(0.5, 5), {"cost": 0.5}) == "queued"
    assert queue.end(first, again, Cost(0.5, 5)) == "queued", (
        "the answer was lost: it is sent again"
    )
    assert (read(batch).spent_usd, read(batch).reserved_usd) == (0.5, 0)
    assert queue.claim(NO_SERVER, 1) == []
    run(database, "update generation_requests set run_after = now()")
    (second,) = queue.claim(NO_SERVER, 1)
    assert (second.attempts, second.spent) == (2, {"cost": 0.5})
    assert queue.end(first, again, Cost(0.5, 5)) == "running", "of a try that ended before"
    assert queue.end(second, Outcome("queued", returned=True)) == "queued", "handed back"
    (second,) = queue.claim(NO_SERVER, 1)
    assert (second.attempts, counts(batch)) == (2, (0, 1, 0, 0, 0))
    assert queue.end(second, again, Cost(0.25, 5)) == "failed"
    assert (read(batch).spent_usd, counts(batch)) == (0.75, (0, 0, 0, 1, 0))


def test_a_draft_is_saved_once_and_settled_once() -> None:
    batch, queue = a_batch(1, most=Cost(1, 10)), Queue("w")
    (claimed,) = queue.claim(NO_SERVER, 1)
    ids = {*at_once(lambda _: queue.save(Drafted(claimed, DRAFT, Cost(0.5, 5))), 8)}
    assert len(ids) == get_persona_repository().count() == 1
    assert (read(batch).spent_usd, read(batch).reserved_usd, read(batch).saved) == (0.5, 0, 1)
    with pytest.raises(DatabaseError):
        other = a_batch(1)
        (another,) = Queue("w2").claim(NO_SERVER, 1)
        assert another.batch_id == other
        queue.save(Drafted(another, DRAFT, Cost()))


def test_drafts_are_saved_in_groups_and_a_refused_one_harms_no_other(
    database: LocalSupabase,
) -> None:
    batches, queue = [a_batch(3, most=Cost(1, 10)) for _ in range(2)], Queue("w")
    *good, refused, gone = queue.claim(NO_SERVER, 6)
    saves = GroupedSaves(queue)

    run(database, "delete from public.generation_requests where id = %s", gone.id)
    some = [Drafted(one, DRAFT, Cost(0.5, 5)) for one in (good[0], gone)]
    assert queue.save_all(some) == {good[0].id}
    with pytest.raises(DatabaseError):
        Queue("a stranger").save_all([Drafted(refused, DRAFT, Cost())])

    given = [Drafted(one, DRAFT, Cost(0.5, 5)) for one in (*good, gone)]
    given.append(Drafted(refused, {**DRAFT, "persona": {"name": "\0"}}, Cost(0.5, 5)))
    ends = at_once(lambda n: end_of(saves.save, given[n]), 6)
    assert ends == [True] * 4 + [False, NulCharactersError]
    assert sum(read(batch).saved for batch in batches) == get_persona_repository().count() == 4
    assert sum(read(batch).spent_usd for batch in batches) == 2.5, (
        "an answer that came too late was paid for"
    )


def test_two_tries_of_one_worker_are_settled_both_in_a_group(database: LocalSupabase) -> None:
    batch, queue = a_batch(2, most=Cost(1, 10)), Queue("w")
    first = queue.claim(NO_SERVER, 2)
    second = eventually(lambda: claim_when_stale(database, queue, 2))
    assert {one.attempts for one in second} == {2}
    saves = GroupedSaves(queue)
    given = [Drafted(one, DRAFT, Cost(0.25, 5)) for one in (*first, *second)]
    assert at_once(lambda n: saves.save(given[n]), 4) == [True] * 4
    b = read(batch)
    assert (b.saved, b.spent_usd, b.spent_tokens, b.reserved_usd) == (2, 1, 20, 0)
    assert run(database, "select from persona_dashboard.generation_tries") == []


def test_long_texts_are_no_group() -> None:
    def waiting(*sizes: int) -> dict[tuple[UUID, int], Drafted]:
        ids = [uuid4() for _ in sizes]
        texts = zip(ids, ("x" * size for size in sizes), strict=True)
        held = [Claimed(id=id_, raw_text=text, engine="e", attempts=1) for id_, text in texts]
        return {(one.id, 1): Drafted(one, DRAFT, Cost()) for one in held}

    for sizes, numbers in (
        ((10,) * 20, [*range(16)]),
        ((400_000, 400_000, 100_000, 1), [0, 2]),
        ((2_000_000, 10), [0]),
    ):
        them = waiting(*sizes)
        assert together(next(iter(them)), them) == [[*them][number] for number in numbers]


def test_a_group_takes_no_server_after_a_batch(database: LocalSupabase) -> None:
    saving, failing = Queue("w"), Queue("o")
    batches = sorted(a_batch(2, start=False) for _ in range(3))
    for batch in batches:
        get_batches().change(batch, "start")
    held = sorted(saving.claim(SERVER, 6), key=lambda one: batches.index(one.batch_id or batch))
    mine, theirs = held[::2], held[1::2]
    for one in theirs:
        run(database, "update public.generation_requests set worker = 'o' where id = %s", one.id)
        run(
            database,
            "update persona_dashboard.generation_tries set worker = 'o' where request_id = %s",
            one.id,
        )
    failed = Outcome("queued", down=1)
    with psycopg.connect(database.db_url) as holder, ThreadPoolExecutor() as pool:
        holder.execute(
            "select from public.generation_batches where id = %s for update", [batches[1]]
        )
        saved = pool.submit(saving.save_all, [Drafted(one, DRAFT, Cost()) for one in mine])
        eventually(lambda: waiting_for_locks(database) == 1)  # it holds the first batch
        assert failing.end(theirs[2], failed) == "queued"
        ended = pool.submit(failing.end, theirs[0], failed)  # has the server, wants the batch
        eventually(lambda: waiting_for_locks(database) == 2)
        holder.rollback()
        assert (len(saved.result()), ended.result()) == (3, "queued")


def waiting_for_locks(database: LocalSupabase) -> int:
    statement = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    return int(run(database, statement)[0][0])


def test_a_late_answer_is_kept_and_what_was_lost_is_counted(database: LocalSupabase) -> None:
    batch = a_batch(2, most=Cost(1, 10), cap_usd=10)
    lost, heir = Queue("lost"), Queue("heir")
    one, two = lost.claim(NO_SERVER, 2)
    (first, second) = claim_when_stale(database, heir, 2)
    assert {first.id, second.id} == {one.id, two.id}
    assert (first.attempts, lost.beat([one.id])) == (2, set())
    b = read(batch)
    assert (b.spent_usd, b.reserved_usd) == (2, 2), "what lost calls may have cost"
    late = lost.save(Drafted(one, DRAFT, Cost(0.25, 2)))
    assert heir.beat([one.id, two.id]) == {two.id}, "it stops, there is an answer"
    heir.end(first if first.id == one.id else second, Outcome("cancelled"), Cost(0.5, 3))
    of_two = second if second.id == two.id else first
    assert heir.save(Drafted(of_two, DRAFT, Cost(0.5, 5))) != late
    assert lost.save(Drafted(two, DRAFT, Cost(0.125, 1))), "an answer that is there already"
    b = read(batch)
    assert (b.spent_usd, b.reserved_usd, b.spent_tokens) == (0.25 + 0.5 + 0.5 + 0.125, 0, 11)
    assert (b.state, counts(batch)) == ("finished", (0, 0, 2, 0, 0))
    assert get_persona_repository().count() == 2


def test_what_a_worker_never_heard_of_goes_back() -> None:
    batch, queue = a_batch(3, most=Cost(1, 10)), Queue("w")
    (known, *_) = queue.claim(NO_SERVER, 3)
    assert read(batch).reserved_usd == 3
    again = queue.claim(NO_SERVER, 1, held=[known.id])
    assert [(one.attempts, one.id == known.id) for one in again] == [(1, False)]
    b = read(batch)
    assert (b.running, b.queued, b.reserved_usd, b.spent_usd) == (2, 1, 2, 0)


def test_a_batch_that_is_begun_while_many_claim_keeps_its_cap() -> None:
    for _ in range(5):
        batch = a_batch(40, start=False, most=Cost(0.1, 1), cap_usd=0.5)

        def claim_or_begin(number: int, batch: UUID = batch) -> int:
            if number == 6:
                get_batches().change(batch, "start")
            claimed = Queue(f"w{number}").claim(NO_SERVER, 3)
            return sum(one.batch_id == batch for one in claimed)  # not what is left of before

        assert sum(at_once(claim_or_begin, 12)) <= 5
        assert read(batch).reserved_usd <= 0.5


def test_what_ends_every_worker_fails_by_name(database: LocalSupabase) -> None:
    batch = a_batch(1)
    for number in range(2):
        queue = Queue(f"w{number}", attempts=2)
        assert len(claim_when_stale(database, queue, 1)) == 1
    assert claim_when_stale(database, Queue("w3", attempts=2), 1) == []
    (failed,) = get_batches().items(batch, ["failed"])
    assert failed.error_kind == "interrupted"
    assert read(batch).state == "finished"


def test_a_stored_text_gets_its_persona_unless_somebody_wrote_one() -> None:
    personas = get_persona_repository()
    stored = [personas.create(PersonaCreate(raw_text=f"Text {n}", persona={})) for n in range(2)]
    batch = a_batch(0, start=False)
    items = [
        NewItem(position=n, raw_text=p.raw_text, kind="fill", persona_id=p.id)
        for n, p in enumerate(stored)
    ]
    get_batches().enqueue(batch, items)
    get_batches().change(batch, "start")
    queue = Queue("w")
    first, second = queue.claim(NO_SERVER, 2)
    personas.update(str(second.persona_id), PersonaUpdate(persona={"name": "By hand"}))
    for claimed in (first, second):
        assert queue.save(Drafted(claimed, DRAFT, Cost())) == claimed.persona_id
    filled = personas.read(str(first.persona_id))
    assert (filled.persona, filled.version, filled.origins) == (
        {"name": "Ada"},
        2,
        {"/name": "model"},
    )
    assert personas.read(str(second.persona_id)).persona == {"name": "By hand"}
    proposal = get_generation_requests().regeneration(str(second.persona_id))
    assert proposal is not None
    assert proposal.proposal is not None
    assert proposal.proposal["persona"] == {"name": "Ada"}


# ------------------------------------------------------------------ model servers


def test_a_server_that_is_down_is_left_alone_and_then_tried_by_one(database: LocalSupabase) -> None:
    batch, queue = a_batch(20), Queue("w")
    down = Outcome("queued", "unreachable", "No connection.", down=1)
    under_way = queue.claim(SERVER, 9)
    for claimed in under_way:
        queue.end(claimed, down)
    tried = Counter(one.attempts for one in get_batches().items(batch))
    assert tried == {0: 16, 1: 4}, "from the fifth on it is no try of the text"
    assert queue.claim(SERVER, 5) == []
    assert counts(batch) == (20, 0, 0, 0, 0)
    again = "update persona_dashboard.model_servers set open_until = now()"
    run(database, again)
    tries = at_once(lambda n: Queue(f"w{n}").claim(SERVER, 5), 4)
    (probe,) = [one for some in tries for one in some]
    worker = next(n for n, some in enumerate(tries) if some)
    Queue(f"w{worker}").end(probe, down)
    (pause,) = run(
        database, "select open_until - now() > '9 s' from persona_dashboard.model_servers"
    )
    assert pause == (True,), "twice as long"
    run(database, again)
    (probe,) = queue.claim(SERVER, 5)
    queue.save(Drafted(probe, DRAFT, Cost()))
    assert len(queue.claim(SERVER, 5)) == 5
    (claimed, *_) = queue.claim(SERVER, 1)
    assert queue.end(claimed, Outcome("failed", "unauthorized", "The key.", down=2)) == "queued"
    assert queue.claim(SERVER, 1) == []


def test_no_more_turns_than_a_minute_allows(database: LocalSupabase) -> None:
    def ask(number: int, *, used: dict[int, int] | None = None, share: float = 1) -> list[int]:
        limits = {"requests": 30, "tokens": 1000}
        turns, wait = Queue(f"w{number}").take_turns("s", limits, [20] * 5, used or {}, share)
        assert bool(wait) is (len(turns) < 5)
        return turns

    turns = [turn for some in at_once(ask, 12) for turn in some]
    assert len(turns) == len(set(turns)) == 30
    run(database, "delete from persona_dashboard.model_turns")
    assert len(ask(1, share=0.1)) == 3
    run(database, "update persona_dashboard.model_turns set tokens = 950")
    first, second = ask(1, used={0: 1}), ask(1)
    assert (first, second) == ([], [])
    (row,) = run(database, "select min(id) from persona_dashboard.model_turns")
    run(database, "delete from persona_dashboard.model_turns where id <> %s", row[0])
    assert len(ask(1)) == 2, "as many tokens as are left"
    assert len(ask(1, used={row[0]: 10})) == 5, "what it did take"
    run(database, "update persona_dashboard.model_turns set at = at - interval '59 s'")
    assert len(ask(1, used={row[0]: 950})) == 0
    run(database, "update persona_dashboard.model_turns set at = at - interval '4 s'")
    assert len(ask(1)) == 5


def test_the_hash_of_a_text_ignores_its_white_space() -> None:
    assert text_hash("Ada \n keeps\tbees ") == text_hash("Ada keeps bees") != text_hash("Ada keeps")
