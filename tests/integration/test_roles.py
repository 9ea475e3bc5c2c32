"""Each role and each action: at the service, and at PostgREST with that person's own token.

The actions are read from the contract and from services/cached, so that a new one without a rule
fails here.
"""

from __future__ import annotations

import inspect
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from services import cached
from services.access.acting import Actor, acting_as
from services.access.roles import Role
from services.database import contract
from services.database.check.harmless import HARMLESS_CALLS
from services.errors import DashboardError, NotSignedInError, RoleError
from services.exports.export import Exports
from services.exports.options import ExportOptions
from services.personas.finding.conditions import Condition
from services.personas.finding.query import PersonaQuery
from tests.team import Team

EVERYBODY = (None, *Role)
V, A, R, D = Role
NEVER = None  # no role may

# ------------------------------------------------------------------ what is allowed

TABLES: dict[str, tuple[Role | None, Role | None, Role | None, Role | None]] = {
    # select, insert, update, delete
    "generation_requests": (V, A, A, A),
    "generation_batches": (V, NEVER, NEVER, A),
    "generation_failures": (V, NEVER, NEVER, NEVER),
    "generation_files": (V, NEVER, NEVER, NEVER),
    "generation_parts": (V, NEVER, A, A),
    "drafts": (A, A, A, A),  # one's own
    "import_problems": (V, A, A, A),
    "import_jobs": (V, A, A, A),
    "persona_comments": (V, A, A, A),  # deleted by who wrote it
    "persona_versions": (V, NEVER, NEVER, NEVER),
    "persona_erasures": (V, NEVER, NEVER, NEVER),
    "persona_history": (V, NEVER, NEVER, NEVER),
    "persona_list": (V, NEVER, NEVER, NEVER),
    "persona_overview": (V, NEVER, NEVER, NEVER),
    "persona_members": (V, NEVER, D, NEVER),
    "persona_audit": (D, NEVER, NEVER, NEVER),
    "personas": (V, A, A, D),
}
NOTHING = '{"created_before": "0001-01-01T00:00:00Z"}'
JOB = "6a1f9c1e-0000-4000-8000-0000000000aa"
BATCH = "6a1f9c1e-0000-4000-8000-0000000000ab"
NOBODY = "00000000-0000-0000-0000-000000000000"
# The role that a function needs, and arguments for it. VIEWER: whoever has none reads no row by it.
CALLS: dict[str, tuple[Role, dict[str, Any]]] = {
    "batch_quality": (V, {"batch": BATCH}),
    "change_batch": (A, {"batch": BATCH, "change": '{"name": "Other"}'}),
    "count_personas": (V, {"request": NOTHING}),
    "create_batch": (A, {"given": f'{{"id": "{BATCH}", "engine": "offline"}}'}),
    "end_member_sessions": (D, {"member": NOBODY}),
    "enqueue_generations": (A, {"batch": BATCH, "rows": "[]"}),
    "known_import_rows": (V, {"rows": "[]", "digest": ""}),
    "matching_personas": (V, {"request": NOTHING, "after": None}),
    "member_sessions": (D, {}),
    "note_export": (V, {"detail": '{"rows": 1}'}),
    "persona_export_page": (
        V,
        {
            "columns": '[{"column": "id"}]',
            "shape": "object",
            "request": "{}",
            "page": '{"size": 5}',
        },
    ),
    "persona_export_start": (V, {"request": "{}", "with_paths": False, "page": '{"size": 1}'}),
    "persona_search_language": (V, {}),
    "purge_persona": (D, {"persona_id": NOBODY, "erased_by": "forged"}),
    "restore_persona_version": (
        A,
        {"persona_id": NOBODY, "from_version": 1, "expected_version": 1, "author": "forged"},
    ),
    "restore_personas": (A, {"ids": "[]", "author": "forged"}),
    "review_queue": (
        V,
        {
            "statuses": '["draft"]',
            "size": 5,
            "after_priority": None,
            "after_id": None,
            "backwards": False,
        },
    ),
    "review_queue_length": (V, {"statuses": '["draft"]', "most": 5}),
    "search_personas": (V, {"request": "{}"}),
    "set_status": (A, {"ids": "[]", "new_status": "in_review", "author": "forged", "note": ""}),
    "similar_personas": (V, {"words": "Ada", "size": 5}),
    "trash_personas": (A, {"ids": "[]", "author": "forged"}),
}
# Reads, and what the server alone calls.
READS = {
    "actor_of_run", "api_keys", "batch", "batch_failures", "batch_files", "batch_items",
    "batch_quality", "beginnings", "comments", "cost", "database_answers", "drafts", "drafts_of",
    "earlier_persona",
    "engine_names", "explained", "export_columns", "export_progress", "found_page", "found_total",
    "generation_estimate", "generation_parts", "generation_progress", "generation_request",
    "get_imports", "get_runner", "holds_import", "import_job", "import_problems", "intake",
    "is_batch", "model_away", "most_of_next",
    "price_in_files", "recent_batches", "rest_of_batch", "storing_of", "table_preview",
    "texts_estimate",
    "import_updates", "imported_texts_only", "key_roles", "member_names", "neighbour",
    "newest_version", "people_of_text", "persona", "previews", "recent_imports", "regeneration",
    "review_queue",
    "review_queue_length", "start_worker", "stop_runner", "trash_count", "trash_page",
    "unfinished_requests", "unsaved_because", "uses_model_server", "version", "versions",
}  # fmt: skip


