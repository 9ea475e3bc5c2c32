"""Review on the real Supabase: moves, the queue, comments; what is refused, also by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from services.database import get_supabase_client
from services.database.migrate import migrate
from services.database.migrations import MIGRATIONS
from services.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedMoveError,
)
from services.evidence.claims import Reason
from services.evidence.schema import FIELDS
from services.local_supabase.stack import LocalSupabase
from services.personas import Persona, PersonaCreate, PersonaUpdate, get_persona_repository
from services.personas.history import get_history
from services.personas.reviewing.comments import get_comments
from services.personas.reviewing.workflow import MOVES, Place, QueueItem, Status, get_reviewing
from services.personas.trash import get_trash

ADA = {"name": "Ada Byron", "role": "analyst"}
TEXT = "Ada Byron is an analyst."
ROLES = ("service_role", "postgres")
PATHS: dict[Status, tuple[Status, ...]] = {  # legal moves that lead from draft to each status
    Status.DRAFT: (),
    Status.IN_REVIEW: (Status.IN_REVIEW,),
    Status.APPROVED: (Status.IN_REVIEW, Status.APPROVED),
    Status.REJECTED: (Status.IN_REVIEW, Status.REJECTED),
}
LEGAL = [(old, new) for old, many in MOVES.items() for new in many]
ILLEGAL = [pair for pair in product(Status, Status) if pair not in LEGAL and pair[0] is not pair[1]]


@pytest.fixture
def sql(database: LocalSupabase) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with psycopg.connect(database.db_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.mark.usefixtures("database")
class TestMoves:
    @pytest.mark.parametrize(("old", "new"), LEGAL, ids=str)
    def test_every_legal_move_is_kept_with_who_when_and_note(
        self, old: Status, new: Status
    ) -> None:
        before = at_status(old)
        move = get_reviewing().set_status(before.id, new, before.version, "eve", "  Looks good. ")
        stored = read(before)
        assert (move.moved, move.status, move.version) == (True, new, before.version + 1)
        assert (stored.status, stored.version) == (new, before.version + 1)
        assert (stored.reviewed_by, stored.review_note) == ("eve", "Looks good.")
        assert stored.reviewed_at is not None
        assert stored.reviewed_at > before.created_at
        version = get_history().version(before.id, stored.version)
        assert (version.status, version.author) == (new, "eve")
        assert version.origin == {
            "kind": "status",
            "from": old,
            "to": new,
            "note": "Looks good.",
        }

    @pytest.mark.parametrize(("old", "new"), ILLEGAL, ids=str)
    def test_every_other_move_is_refused_and_nothing_changes(
        self, old: Status, new: Status
    ) -> None:
        before = at_status(old)
        with pytest.raises(RefusedMoveError) as caught:
            get_reviewing().set_status(before.id, new, before.version, "eve")
        assert caught.value.allowed == MOVES[old]
        assert read(before) == before

    def test_a_move_without_a_note_takes_the_old_note_away(self) -> None:
        one = at_status(Status.DRAFT)
        get_reviewing().set_status(one.id, Status.IN_REVIEW, 1, "eve", "Please look.")
        get_reviewing().set_status(one.id, Status.APPROVED, 2, "bob")
        assert (read(one).reviewed_by, read(one).review_note) == ("bob", None)

    def test_the_same_note_twice_is_kept_twice(self) -> None:
        one = at_status(Status.DRAFT)
        get_reviewing().set_status(one.id, Status.IN_REVIEW, 1, "eve", "Look.")
        get_reviewing().set_status(one.id, Status.DRAFT, 2, "eve", "Look.")
        assert read(one).review_note == "Look."

    def test_an_edit_keeps_the_status_and_says_that_it_came_later(self) -> None:
        one = at_status(Status.APPROVED)
        assert not read(one).changed_since_review
        get_persona_repository().save(one.id, PersonaUpdate(persona={"name": "Ada"}), one.version)
        edited = read(one)
        assert (edited.status, edited.changed_since_review) == (Status.APPROVED, True)
        assert edited.reviewed_at == one.reviewed_at
        get_reviewing().set_status(one.id, Status.IN_REVIEW, edited.version, "eve")
        assert not read(one).changed_since_review

    def test_who_was_slower_moves_nothing(self) -> None:
        one = at_status(Status.IN_REVIEW)
        get_persona_repository().update(one.id, PersonaUpdate(persona={"name": "Ada"}))
        with pytest.raises(ConflictError) as caught:
            get_reviewing().set_status(one.id, Status.APPROVED, one.version, "eve")
        assert caught.value.theirs == read(one)
        assert read(one).status == Status.IN_REVIEW

    def test_of_sixteen_at_once_one_wins(self) -> None:
        one = at_status(Status.IN_REVIEW)

        def move(number: int) -> bool:
            new = Status.APPROVED if number % 2 else Status.REJECTED
            try:
                moved = get_reviewing().set_status(one.id, new, one.version, f"writer {number}")
            except ConflictError:
                return False
            return moved.moved

        with ThreadPoolExecutor(16) as pool:
            won = list(pool.map(move, range(16)))
        assert won.count(True) == 1
        assert read(one).reviewed_by == f"writer {won.index(True)}"
        assert read(one).version == one.version + 1

    def test_what_is_gone_or_in_the_trash_does_not_move(self) -> None:
        one = at_status(Status.IN_REVIEW)
        get_persona_repository().delete(one.id)
        for persona_id in (one.id, uuid4()):
            with pytest.raises(NotFoundError):
                get_reviewing().set_status(persona_id, Status.APPROVED, one.version, "eve")

    def test_a_note_that_cannot_be_stored_is_refused_before_the_database(self) -> None:
        one = at_status(Status.DRAFT)
        for note in ("x" * 2001, "a\x00b", "\x01"):
            with pytest.raises(InvalidInputError):
                get_reviewing().set_status(one.id, Status.IN_REVIEW, 1, "eve", note)

    def test_a_restored_version_does_not_bring_its_approval_back(self) -> None:
        one = at_status(Status.APPROVED)
        get_reviewing().set_status(one.id, Status.DRAFT, one.version, "eve")
        restored = get_history().restore(one.id, one.version, "eve")
        assert restored.status == Status.DRAFT


@pytest.mark.usefixtures("database")
class TestBulk:
    def test_tells_of_each_whether_it_moved(self) -> None:
        waiting, draft, approved = (
            at_status(status) for status in (Status.IN_REVIEW, Status.DRAFT, Status.APPROVED)
        )
        trashed = at_status(Status.IN_REVIEW)
        get_persona_repository().delete(trashed.id)
        unknown = uuid4()
        ids = [waiting.id, draft.id, approved.id, trashed.id, unknown, waiting.id]
        moves = get_reviewing().set_statuses(ids, Status.APPROVED, "eve", "Batch 7")
        assert {move.id: (move.moved, move.reason, move.status) for move in moves} == {
            waiting.id: (True, None, Status.APPROVED),
            draft.id: (False, "not_allowed", Status.DRAFT),
            approved.id: (False, "same", Status.APPROVED),
            trashed.id: (False, "missing", None),
            unknown: (False, "missing", None),
        }
        assert [move.id for move in moves] == sorted(move.id for move in moves)
        assert read(waiting).review_note == "Batch 7"
        assert read(draft).version == draft.version

    def test_more_than_one_response_holds(self, sql: psycopg.Connection[dict[str, Any]]) -> None:
        sql.execute(
            "insert into personas (raw_text, persona)"
            " select 'x', '{\"name\": \"x\"}' from generate_series(1, 1203)"
        )
        ids = [row["id"] for row in sql.execute("select id from personas").fetchall()]
        moves = get_reviewing().set_statuses(ids, Status.IN_REVIEW, "eve")
        assert len(moves) == len(ids) == sum(move.moved for move in moves)

    def test_none_and_nonsense(self) -> None:
        assert get_reviewing().set_statuses([], Status.DRAFT, "eve") == []
        with pytest.raises(InvalidInputError):
            get_reviewing().set_statuses(["no id"], Status.DRAFT, "eve")


class TestByHand:
    def test_python_and_the_database_know_the_same_moves(
        self, sql: psycopg.Connection[dict[str, Any]]
    ) -> None:
        rows = sql.execute("select * from persona_dashboard.persona_status_moves()").fetchall()
        assert [(row["from_status"], row["to_status"]) for row in rows]
        assert {(row["from_status"], row["to_status"]) for row in rows} == {
            (old.value, new.value) for old, new in LEGAL
        }

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize(("old", "new"), ILLEGAL, ids=str)
    def test_an_update_is_refused_for_every_role(
        self, sql: psycopg.Connection[dict[str, Any]], role: str, old: Status, new: Status
    ) -> None:
        one = at_status(old)
        sql.execute(f"set role {role}")
        with pytest.raises(psycopg.Error, match=f"from {old} to {new}") as caught:
            sql.execute("update personas set status = %s where id = %s", [new, one.id])
        assert caught.value.sqlstate == "PT409"
        assert read(one) == one

    def test_the_api_refuses_it_by_name(self) -> None:
        one = at_status(Status.DRAFT)
        table = get_supabase_client().client.table("personas")
        with pytest.raises(Exception, match="cannot move from draft to approved") as caught:
            table.update({"status": "approved"}).eq("id", str(one.id)).execute()
        assert getattr(caught.value, "code", None) == "PT409"

    @pytest.mark.parametrize("role", ROLES)
    def test_a_legal_update_keeps_who_and_writes_history(
        self, sql: psycopg.Connection[dict[str, Any]], role: str
    ) -> None:
        one = at_status(Status.IN_REVIEW)
        sql.execute(f"set role {role}")
        sql.execute(
            "update personas set status = 'approved', reviewed_by = 'forged', risk = -5,"
            " reviewed_at = '2000-01-01', changed_since_review = true where id = %s",
            [one.id],
        )
        stored = read(one)
        assert (stored.status, stored.reviewed_by) == (Status.APPROVED, role)
        assert stored.reviewed_at is not None
        assert stored.reviewed_at.year > 2000
        assert not stored.changed_since_review
        newest = get_history().versions(one.id)[0]
        assert (newest.status, newest.author) == (Status.APPROVED, role)
        assert newest.origin == {"kind": "status", "from": "in_review", "to": "approved"}

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("status", ["in_review", "approved", "rejected"])
    def test_a_persona_begins_as_a_draft(
        self, sql: psycopg.Connection[dict[str, Any]], role: str, status: str
    ) -> None:
        sql.execute(f"set role {role}")
        with pytest.raises(psycopg.Error) as caught:
            sql.execute(
                "insert into personas (raw_text, persona, status) values ('x', '{}', %s)", [status]
            )
        assert caught.value.sqlstate == "PT409"

    def test_an_unknown_status_is_refused(self, sql: psycopg.Connection[dict[str, Any]]) -> None:
        one = at_status(Status.DRAFT)
        with pytest.raises(psycopg.errors.CheckViolation):
            sql.execute("update personas set status = 'done' where id = %s", [one.id])

    def test_anon_may_neither_move_nor_comment(
        self, sql: psycopg.Connection[dict[str, Any]]
    ) -> None:
        sql.execute("set role anon")
        for statement in (
            "select * from review_queue('[]', 5)",
            "select * from set_status('[]', 'draft', 'x')",
            "select * from persona_comments",
            "update personas set status = 'in_review'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                sql.execute(statement)


@pytest.mark.usefixtures("database")
class TestQueue:
    def test_counts_what_makes_a_persona_risky(
        self, sql: psycopg.Connection[dict[str, Any]]
    ) -> None:
        persona = {
            "name": "Ada",
            "role": ["wrong kind"],
            "skills": ["SQL", "R", ""],
            "a/b": {"c~d": 5, "none": None},
            "summary": "Ada.",
        }
        stored = store(persona, "Zed.")
        evidence = [
            source("/name", "stated", 100),
            source("/skills/0", "inferred", 100),
            source("/skills/1", "stated", 90),
            source("/a~1b/c~0d", "inferred", 100, accepted=True),
            source("/skills/7", "stated", 100),
            source("/skills", "stated", 100),
        ]
        rejected = [{"reason": reason.value} for reason in (Reason.NO_SOURCE, Reason.TAKEN_OUT)]
        sql.execute(
            "update personas set evidence = %s, generation = %s where id = %s",
            [json.dumps(evidence), json.dumps({"rejected": rejected}), stored.id],
        )
        (item,) = get_reviewing().queue()
        assert (item.claims, item.unsourced, item.unsure) == (5, 1, 2)
        assert (item.proposals, item.misshapen) == (1, 1)
        assert item.risk == 3 * 1 + 2 + 1 + 5

    def test_the_database_knows_the_fields_of_the_schema(
        self, sql: psycopg.Connection[dict[str, Any]]
    ) -> None:
        for field in FIELDS:
            for value in ("x", ["x"], {"x": 1}):
                facts = sql.execute(
                    "select misshapen from persona_dashboard.persona_review_facts(%s, '[]', null)",
                    [json.dumps({field.name: value})],
                ).fetchone()
                right = isinstance(value, list) if field.kind == "list" else value == "x"
                assert facts == {"misshapen": 0 if right else 1}, (field.name, value)

    def test_riskiest_first_and_a_long_wait_counts(
        self, sql: psycopg.Connection[dict[str, Any]]
    ) -> None:
        safe, risky, empty = (store(one, "Ada") for one in ({"name": "Ada"}, {"name": "Zed"}, {}))
        assert [item.id for item in get_reviewing().queue()] == [empty.id, risky.id, safe.id]
        sql.execute("alter table personas disable trigger personas_set_updated_at")
        sql.execute(
            "update personas set created_at = created_at - interval '2 days' where id = %s",
            [safe.id],
        )
        sql.execute("alter table personas enable trigger personas_set_updated_at")
        assert [item.id for item in get_reviewing().queue()] == [empty.id, safe.id, risky.id]

    def test_follows_edits_moves_and_the_trash(self) -> None:
        one = store({"name": "Zed"}, "Ada")
        assert get_reviewing().queue()[0].risk == 3
        get_persona_repository().update(one.id, PersonaUpdate(persona={"name": "Ada"}))
        assert get_reviewing().queue()[0].risk == 0
        get_reviewing().set_statuses([one.id], Status.IN_REVIEW, "eve")
        (item,) = get_reviewing().queue([Status.IN_REVIEW])
        assert item.waiting_since == read(one).reviewed_at
        assert get_reviewing().queue([Status.DRAFT]) == []
        get_persona_repository().delete(one.id)
        assert get_reviewing().queue() == []
        get_trash().restore(one.id)
        assert len(get_reviewing().queue()) == 1
        get_reviewing().set_statuses([one.id], Status.APPROVED, "eve")
        assert get_reviewing().queue() == []
        assert Place.of(read(one)) is None

    def test_pages_forwards_and_backwards_meet_every_persona_once(self) -> None:
        stored = [store({"name": f"Zed {n}", "skills": ["x"] * (n % 3)}, "Ada") for n in range(7)]
        get_reviewing().set_statuses([one.id for one in stored[:3]], Status.IN_REVIEW, "eve")
        whole = get_reviewing().queue(size=200)
        assert {item.id for item in whole} == {one.id for one in stored}
        met: list[QueueItem] = []
        while part := get_reviewing().queue(size=2, after=met[-1].place if met else None):
            met += part
        assert met == whole
        back = get_reviewing().queue(size=200, after=whole[-1].place, backwards=True)
        assert back == whole[-2::-1]
        assert get_reviewing().queue(size=1, after=whole[3].place, backwards=True) == [whole[2]]

    def test_a_place_stays_when_its_persona_leaves(self) -> None:
        for name in ("Zed", "Zoe", "Zac"):
            store({"name": name}, "Ada")
        first, second, _ = get_reviewing().queue()
        get_persona_repository().delete(first.id)
        assert get_reviewing().queue(size=1, after=first.place) == [second]
        assert Place.from_text(first.place.to_text()) == first.place
        for text in ("", "x", "5", "5_x", f"x_{first.id}"):
            with pytest.raises(InvalidInputError):
                Place.from_text(text)

    def test_is_counted_up_to_a_limit(self) -> None:
        for _ in range(3):
            store(ADA, TEXT)
        assert get_reviewing().queue_length() == 3
        assert get_reviewing().queue_length(most=2) == 2
        assert get_reviewing().queue_length([Status.IN_REVIEW]) == 0


def test_personas_from_before_the_migration_enter_the_queue_without_a_new_version(
    fresh_database: Callable[[], str], tmp_path: Path
) -> None:
    url = fresh_database()
    for file in sorted(MIGRATIONS.glob("00[1-8]_*.sql")):
        shutil.copy(file, tmp_path)
    migrate(url, tmp_path)
    store_zed = "insert into personas (raw_text, persona) values ('Ada', '{\"name\": \"Zed\"}')"
    with psycopg.connect(url, autocommit=True) as sql:
        sql.execute(store_zed)
        migrate(url)
        sql.execute(store_zed)
        places = sql.execute("select risk, review_priority is not null, version from personas")
        earlier, later = places.fetchall()
        assert earlier == later
        assert earlier[1:] == (True, 1)
        assert sql.execute("select count(*) from persona_versions").fetchone() == (2,)


@pytest.mark.usefixtures("database")
class TestComments:
    def test_written_resolved_opened_again_and_deleted(self) -> None:
        one = store(ADA, TEXT)
        comments = get_comments()
        whole = comments.add(one.id, " Who is this? ", "eve")
        field = comments.add(one.id, "Senior analyst?", "bob", path="/role")
        assert (whole.text, whole.path, whole.about) == ("Who is this?", "", None)
        assert (field.path, field.about, field.author) == ("/role", "analyst", "bob")
        assert comments.of(one.id) == [field, whole]
        resolved = comments.resolve(field.id, "eve")
        assert resolved.resolved_by == "eve"
        assert resolved.resolved_at is not None
        assert comments.of(one.id) == [whole, resolved]
        assert get_reviewing().queue()[0].open_comments == 1
        assert comments.reopen(field.id) == field
        with pytest.raises(NotFoundError):
            comments.delete(field.id, "eve")  # it is bob's
        comments.delete(field.id, "bob")
        assert comments.of(one.id) == [whole]
        for act in (comments.reopen, lambda gone: comments.resolve(gone, "eve")):
            with pytest.raises(NotFoundError):
                act(field.id)
        assert read(one).version == one.version

    @pytest.mark.parametrize("text", ["", "  \n", "x" * 5001, "a\x00b"])
    def test_texts_that_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidInputError):
            get_comments().add(store(ADA, TEXT).id, text, "eve")

    def test_only_on_what_is_there(self) -> None:
        one = store(ADA, TEXT)
        for path in ("/skills/0", "role"):
            with pytest.raises(InvalidInputError):
                get_comments().add(one.id, "Hm.", "eve", path=path)
        with pytest.raises(NotFoundError):
            get_comments().add(uuid4(), "Hm.", "eve")

    def test_what_was_said_cannot_be_changed(self, sql: psycopg.Connection[dict[str, Any]]) -> None:
        get_comments().add(store(ADA, TEXT).id, "Hm.", "eve")
        sql.execute("set role service_role")
        for column in ("text", "author", "created_at", "path", "persona_id"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                sql.execute(f"update persona_comments set {column} = default")  # noqa: S608

    def test_erasing_a_persona_erases_comments_and_notes(
        self, sql: psycopg.Connection[dict[str, Any]]
    ) -> None:
        marker = uuid4().hex
        one = store({"name": marker}, f"{marker} speaks.")
        get_comments().add(one.id, f"About {marker}", "eve", path="/name")
        get_reviewing().set_statuses([one.id], Status.IN_REVIEW, "eve", f"See {marker}")
        get_persona_repository().delete(one.id)
        assert get_comments().of(one.id) != []
        get_trash().purge(one.id, "eve")
        tables = sql.execute(
            "select quote_ident(relname) as name from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchall()
        assert {"name": "persona_comments"} in tables
        for table in tables:
            held = sql.execute(
                f"select count(*) as n from {table['name']} t where t::text like %s",  # noqa: S608
                [f"%{marker}%"],
            ).fetchone()
            assert held == {"n": 0}, table


def store(persona: dict[str, Any], raw_text: str) -> Persona:
    return get_persona_repository().create(PersonaCreate(raw_text=raw_text, persona=persona))


def read(persona: Persona) -> Persona:
    return get_persona_repository().read(persona.id)


def at_status(status: Status) -> Persona:
    one = store(ADA, TEXT)
    for step in PATHS[status]:
        (move,) = get_reviewing().set_statuses([one.id], step, "setup")
        assert move.moved
    return read(one)


def source(path: str, support: str, score: float, **more: Any) -> dict[str, Any]:
    return {
        "path": path,
        "quote": "Zed",
        "start": 0,
        "end": 3,
        "support": support,
        "score": score,
        "engine": "offline",
        **more,
    }
