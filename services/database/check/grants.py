"""The contract held against the catalogue: what is missing, what is open, and the SQL that mends.

Pure: each function makes one check of a Catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.database.check.catalogue import ROLES, Catalogue
from services.database.check.result import Check
from services.database.contract import (
    API_ROLE,
    CALLABLE_FUNCTIONS,
    CLOSED_ROLES,
    EXPOSED,
    MEMBER_COLUMNS,
    MEMBER_FUNCTIONS,
    MEMBER_RELATIONS,
    MEMBER_ROLE,
    PRIVATE,
    RELATIONS,
    UPDATABLE_COLUMNS,
)

OLDEST_SERVER = 150_000
SHORTEST_LIMIT_MS = 5000  # what a search sets itself
_SQL_EDITOR = "Run this in Supabase's SQL editor:"
_MIGRATE = "Run `python -m services.database.migrate`."
_RELOAD = "notify pgrst, 'reload config';"
_INSTALL = (  # and the index that went with it: see migration 033
    "create schema if not exists extensions;",
    "create extension pg_trgm with schema extensions;",
    "create index if not exists idx_personas_plain_name_trigrams on public.personas using gin "
    "(persona_dashboard.plain_name(name_key) extensions.gin_trgm_ops) "
    "with (gin_pending_list_limit = 1024);",
)
_NOBODY = ", ".join(("public", *CLOSED_ROLES))


def server(catalogue: Catalogue) -> Check:
    detail = f"PostgreSQL {catalogue.version}"
    missing = [role for role in ROLES if role not in catalogue.roles]
    if catalogue.version_number < OLDEST_SERVER:
        advice = "Supabase dashboard → Project settings → Infrastructure: upgrade the project."
        return Check("Server", "fault", f"{detail}: the dashboard needs 15 or newer", advice)
    if missing:
        return Check(
            "Server",
            "fault",
            f"{detail} lacks the roles of Supabase: {', '.join(missing)}",
            "Check SUPABASE_DB_URL: it leads to a database that is not Supabase's.",
        )
    return Check("Server", "ok", detail)


def extension(name: str, catalogue: Catalogue) -> Check:
    found = catalogue.extensions.get(name)
    if found is not None:
        detail = f"{name} {found.version} in the schema {found.schema}"
        return Check(f"Extension {name}", "ok", detail)
    if "personas" not in catalogue.relations:
        return Check(f"Extension {name}", "fault", "Not installed", f"{_MIGRATE} It brings it.")
    advice = (
        "In Supabase's SQL editor, run this, then migrations/014_closed_by_default.sql and all "
        "after it again, in their order:"
    )
    return Check(f"Extension {name}", "fault", "Not installed", advice, _INSTALL)


def time_limits(catalogue: Catalogue) -> Check:
    limit = catalogue.limit_ms
    if limit is not None and limit < SHORTEST_LIMIT_MS:
        return Check(
            "Time limits",
            "fault",
            f"A request is stopped after {limit / 1000:g} s: long texts and searches will fail",
            _SQL_EDITOR,
            (f"alter role {API_ROLE} set statement_timeout = '8s';", _RELOAD),
        )
    own = sorted({one.limit_ms for one in catalogue.functions.values() if one.limit_ms})
    parts = [f"Limit of a request {limit / 1000:g} s" if limit else "Requests have no time limit"]
    parts += [f"of a search {each / 1000:g} s" for each in own]
    return Check("Time limits", "ok", ", ".join(parts))


def relations(catalogue: Catalogue) -> Check:
    """API_ROLE has on every table and view the rights of the contract, and no others."""
    if absent := [name for name in RELATIONS if name not in catalogue.relations]:
        return Check("Tables and views", "fault", f"Missing: {_listed(absent)}", _MIGRATE)
    wrong, mending = _rights(API_ROLE, RELATIONS, UPDATABLE_COLUMNS, catalogue)
    detail = f"{len(RELATIONS)} tables and views as they should be"
    return _verdict("Tables and views", detail, wrong, mending)


def functions(catalogue: Catalogue) -> Check:
    """API_ROLE may execute every function of the contract."""
    if absent := [name for name in CALLABLE_FUNCTIONS if name not in catalogue.functions]:
        return Check("Functions", "fault", f"Missing: {_listed(absent)}", _MIGRATE)
    wrong, mending = _executes(API_ROLE, CALLABLE_FUNCTIONS, catalogue)
    detail = f"{len(CALLABLE_FUNCTIONS)} functions as they should be"
    return _verdict("Functions", detail, wrong, mending)


def members(catalogue: Catalogue) -> Check:
    """MEMBER_ROLE has the rights of the contract, and no others; policies narrow them by role."""
    known = {
        name: rights for name, rights in MEMBER_RELATIONS.items() if name in catalogue.relations
    }
    wrong, mending = _rights(MEMBER_ROLE, known, MEMBER_COLUMNS, catalogue)
    present = [name for name in MEMBER_FUNCTIONS if name in catalogue.functions]
    more_wrong, more_mending = _executes(MEMBER_ROLE, present, catalogue)
    excess = sorted(
        name
        for name, one in catalogue.functions.items()
        if MEMBER_ROLE in one.roles and name not in MEMBER_FUNCTIONS
    )
    if excess:
        more_wrong.append(f"{MEMBER_ROLE} may execute {_listed(excess)}")
        more_mending.append(
            f"revoke execute on function {_exposed(excess)} from public, {MEMBER_ROLE}"
        )
    detail = f"{MEMBER_ROLE} may do what its member's role allows"
    return _verdict(f"Role {MEMBER_ROLE}", detail, wrong + more_wrong, mending + more_mending)


def _rights(
    role: str,
    wanted_rights: Mapping[str, frozenset[str]],
    columns: Mapping[str, frozenset[str]],
    catalogue: Catalogue,
) -> tuple[list[str], list[str]]:
    """What is wrong with a role's rights on tables and views, and the statements that mend it."""
    wrong, mending = [], []
    for name, whole in wanted_rights.items():
        held = catalogue.relations[name].rights.get(role, frozenset())
        wanted = whole | {f"UPDATE ({column})" for column in columns.get(name, ())}
        if missing := sorted(wanted - held):
            wrong.append(f"{role} lacks {', '.join(missing)} on {name}")
            mending.append(f"grant {', '.join(missing).lower()} on {EXPOSED}.{name} to {role}")
        if excess := sorted(held - wanted):
            wrong.append(f"{role} may {', '.join(excess)} on {name}, which it never needs")
            mending.append(f"revoke {', '.join(excess).lower()} on {EXPOSED}.{name} from {role}")
    return wrong, mending