def includes(role: Role | None, needed: Role | None) -> bool:
    return role is not None and needed is not None and role.includes(needed)


@pytest.fixture
def stored(team: Team) -> str:
    """One persona with a comment, a request and an import; its id."""
    (row,) = team.sql(
        "insert into personas (raw_text, persona) values ('Ada keeps bees.', '{\"name\": \"Ada\"}')"
        " returning id::text"
    )
    team.sql(
        "insert into persona_comments (persona_id, text, author) values (%s, 'Why?', 'x')", row[0]
    )
    team.sql("insert into import_jobs (id, file_name, file_digest) values (%s, 'b.csv', '1')", JOB)
    team.sql("insert into generation_batches (id, engine) values (%s, 'offline')", BATCH)
    return row[0]


# ------------------------------------------------------------------ at the service


def actions() -> dict[str, Role | None]:
    functions = {name: getattr(cached, name) for name in cached.__all__}
    return {
        name: getattr(function, "needs", None)
        for name, function in functions.items()
        if callable(function) and not inspect.isclass(function) and name not in READS
        and name[0].islower()
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(actions()))
def test_an_action_asks_for_its_role_before_anything_else(name: str) -> None:
    needed = actions()[name]
    assert needed is not None, "mark it with @needs, or list it among the reads"
    act = getattr(cached, name)
    for role in EVERYBODY:
        with acting_as(Actor("somebody", "Somebody", role)):
            if includes(role, needed):
                with pytest.raises(TypeError):  # it goes on to its arguments, of which it got none
                    act(*[object()] * 20)
            else:
                with pytest.raises(NotSignedInError if role is None else RoleError):
                    act(*[object()] * 20)


def test_a_verdict_takes_a_reviewer(team: Team, stored: str) -> None:
    team.sql("update personas set status = 'in_review'")
    for role in (Role.VIEWER, Role.ANALYST):
        with acting_as(team.people[role]), pytest.raises(RoleError):
            cached.set_status(stored, "approved", 2, "forged")
    with acting_as(team.people[Role.REVIEWER]):
        cached.set_status(stored, "approved", 2, "forged")
    assert team.sql("select status, reviewed_by from personas") == [
        ("approved", team.people[Role.REVIEWER].user_id)
    ]


# ------------------------------------------------------------------ at PostgREST

NEW: dict[str, dict[str, Any]] = {
    "personas": {"raw_text": "Bo keeps hens.", "persona": {}, "created_by": "forged"},
    "generation_requests": {"raw_text": "Bo.", "engine": "offline", "created_by": "forged"},
    "import_problems": {"job_id": JOB, "row": 2, "reason": "x"},
    "import_jobs": {"file_name": "a.csv", "file_digest": "0", "created_by": "forged"},
    "persona_comments": {"text": "Who says so?", "author": "forged"},
    "drafts": {"kind": "json", "subject": "new", "body": "x"},
}
WITH_ID = ("generation_requests", "import_jobs")
CHANGES: dict[str, dict[str, Any]] = {
    "personas": {"raw_text": "Ada keeps many bees.", "updated_by": "forged"},
    "generation_requests": {"error": "x"},
    "import_jobs": {"error": "x"},
    "import_problems": {"reason": "y"},
    "generation_parts": {"left_out": True},
    "persona_comments": {"resolved_at": "2026-01-01T00:00:00Z", "resolved_by": "forged"},
    "drafts": {"body": "y"},
    "persona_members": {"name": "Somebody else"},
}


