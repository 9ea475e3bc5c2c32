"""A hostile holder of an API key against the functions, tables and views of the dashboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from services.access.roles import Role as MemberRole
from services.database import contract
from services.database.migrations import MIGRATIONS
from services.exports.options import Column
from services.personas.finding.conditions import Condition, Days
from services.personas.finding.query import PersonaQuery
from tests.attack import (
    HARNESS,
    PAYLOADS,
    PREPARED,
    Attack,
    Function,
    Report,
    functions_of,
)
from tests.hosted import ROLES, HostedDatabase, HostedServer, Role

PERSONA, TRASHED, ANOTHER = (f"6a1f9c1e-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
QUEUED, RUNNING, CHECKED, SAVING, BATCH, FILE = (
    f"6a1f9c1e-0000-4000-8000-0000000000{n}" for n in range(10, 16)
)
WORKER = "worker-1"

# ------------------------------------------------------------------ what is stored, and valid calls

STORED = {
    "name": "Ada Bee",
    "role": "keeper",
    "location": "Madrid",
    "skills": ["SQL", "bees"],
    "address": {"city": "Madrid"},
}
EVIDENCE = [{"path": "/name", "quote": "Ada", "start": 0, "end": 3, "support": "stated"}]

FILTER: dict[str, Any] = PersonaQuery(
    text='bees or "keeps bees" -wasps',
    conditions=(
        Condition("is", "location", "Madrid"),
        Condition("contains", "skills", "SQL"),
        Condition("has", "address.city"),
        Condition("any", "role", "keeper"),
    ),
    statuses=("draft",),
    engines=("offline", ""),
    created=Days(date(2000, 1, 1), date(2100, 1, 1)),
    updated=Days(date(2000, 1, 1), date(2100, 1, 1)),
    coverage="partial",
).to_request()
ORDER = {"sort": "name", "descending": True, "backwards": False, "size": 5, "place": "=zz\tz"}
SHORT = {"words": "bees", "sort": "created", "size": 5, "batch": BATCH}
PAGE = {"until": "2100-01-01T00:00:00Z", "place": "9" * 19, "size": 10, "bytes": 100_000}
COLUMNS = [
    Column("id").request(),
    Column("raw_text").request(),
    Column("updated_at").request(),
    Column("persona.address.city", ("address", "city")).request(),
]

BASES: dict[str, Any] = {
    "request": ({**FILTER, **ORDER, "ids": [PERSONA]}, SHORT),
    "words": ("Ada bees", '"keeps bees" or -wasps'),
    "columns": COLUMNS,
    "shape": ("cell array", "object"),
    "attack_export.shape": ("cells", "sheet"),
    "page": (PAGE, {"size": 10}),
    "rows": [
        {
            "row": 2,
            "id": ANOTHER,
            "md5": "0cc175b9c0f1b6a831c399e269772661",
            "raw_text": "Bo keeps hens.",
            "persona": {"name": "Bo", "pets": ["hen"]},
            "created_by": "Cy",
            "created_at": "2026-01-01T00:00:00Z",
            "sources": [{"label": "Interview", "start": 0, "end": 3}],
        }
    ],
    "ids": [PERSONA, TRASHED],
    "set_status.ids": ([{"id": PERSONA, "version": 2}], [PERSONA]),
    "new_status": "in_review",
    "statuses": (["draft", "in_review"], {"statuses": ["draft"], "batch": BATCH}),
    "persona": STORED,
    "evidence": EVIDENCE,
    "generation": {"engine": "offline", "rejected": [{"reason": "no source"}]},
    "worker": WORKER,
    "author": "Cy",
    "caller": "Cy",
    "key": "try-1",
    "fingerprint": "c" * 64,
    "answer": "{}",
    "end_request.persona": PERSONA,
    "repeatable": True,
    "note": "Looks right.",
    "erased_by": "Cy",
    "digest": "a" * 64,
    "job": SAVING,
    "claim_import.job": CHECKED,
    "request_id": RUNNING,
    "claim_generation.request_id": QUEUED,
    "batch": BATCH,
    "change": {"action": "run_again", "ids": [QUEUED], "kinds": ["timeout"], "reason": "user"},
    "create_batch.given": {"id": ANOTHER, "name": "Interviews", "engine": "offline"},
    "enqueue_generations.rows": [
        {"position": 7, "raw_text": "Bo keeps hens.", "label": "bo.txt", "sources": []}
    ],
    "conditions": {"attempts": 5, "servers": {"offline": "a server"}, "held": [RUNNING]},
    "file": FILE,
    "fill_file.told": {
        "file": FILE,
        "worker": WORKER,
        "engines": ["offline"],
        "n": 5,
        "servers": {"offline": "a server"},
        "price_share": 0.5,
    },
    "note_file.told": {
        "state": "sent",
        "input_file": "file-1",
        "questions": 3,
        "error": "Away.",
        "error_kind": "unreachable",
        "wait_seconds": 1,
    },
    "ends": [
        {
            "id": QUEUED,
            "attempt": 0,
            "status": "queued",
            "by_calls": True,
            "returned": True,
            "kind": "expired",
            "error": "Too late.",
            "usd": 0.5,
            "tokens": 7,
        }
    ],
    "lease_seconds": 60,
    "earlier_drafts.asked": [{"key": "ab" * 32, "request": QUEUED}],
    "heartbeat_generations.ids": [QUEUED, RUNNING],
    "result": {"persona": STORED, "evidence": EVIDENCE, "generation": {"engine": "offline"}},
    "results": [
        {
            "request": RUNNING,
            "persona": STORED,
            "evidence": EVIDENCE,
            "generation": {"engine": "offline"},
        }
    ],
    "outcome": {
        "status": "queued",
        "attempt": 0,
        "kind": "timeout",
        "error": "No answer.",
        "spent": {"cost": 1},
        "usd": 0.5,
        "tokens": 7,
        "down": 1,
    },
    "asked": {
        "server": "a server",
        "requests": 60,
        "tokens": 1000,
        "wanted": [10],
        "used": [{"turn": 1, "tokens": 5}],
    },
    "engines": ["offline"],
    "persona_id": PERSONA,
    "purge_persona.persona_id": TRASHED,
    "expected_version": 2,
    "after_priority": None,
    "backwards": False,
    "with_paths": True,
    # of the functions of old
    "filter": "true",
    "listed": "(select *, id as place from public.personas) p",
    "expected": (0, 10**9),
    "after": None,
    "filtered_page.after": "",
    "ordered": "p.place",
    # of members and sessions
    "detail": {"format": "csv", "rows": 3},
    "member": "6a1f9c1e-0000-4000-8000-000000000101",
    "given": {
        "hash": "e" * 64,
        "user_id": "6a1f9c1e-0000-4000-8000-000000000101",
        "email": "vic@example.org",
        "name": "Vic",
        "access": "sealed",
        "refresh": "sealed",
        "seconds": 3600,
    },
    "hash": "d" * 64,
    "access": "sealed",
    "refresh": "sealed",
    "everywhere": True,
    "subjects": ["c" * 64],
    "body": "sealed",
    "needed": "viewer",
}

MEMBERS: dict[str, str] = {  # by role
    role: f"6a1f9c1e-0000-4000-8000-00000000010{n}" for n, role in enumerate(MemberRole, 1)
}

# An export by SUPABASE_DB_URL runs a statement that is made in the database, as the owner.
EXPORTED_BY_THE_OWNER = """
create function public.attack_export(columns jsonb, shape text, request jsonb, page jsonb)
returns setof json language plpgsql as $$
begin
  return query execute 'select to_json(line) from ('
    || persona_dashboard.persona_export_statement(columns, shape, request, page) || ') line';
