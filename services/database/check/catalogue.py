"""What the catalogue of PostgreSQL says of the dashboard's tables and functions. Reads only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from services.database.contract import (
    API_ROLE,
    CALLABLE_FUNCTIONS,
    CLOSED_ROLES,
    EXPOSED,
    EXTENSIONS,
    MEMBER_ROLE,
    PRIVATE,
    RELATIONS,
)
from services.database.direct import connect_to_database
from services.database.snapshot import translated_psycopg

ROLES = (API_ROLE, MEMBER_ROLE, *CLOSED_ROLES)
NAMES = tuple(sorted({signature.split("(")[0] for signature in CALLABLE_FUNCTIONS}))
_LOGIN_ROLE = "authenticator"  # the API logs in as this one; its limits hold for the others
_SET_UP = "set transaction read only; set local statement_timeout = '10s'"

_SERVER = """
select current_setting('server_version'), current_setting('server_version_num')::int,
  (select version from pg_stat_ssl where pid = pg_backend_pid() and ssl),
  array(select rolname::text from pg_roles where rolname = any(%(roles)s))
"""
_EXTENSIONS = """
select e.extname, e.extversion, e.extnamespace::regnamespace::text from pg_extension e
where e.extname = any(%(names)s)
"""
# Rights on the whole relation, and as `UPDATE (column)` those on single columns alone.
_RELATIONS = """
select c.relname, c.relkind in ('r', 'p'), c.relrowsecurity,
  coalesce('security_invoker=true' = any(c.reloptions), false), r.rolname,
  array(select p from unnest(%(rights)s::text[]) p where has_table_privilege(r.oid, c.oid, p))
  || array(
    select p || ' (' || a.attname || ')'
    from pg_attribute a cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and has_column_privilege(r.oid, c.oid, a.attnum, p)
      and not has_table_privilege(r.oid, c.oid, p))
from pg_class c cross join pg_roles r
where c.relnamespace = to_regnamespace(%(schema)s) and c.relname = any(%(names)s)
  and r.rolname = any(%(roles)s)
"""
_FUNCTIONS = """
select p.proname || '(' || array_to_string(array(
      select format_type(t, null) from unnest(p.proargtypes) with ordinality o (t, n) order by n
    ), ',') || ')', array(
    select rolname::text from pg_roles
    where rolname = any(%(roles)s) and has_function_privilege(oid, p.oid, 'execute')),
  (select split_part(c, '=', 2) from unnest(p.proconfig) c where c like 'statement_timeout=%%')
from pg_proc p where p.pronamespace = to_regnamespace(%(schema)s) and p.proname = any(%(names)s)
"""
_PRIVATE_USERS = """
select rolname::text from pg_roles
where rolname = any(%(roles)s) and to_regnamespace(%(schema)s) is not null
  and has_schema_privilege(oid, to_regnamespace(%(schema)s), 'usage')
"""
# A role's own limit in this database wins over its limit in all of them.
_LIMITS = """
select r.rolname, (
  select split_part(o, '=', 2) from pg_db_role_setting s cross join unnest(s.setconfig) o
  where s.setrole = r.oid and o like 'statement_timeout=%%'
    and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  order by s.setdatabase desc limit 1)
from pg_roles r where r.rolname = any(%(roles)s)
"""
_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_MILLISECONDS = {"us": 0.001, "": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}


@dataclass(frozen=True)
class Extension:
    version: str
    schema: str


@dataclass(frozen=True)
class Relation:
    """A table or view, and by role the rights on it: `SELECT`, `UPDATE (column)`."""

    is_table: bool
    row_security: bool
    security_invoker: bool
    rights: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Function:
    """Who may execute a function; `limit_ms` is the time limit it sets itself, if it does."""

    roles: frozenset[str]
    limit_ms: float | None


@dataclass(frozen=True)
class Catalogue:
    """The state of one database. `tls` is the version on the way to it, None if in clear."""

    version: str
    version_number: int
    tls: str | None
    roles: frozenset[str]
    extensions: Mapping[str, Extension]
    relations: Mapping[str, Relation]
    functions: Mapping[str, Function]
    private_users: frozenset[str]
    limit_ms: float | None  # of a request of API_ROLE; None: there is no limit


def read_catalogue(db_url: str) -> Catalogue:
    """Raises MigrationConnectionError, DatabaseError."""
    with connect_to_database(db_url) as connection, translated_psycopg():
        connection.execute(_SET_UP)
        asked = {"roles": list(ROLES), "schema": PRIVATE}
        version, number, tls, present = _rows(connection, _SERVER, asked)[0]
        return Catalogue(
            version.split()[0],
            number,
            tls,
            frozenset(present),
            _extensions(connection),
            _relations(connection, number),
            _functions(connection),
            frozenset(row[0] for row in _rows(connection, _PRIVATE_USERS, asked)),
            _limit(connection),
        )


def milliseconds(setting: str | None) -> float | None:
    """A time limit as PostgreSQL writes it (`8s`, `8000`); None if there is no limit."""
    match = re.fullmatch(r"(\d+) *([a-z]*)", (setting or "").strip(" '\""))
    if match is None or match[2] not in _MILLISECONDS:
        return None
    return int(match[1]) * _MILLISECONDS[match[2]] or None


def _extensions(connection: psycopg.Connection) -> dict[str, Extension]:
    rows = _rows(connection, _EXTENSIONS, {"names": list(EXTENSIONS)})
    return {name: Extension(version, schema) for name, version, schema in rows}


def _relations(connection: psycopg.Connection, version: int) -> dict[str, Relation]:
    rights = [*_RIGHTS, *(["MAINTAIN"] if version >= 170_000 else [])]
    asked = {"rights": rights, "names": list(RELATIONS), "roles": list(ROLES), "schema": EXPOSED}
    rows = _rows(connection, _RELATIONS, asked)
    found: dict[str, Relation] = {}
    by_name: dict[str, dict[str, frozenset[str]]] = {}
    for name, is_table, row_security, invoker, role, held in rows:
        by_name.setdefault(name, {})[role] = frozenset(held)
        found[name] = Relation(is_table, row_security, invoker, by_name[name])
    return found


def _functions(connection: psycopg.Connection) -> dict[str, Function]:
    asked = {"names": list(NAMES), "roles": list(ROLES), "schema": EXPOSED}
    rows = _rows(connection, _FUNCTIONS, asked)
    return {name: Function(frozenset(may), milliseconds(limit)) for name, may, limit in rows}


def _limit(connection: psycopg.Connection) -> float | None:
    limits = dict(_rows(connection, _LIMITS, {"roles": [API_ROLE, _LOGIN_ROLE]}))
    return milliseconds(limits.get(API_ROLE) or limits.get(_LOGIN_ROLE))


def _rows(
    connection: psycopg.Connection, query: str, asked: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), asked).fetchall()