def test_every_table_and_function_has_a_rule() -> None:
    assert set(TABLES) == set(contract.MEMBER_RELATIONS)
    assert set(CALLS) == {one.split("(")[0] for one in contract.MEMBER_FUNCTIONS}


@pytest.mark.parametrize("role", EVERYBODY)
def test_tables_by_role(team: Team, stored: str, role: Role | None) -> None:
    me = team.people[role].user_id
    for name, (select, insert, update, delete) in TABLES.items():
        read = team.request(role, "GET", f"{name}?limit=1")
        assert read.status_code == 200, (name, read.text)
        if not includes(role, select):
            assert read.json() == [], name
        elif name in (
            "personas",
            "persona_versions",
            "persona_list",
            "persona_overview",
            "persona_comments",
        ):
            assert len(read.json()) == 1, name
        row = dict(NEW.get(name, {}))
        row |= {"id": str(uuid4())} if name in WITH_ID else {}
        row |= {"persona_id": stored} if name == "persona_comments" else {}
        row |= {"owner": me} if name == "drafts" else {}
        made = team.request(
            role, "POST", name, json=row, headers={"Prefer": "return=representation"}
        )
        assert (made.status_code == 201) is includes(role, insert), (name, made.text)
        if made.status_code == 201:  # the author is who acts, whatever the client says
            (kept,) = made.json()
            named = {kept[key] for key in ("created_by", "updated_by", "author") if kept.get(key)}
            assert named <= {me}, name
        changed = team.request(
            role, "PATCH", f"{name}?{'kind=eq.json' if name == 'drafts' else _some(name)}",
            json=CHANGES.get(name, {"version": 1}), headers={"Prefer": "return=representation"},
        )  # fmt: skip
        assert (changed.status_code == 200) is includes(role, update), (name, changed.text)
        gone = team.request(
            role, "DELETE", f"{name}?{'kind=eq.json' if name == 'drafts' else _some(name)}"
        )
        assert (gone.status_code in (200, 204)) is includes(role, delete), (name, gone.text)
        if name == "personas" and includes(role, delete):
            team.sql(
                "insert into personas (id, raw_text, persona) values (%s, 'Ada keeps bees.', '{}')",
                stored,
            )
        if name == "persona_members":
            team.sql("update persona_members set name = split_part(email, '@', 1)")
    if not includes(role, Role.ANALYST):  # what is refused leaves no trace
        assert team.sql(
            "select (select count(*) from personas), (select count(*) from persona_versions v"
            "  where v.persona_id in (select id from personas)),"
            " (select count(*) from persona_comments), (select count(*) from drafts),"
            " (select count(*) from generation_requests), (select count(*) from import_jobs),"
            " (select count(*) from generation_batches)"
        ) == [(1, 1, 1, 0, 0, 1, 1)]


def _some(name: str) -> str:
    return {
        "persona_comments": "text=neq.Why?",
        "import_problems": "row=gt.0",
        "generation_parts": "start_at=gt.0",
        "persona_members": "email=eq.vic@example.org",
        "generation_failures": "requests=gt.0",
    }.get(name, "persona_id=not.is.null" if name.startswith("persona_") else "id=not.is.null")