end
$$;
revoke execute on function public.attack_export from public, anon, authenticated;
"""


def plant(database: HostedDatabase) -> None:
    """What valid calls work on: personas, one of them in the trash, requests and imports."""
    with psycopg.connect(database.owner_url) as connection:
        for persona in (PERSONA, TRASHED):
            connection.execute(
                "insert into personas (id, raw_text, persona, evidence, generation)"
                " values (%s, 'Ada keeps bees in Madrid.', %s, %s, '{\"engine\": \"offline\"}')",
                [persona, json.dumps(STORED), json.dumps(EVIDENCE)],
            )
        connection.execute("update personas set updated_by = 'Cy' where id = %s", [PERSONA])
        connection.execute("update personas set deleted_at = now() where id = %s", [TRASHED])
        for request, status in ((QUEUED, "queued"), (RUNNING, "running")):
            connection.execute(
                "insert into generation_requests (id, raw_text, engine, status, worker)"
                " values (%s, 'Bo keeps hens.', 'offline', %s, %s)",
                [request, status, WORKER],
            )
        connection.execute(
            "insert into generation_batches (id, engine, state) values (%s, 'offline', 'running')",
            [BATCH],
        )
        connection.execute(
            "insert into generation_requests (id, batch_id, position, raw_text, engine)"
            " values (gen_random_uuid(), %s, 1, 'Cy keeps ducks.', 'offline')",
            [BATCH],
        )
        for job, status in ((CHECKED, "checked"), (SAVING, "saving")):
            connection.execute(
                "insert into import_jobs (id, file_name, file_digest, status, worker)"
                " values (%s, 'people.csv', %s, %s, %s)",
                [job, "b" * 64, status, WORKER],
            )
        for role, member in MEMBERS.items():
            connection.execute(
                "insert into persona_members (user_id, name, role) values (%s, %s, %s)",
                [member, role, role],
            )
        connection.execute(
            "insert into persona_dashboard.sessions (hash, user_id, access, refresh, access_until)"
            " values (repeat('d', 64), %s, 'sealed', 'sealed', now() + interval '1 hour')",
            [MEMBERS["viewer"]],
        )
        connection.execute(PREPARED)


@pytest.fixture
def target(hosted_server: HostedServer) -> Iterator[HostedDatabase]:
    """A migrated database with personas in it, in a project of the old, open kind."""
    database = hosted_server.database(grants="old")
    plant(database)
    yield database
    database.drop()


@pytest.fixture(scope="session")
def others(hosted_server: HostedServer) -> set[str]:
    """The functions of a project without the dashboard."""
    database = hosted_server.database(grants="old", migrated=False)
    with psycopg.connect(database.owner_url) as connection:
        names = {one.full_name for one in functions_of(connection, "anon", callable_only=False)}
    database.drop()
    return names | set(HARNESS)


def functions_for(database: HostedDatabase, role: Role, others: set[str]) -> list[Function]:
    """The dashboard's functions that this role may call, as the catalogue tells."""
    with psycopg.connect(database.owner_url) as connection:
        return [one for one in functions_of(connection, role) if one.full_name not in others]


