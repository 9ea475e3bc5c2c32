"""Another application in the dashboard's database: what it keeps secret, and its daily work."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

# In a row that row level security closes to anon and authenticated, and in a table without any
# grant. Both read as text, as no number and as no date, so that no cast can hide them.
CLOSED_NOTE = "note-of-Imre-Halloran-4c1f7d"
LEDGER_SECRET = "ledger-of-Brackwater-Cheese-9e02ab"
SECRETS = (CLOSED_NOTE, LEDGER_SECRET)

_SQL = Path(__file__).with_name("sql") / "second_application.sql"


def install(owner_url: str) -> None:
    """Make it in a database that has what hosted Supabase has."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(_SQL.read_bytes())
        connection.execute(
            "insert into crm_contacts (owner, name, note) values (%s, 'Imre Halloran', %s)",
            [uuid4(), CLOSED_NOTE],
        )
        connection.execute("insert into crm_ledger values ('cheese', %s)", [LEDGER_SECRET])


def work(connection: psycopg.Connection) -> None:
    """A day of one of its users, in a transaction of theirs; asserts that all of it works."""

    def one(statement: str, *values: object) -> Any:
        row = connection.execute(statement.encode(), values or None).fetchone()
        assert row is not None
        return row[0]

    contact = one("insert into crm_contacts (name) values ('Odile Brandt') returning id")
    assert contact > 1000
    changed = one(
        "update crm_contacts set note = 'Call on Monday' where id = %s returning changed_on",
        contact,
    )
    assert changed is not None, "its set_updated_at() did not run"
    visit = one(
        "insert into crm_visits (contact, happened, changed_on) values (%s, 'Fair', '2000-01-01')"
        " returning id",
        contact,
    )
    update = "update crm_visits set happened = 'Trade fair' where id = %s returning changed_on"
    assert one(update, visit).year > 2000
    assert one("select happened from crm_recent where id = %s", contact) == "Trade fair"
    assert one("select crm_contact_count()") == one("select count(*) from crm_contacts") > 0
    assert one("select count(*) from crm_contacts where note = %s", CLOSED_NOTE) == 0


def state(connection: psycopg.Connection) -> dict[str, Any]:
    """Everything of it that the dashboard must leave alone: definitions, rights and closed rows."""
    return {
        "relations": connection.execute(
            "select c.relname, c.relkind, c.relowner::regrole::text, c.relacl::text,"
            " c.relrowsecurity, array(select a.attname || ' ' || a.atttypid::regtype || ' '"
            "   || coalesce(a.attacl::text, '') from pg_attribute a"
            "   where a.attrelid = c.oid and a.attnum > 0 order by a.attnum)"
            " from pg_class c where c.relname like 'crm%' order by 1"
        ).fetchall(),
        "functions": connection.execute(
            "select p.oid::regprocedure::text, p.proowner::regrole::text, p.proacl::text,"
            " pg_get_functiondef(p.oid) from pg_proc p"
            " where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'"
            " and (p.proname like 'crm%' or p.proname = 'set_updated_at') order by 1"
        ).fetchall(),
        "triggers": connection.execute(
            "select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid"
            " where c.relname like 'crm%' and not t.tgisinternal order by 1"
        ).fetchall(),
        "policies": connection.execute(
            "select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies"
            " where tablename like 'crm%' order by 1, 2"
        ).fetchall(),
        "secrets": connection.execute(
            "select (select count(*) from crm_contacts), (select array_agg(note order by id)"
            " from crm_contacts), (select array_agg(secret) from crm_ledger)"
        ).fetchall(),
    }