@pytest.mark.parametrize("role", EVERYBODY)
def test_functions_by_role(team: Team, stored: str, role: Role | None) -> None:
    for name, (needed, arguments) in CALLS.items():
        answer = team.request(role, "POST", f"rpc/{name}", json=arguments)
        if includes(role, needed):
            assert answer.status_code in (200, 204), (name, answer.text)
        elif needed is not Role.VIEWER:
            refused = answer.status_code == 403 or name == "restore_persona_version"
            assert refused, (name, answer.text)
        else:  # without a role: refused, or without a row
            assert stored not in answer.text, name
            assert "Ada" not in answer.text, name
    for signature in contract.KEY_FUNCTIONS:
        name = signature.split("(")[0]
        answer = team.request(role, "POST", f"rpc/{name}", json=dict(HARMLESS_CALLS[name]))
        assert answer.status_code in (403, 404), (name, answer.text)


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_sql_by_hand_with_a_viewer_s_claims_writes_no_table(
    team: Team, stored: str, role: Role | None
) -> None:
    claims = json.dumps({"role": "authenticated", "sub": team.people[role].user_id})
    with psycopg.connect(team.db_url) as connection:
        connection.execute("set role authenticated")
        connection.execute("select set_config('request.jwt.claims', %s, false)", [claims])
        for name in TABLES:
            changed = "name" if name == "persona_members" else "version"
            for statement in (
                f"insert into {name} default values",
                f"update {name} set {changed} = null",  # noqa: S608
                f"delete from {name}",  # noqa: S608
                f"truncate {name}",
            ):
                with pytest.raises(psycopg.Error) as refused, connection.transaction():
                    connection.execute(statement.encode())
                # no right, no role; no such column, no table (a view)
                codes = ("42501", "PT403", "42703", "42809", "55000")
                assert refused.value.sqlstate in codes, statement
        with pytest.raises(psycopg.Error), connection.transaction():
            connection.execute("select persona_dashboard.note('erased', 'x')")


def test_an_export_is_recorded_without_what_was_looked_for(team: Team, stored: str) -> None:
    options = ExportOptions(
        format="jsonl",
        query=PersonaQuery(text="bees", conditions=(Condition("is", "name", "Ada"),)),
    )
    with acting_as(team.people[Role.VIEWER]):
        export = Exports().begin("x", options)
        export.begin()
        assert stored in b"".join(export.pieces()).decode()
        export.close()
    ((who, detail),) = team.sql(
        "select actor, detail from persona_audit where action = 'exported' order by id desc limit 1"
    )
    assert who == team.people[Role.VIEWER].user_id
    assert (detail["format"], detail["rows"]) == ("jsonl", 1)
    assert detail["filter"] == {"words": True, "fields": ["is name"]}
    with acting_as(team.people[None]), pytest.raises(RoleError):
        Exports().begin("y", options).begin()


def test_two_admins_who_both_give_up_at_once_leave_one(team: Team) -> None:
    with psycopg.connect(team.db_url, autocommit=True) as connection:
        other = connection.execute(
            "insert into persona_members (user_id, name, role)"
            " values (gen_random_uuid(), 'Olga', 'admin') returning user_id"
        ).fetchone()[0]

    def give_up(member: object) -> bool:
        try:
            with psycopg.connect(team.db_url) as connection:
                connection.execute(
                    "update persona_members set role = 'viewer' where user_id = %s", [member]
                )
                time.sleep(0.5)  # both have written, and neither has committed
        except psycopg.Error as error:
            assert "only admin" in str(error)
            return False
        return True

    try:
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(give_up, [other, team.people[Role.ADMIN].user_id])) == [
                False,
                True,
            ]
    finally:
        with psycopg.connect(team.db_url, autocommit=True) as connection:
            connection.execute(
                "update persona_members set role = 'admin' where user_id = %s",
                [team.people[Role.ADMIN].user_id],
            )
            connection.execute("delete from persona_members where user_id = %s", [other])


def test_the_last_admin_stays_and_roles_are_recorded(team: Team) -> None:
    admin = team.people[Role.ADMIN]
    with acting_as(admin):
        with pytest.raises(DashboardError, match=r"only admin.*Make somebody else an admin first"):
            cached.give_role(admin.user_id, None)
        nora = team.people[None].user_id
        cached.give_role(nora, Role.VIEWER)
        assert len(team.request(None, "GET", "personas?limit=1").json()) <= 1
        cached.give_role(nora, None)
        entries = cached.audit_entries(None, admin.user_id, None, 2)
    assert [(one.action, one.subject) for one in entries] == [
        ("role taken", nora),
        ("role given", nora),
    ]
    with pytest.raises(psycopg.Error, match="append-only"):
        team.sql("delete from persona_audit")