def _executes(
    role: str, signatures: Iterable[str], catalogue: Catalogue
) -> tuple[list[str], list[str]]:
    wrong, mending = [], []
    if role not in catalogue.private_users:
        wrong.append(f"{role} may not use the schema {PRIVATE}, which holds their helpers")
        mending.append(f"grant usage on schema {PRIVATE} to {role}")
    if shut := [one for one in signatures if role not in catalogue.functions[one].roles]:
        wrong.append(f"{role} may not execute {_listed(shut)}")
        mending.append(f"grant execute on function {_exposed(shut)} to {role}")
    return wrong, mending


def closed_to(role: str, catalogue: Catalogue) -> Check:
    """A role that is not API_ROLE may do nothing with the dashboard's objects."""
    wrong, mending = [], []
    if role in catalogue.private_users:
        wrong.append(f"{role} may use the schema {PRIVATE}")
        mending.append(f"revoke usage on schema {PRIVATE} from {_NOBODY}")
    rights = {name: one.rights.get(role) for name, one in sorted(catalogue.relations.items())}
    if held := {name: sorted(some) for name, some in rights.items() if some}:
        wrong += [f"{role} may {', '.join(some)} on {name}" for name, some in held.items()]
        mending.append(f"revoke all on {_exposed(held)} from {_NOBODY}")
    if may := sorted(f for f, one in catalogue.functions.items() if role in one.roles):
        wrong.append(f"{role} may execute {_listed(may)}")
        mending.append(f"revoke execute on function {_exposed(may)} from {_NOBODY}")
    return _verdict(f"Role {role}", f"{role} may do nothing", wrong, mending)


def row_security(catalogue: Catalogue) -> Check:
    """Every table has row level security, and every view asks as whoever reads it."""
    wrong, mending = [], []
    tables = {name: one for name, one in catalogue.relations.items() if one.is_table}
    for name in sorted(name for name, one in tables.items() if not one.row_security):
        wrong.append(f"Row level security is off for {name}")
        mending.append(f"alter table {EXPOSED}.{name} enable row level security")
    for name in sorted(catalogue.relations.keys() - tables.keys()):
        if not catalogue.relations[name].security_invoker:
            wrong.append(f"The view {name} reads with its owner's rights")
            mending.append(f"alter view {EXPOSED}.{name} set (security_invoker = true)")
    return _verdict(
        "Row level security", f"Row level security on all {len(tables)} tables", wrong, mending
    )


def _verdict(name: str, fine: str, wrong: list[str], mending: list[str]) -> Check:
    if not wrong:
        return Check(name, "ok", fine)
    return Check(name, "fault", ". ".join(wrong), _SQL_EDITOR, tuple(f"{one};" for one in mending))


def _exposed(names: Iterable[str]) -> str:
    return ", ".join(f"{EXPOSED}.{name}" for name in names)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name.replace(",", ", ") for name in names)