def attacked(
    database: HostedDatabase,
    role: Role,
    functions: list[Function],
    each: int = 2,
    person: str | None = None,
    share: tuple[int, int] = (0, 1),
) -> Report:
    """A report of these functions, attacked in this role; fails if one of them was not."""
    report = Report()
    attack = Attack(database, BASES, person, share)
    callable_ = [one for one in functions if one.schema == contract.EXPOSED]
    attack.run(role, callable_, report, each=each)
    attack.run(role, [one for one in functions if one not in callable_], report, each=1)
    attack.close()
    print(
        f"{database.server.name}, {role} {person}: {len(functions)} functions, "
        f"{len(PAYLOADS)} payloads, {report.attempts} attempts, {len(report.leaks)} leaks"
    )
    missed = [
        one.full_name for one in functions if one.takes_text and not report.attacked[one.full_name]
    ]
    assert missed == []
    return report


# ------------------------------------------------------------------ no SQL of a caller


@pytest.mark.parametrize("role", ROLES)
def test_no_caller_gets_sql_run(target: HostedDatabase, others: set[str], role: Role) -> None:
    target.run(EXPORTED_BY_THE_OWNER)
    functions = functions_for(target, role, others)
    assert bool(functions) is (role not in contract.CLOSED_ROLES)
    report = attacked(target, role, functions, share=target.server.part)
    assert report.leaks == []
    # An attack that stops at the first check of an argument would prove nothing.
    assert {
        f"public.{one}" for one in contract.CALLABLE_FUNCTIONS if role == contract.API_ROLE
    } <= (report.valid)


def test_nor_does_a_member_of_any_role(target: HostedDatabase, others: set[str]) -> None:
    """What each role may do works, what it may not is refused, and neither runs a caller's SQL."""
    functions = functions_for(target, "authenticated", others)
    exposed = {one.signature for one in functions if one.schema == contract.EXPOSED}
    assert exposed == set(contract.MEMBER_FUNCTIONS)
    beyond = {
        "viewer": {
            "purge",
            "trash",
            "restore",
            "restore_persona_version",
            "set_status",
            "sessions",
            "create_batch",
            "change_batch",
            "enqueue",
        },
        "analyst": {"purge", "sessions"},
        "reviewer": {"purge", "sessions"},
        "admin": set(),
    }
    refused = {
        "purge": "purge_persona(uuid,text)",
        "trash": "trash_personas(text,text)",
        "restore": "restore_personas(text,text)",
        "restore_persona_version": "restore_persona_version(uuid,integer,integer,text)",
        "set_status": "set_status(text,text,text,text)",
        "sessions": "member_sessions()",
        "create_batch": "create_batch(text)",
        "change_batch": "change_batch(uuid,text)",
        "enqueue": "enqueue_generations(uuid,text)",
    }
    for number, (role, member) in enumerate(MEMBERS.items()):
        nth, servers = target.server.part
        share = (number * servers + nth, len(MEMBERS) * servers)
        report = attacked(target, "authenticated", functions, 1, member, share)
        assert report.leaks == []
        works = {f"public.{name}" for name in contract.MEMBER_FUNCTIONS} - {
            f"public.{refused[name]}" for name in beyond[role]
        }
        if role not in ("viewer", "admin"):  # whose sessions the call would end
            works -= {"public.end_member_sessions(uuid)"}
        assert {name for name in report.valid if name.startswith("public.")} == works


def test_nor_does_the_publishable_key_in_a_trial(target: HostedDatabase, others: set[str]) -> None:
    target.run((MIGRATIONS / "optional" / "allow_anon_key.sql").read_text())
    functions = functions_for(target, "anon", others)
    opened = [one for one in functions if one.schema == contract.EXPOSED]
    assert opened
    report = Report()
    attack = Attack(target, BASES, share=target.server.part)
    attack.run("anon", opened, report, each=1)
    attack.close()
    print(f"anon in a trial: {len(opened)} functions, {report.attempts} attempts")
    assert report.leaks == []


@pytest.mark.parametrize("hosted_server", ["embedded"], indirect=True)
def test_the_attack_finds_the_old_functions(target: HostedDatabase, others: set[str]) -> None:
    """Those of migration 010, with their rights of then: what the attack finds must be real."""
    text = (MIGRATIONS / "010_search.sql").read_text()
    for name in ("expected_personas", "filtered_page"):
        found = re.search(rf"create or replace function public\.{name}\(.*?\$\$;\n", text, re.S)
        assert found is not None
        target.run(found[0])
        target.run(f"grant execute on function public.{name} to authenticated, service_role")
    target.run("grant select on personas to authenticated")
    target.run("create policy as_in_002 on personas for all to authenticated using (true)")
    for role in ("authenticated", "service_role"):
        functions = [
            one
            for one in functions_for(target, role, others)
            if one.name in ("expected_personas", "filtered_page") and one.schema == contract.EXPOSED
        ]
        report = attacked(target, role, functions, each=len(PAYLOADS))
        for trace in sorted({leak.trace for leak in report.leaks}):
            print(f"  {role}: {trace}")
        assert report.leaking == {"public.expected_personas", "public.filtered_page"}
        assert {
            "a secret is in the answer",
            "the state is another",
            "the text was read as SQL",
        } <= {leak.trace for leak in report.leaks}


def test_what_is_stored_stays_text(target: HostedDatabase, others: set[str]) -> None:
    """The payloads as keys, values and texts that somebody stored, on their way through it all."""
    target.run(EXPORTED_BY_THE_OWNER)
    with target.request("service_role") as connection:
        for payload in PAYLOADS:
            persona = {payload: payload, "name": payload, "in": {payload: [payload]}}
            connection.execute(
                "insert into personas (raw_text, persona, evidence) values (%s, %s, %s)",
                [payload, json.dumps(persona), json.dumps([{"path": "/name", "quote": payload}])],
            )
            connection.execute(
                "insert into drafts (owner, kind, subject, body) values ('Cy', 'json', %s, %s)",
                [payload[:200], payload],
            )
            connection.execute(
                "insert into generation_requests (id, raw_text, engine, created_by)"
                " values (gen_random_uuid(), %s, %s, %s)",
                [payload, payload, payload],
            )
    everything = [Column(payload, path).request() for payload in PAYLOADS
                  for path in ((payload,), ("in", payload))]  # fmt: skip
    bases = {
        **BASES,
        "columns": everything,
        "request": ({"size": 100}, {"words": "nextval", "size": 100}),
        "page": {"size": 100},
    }
    attack = Attack(target, bases)
    traces = attack.call("service_role", functions_for(target, "service_role", others))
    attack.close()
    print(f"{len(PAYLOADS)} payloads stored, {len(traces)} functions called")
    assert {name: found for name, found in traces.items() if found} == {}


# ------------------------------------------------------------------ closed by default

# Everything that somebody was granted on what is not of PostgreSQL or an extension.
GRANTS = """
with object (kind, schema, name, acl) as (
  select 'relation', n.nspname, c.relname,
    coalesce(c.relacl,
      acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v', 'm', 'S', 'p')
  union all
  select 'column', n.nspname, c.relname || '.' || a.attname, a.attacl
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  union all
  select 'function', n.nspname, split_part(p.oid::regprocedure::text, n.nspname || '.', 1 +
      (p.oid::regprocedure::text like n.nspname || '.%')::int),
    coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  union all
  select 'schema', nspname, nspname, coalesce(nspacl, acldefault('n', nspowner)) from pg_namespace
)
select o.kind, o.schema, o.name,
  case a.grantee when 0 then 'public' else a.grantee::regrole::text end, a.privilege_type
from object o cross join lateral aclexplode(o.acl) a
where o.schema !~ '^(pg_|information_schema)'
"""
Grant = tuple[str, str, str, str, str]  # kind, schema, name, grantee, privilege


def grants_in(database: HostedDatabase) -> set[Grant]:
    return set(database.run(GRANTS))


@pytest.fixture(scope="session", params=["old", "new"])
def project(
    hosted_server: HostedServer, request: pytest.FixtureRequest
) -> Iterator[tuple[HostedDatabase, set[Grant]]]:
    """A migrated database, and every grant that the migrations made."""
    without = hosted_server.database(grants=request.param, migrated=False)
    database = hosted_server.database(grants=request.param)
    yield database, grants_in(database) - grants_in(without)
    without.drop()
    database.drop()


def test_nothing_is_granted_to_the_closed_roles(
    project: tuple[HostedDatabase, set[Grant]],
) -> None:
    closed = {"public", *contract.CLOSED_ROLES}
    assert sorted(grant for grant in project[1] if grant[3] in closed) == []


@pytest.mark.parametrize(
    ("role", "relations", "columns", "functions"),
    [
        (
            contract.API_ROLE,
            contract.RELATIONS,
            contract.UPDATABLE_COLUMNS,
            contract.CALLABLE_FUNCTIONS,
        ),
        (
            contract.MEMBER_ROLE,
            contract.MEMBER_RELATIONS,
            contract.MEMBER_COLUMNS,
            contract.MEMBER_FUNCTIONS,
        ),
    ],
)
def test_keys_and_members_may_do_what_the_contract_says(
    project: tuple[HostedDatabase, set[Grant]],
    role: str,
    relations: dict[str, frozenset[str]],
    columns: dict[str, frozenset[str]],
    functions: tuple[str, ...],
) -> None:
    granted = {grant for grant in project[1] if grant[3] == role}

    def of(kind: str, schema: str) -> set[tuple[str, str]]:
        return {(grant[2], grant[4]) for grant in granted if grant[:2] == (kind, schema)}

    assert of("relation", contract.EXPOSED) == {
        (name, privilege) for name, many in relations.items() for privilege in many
    }
    assert of("column", contract.EXPOSED) == {
        (f"{name}.{column}", "UPDATE") for name, some in columns.items() for column in some
    }
    assert of("function", contract.EXPOSED) == {(signature, "EXECUTE") for signature in functions}
    assert of("relation", contract.PRIVATE) == of("column", contract.PRIVATE) == set()
    assert of("schema", contract.PRIVATE) == {(contract.PRIVATE, "USAGE")}
    assert {grant[1] for grant in granted} == {contract.EXPOSED, contract.PRIVATE}


@pytest.mark.parametrize("role", contract.CLOSED_ROLES)
def test_whoever_tries_is_refused(
    project: tuple[HostedDatabase, set[Grant]], others: set[str], role: Role
) -> None:
    database, _ = project
    tables = database.run(
        "select n.nspname, c.relname, c.relkind::text, (select a.attname from pg_attribute a"
        "   where a.attrelid = c.oid and a.attnum > 0 order by a.attnum limit 1)"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'v') and n.nspname in ('public', 'persona_dashboard')"
        " and c.relname not like 'crm%%'"
    )
    tries = [
        statement.format(f"{schema}.{name}", column)
        for schema, name, kind, column in tables
        for statement in (READS if kind == "v" else READS + WRITES)
    ]
    with psycopg.connect(database.owner_url) as connection:
        tries += [
            f"select {one.schema}.{one.name}({', '.join(f'null::{a.type}' for a in one.arguments)})"
            for one in functions_of(connection, role, callable_only=False)
            if one.full_name not in others
        ]
    assert len(tries) > 50
    with database.request(role) as connection:
        for statement in tries:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.encode())
    print(f"{database.server.name}, {role}: {len(tries)} statements refused")


READS = ("select * from {0}", "select {1} from {0} limit 1")
WRITES = (
    "insert into {0} default values",
    "update {0} set {1} = {1}",
    "delete from {0}",
    "truncate {0}",
)
