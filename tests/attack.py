"""Attacks functions as a hostile holder of an API key would, and tells what got through.

Each argument that can carry text is given SQL: the whole argument, and in JSON every value and
every key, one at a time, in calls that are valid otherwise. What counts as a leak is not what a
payload was meant to do, but what happened: see `_traces`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import psycopg
from psycopg import sql

from tests.hosted import HostedDatabase, Role, begin_request
from tests.second_application import SECRETS

SLEEP_SECONDS = 2
ATTEMPTS = 60  # at least, on each valid call
HARMLESS = "harmless"

# Made by the owner before an attack. A sequence that anybody may use shows that SQL ran even where
# it was rolled back: nextval() is never undone. The calls run in a function, many to a round trip;
# it runs as the role of the request, and undoes each call.
PREPARED = """
create sequence public.attack_canary;
grant all on sequence public.attack_canary to public;

create function public.attack_state(watched text[]) returns text
language sql volatile set search_path = pg_catalog as $$
  select md5(concat_ws(e'\\n', current_user, session_user, current_setting('role'),
    (select string_agg(name || '=' || coalesce(current_setting(name), ''), ' ')
      from unnest(watched) name),
    'history ' || (current_setting('persona_dashboard.rewrite_history', true) = 'on'),
    current_setting('request.jwt.claims', true), to_regclass('public.attack_marker'),
    (select last_value from public.attack_canary), -- and what was read or written in vain:
    sum(pg_stat_get_xact_numscans(oid)), sum(pg_stat_get_xact_tuples_inserted(oid)),
    sum(pg_stat_get_xact_tuples_updated(oid)), sum(pg_stat_get_xact_tuples_deleted(oid))))
  from pg_class where relname = any ('{crm_contacts,crm_visits,crm_ledger}')
$$;

create function public.attack_calls(calls json)
returns table (answer text, failed boolean, seconds float, state text)
language plpgsql as $$
declare
  watched constant text[] := current_setting('attack.watched')::text[];
  call text;
  began timestamptz;
  code text;
  message text;
  detail text;
  hint text;
  context text;
begin
  for call in select json_array_elements_text(calls) loop
    began := clock_timestamp();
    state := null;
    begin
      failed := false;
      execute 'select json_agg(found)::text from (' || call || ') found' into answer;
      answer := coalesce(answer, '');
      state := public.attack_state(watched);
      raise exception 'undo' using errcode = 'ZZUND';
    exception
      when sqlstate 'ZZUND' then null;
      when others then
        get stacked diagnostics code = returned_sqlstate, message = message_text,
          detail = pg_exception_detail, hint = pg_exception_hint, context = pg_exception_context;
        answer := concat_ws(e'\\n', code, message, detail, hint, context);
        failed := true;
    end;
    seconds := extract(epoch from clock_timestamp() - began);
    state := coalesce(state, public.attack_state(watched));
    return next;
  end loop;
end
$$;
"""
HARNESS = ("public.attack_state(text[])", "public.attack_calls(json)")
_RUN = "nextval('public.attack_canary') > 0"
_NOTE = "(select note from public.crm_contacts limit 1)"
_LEDGER = "(select secret from public.crm_ledger limit 1)"

# Where a condition, a relation, an order or a number stands unquoted.
BARE = (
    f"true; set local role service_role; select {_NOTE}",
    f"true or exists (select from public.crm_contacts where {_RUN})",
    f"cast({_NOTE} as int) = 1",
    f"cast({_LEDGER} as int) = 1",
    f"{_RUN} and set_config('role', 'service_role', true) is not null",
    f"{_RUN} and set_config('statement_timeout', '0', true) is not null",
    f"pg_sleep({SLEEP_SECONDS}) is null",
    "pg_read_file('/etc/passwd') is null",
    "true; create table public.attack_marker (); update public.crm_contacts set note = 'taken'",
    "true; copy (select 1) to program 'true'; select true",
    f"public.crm_contacts p where {_RUN} limit 1)) --",
    f"public.crm_contacts p) p); set local role service_role; select {_NOTE} --",
    f"1 offset case when {_RUN} then 0 end",
    f"$1 or {_RUN}",
)
# Out of what is quoted, in one way or another.
QUOTED = (
    f"' or {_RUN} or '' = '",
    f"') or cast({_NOTE} as int) = 1 --",
    f"' || {_LEDGER} || pg_sleep({SLEEP_SECONDS}) || '",
    "'; set local role service_role; create table public.attack_marker (); --",
    f"{{}}'::uuid[]) or {_RUN} --",
    f"public.crm_contacts'::regclass or {_RUN} --",
    f'"; select {_RUN}; --',
    f'id" , {_NOTE} as "x',
    f'"] ? (@ == "x")\' or {_RUN} --',
    f"\\' or {_RUN} --",
    f"$$ || {_NOTE} || $$",
    f"%1$s %2$I %L' or {_RUN} -- %s %%",
    f"@ ~ ' or {_RUN} -- @ ~",
    f"*/ or {_RUN} /*",
    f"\x01\x1e\x1f{'n' * 64}' or {_RUN} --",
)
# Ends whatever it is quoted by, so that the rest is read as SQL, or as an error of it.
EVERYWHERE = f"\\'\"$$) or {_RUN} --"
PAYLOADS = tuple(one for pair in zip_longest(BARE, QUOTED) for one in pair if one is not None)

_WAS_READ = "the text was read as SQL"
_SYNTAX = re.compile(
    r"42(601|703|883|P01|P02|803|804|P10)\n(?!.*(tsquery|jsonpath))"
    r".*(syntax error at|unterminated|does not exist|there is no parameter|must (be type|appear))"
)
_REFUSALS = re.compile(r"42501\n.*(crm_|pg_read_file|program|attack_marker|to set role)")
_SETTINGS = "select name, setting from pg_settings where context in ('user', 'superuser')"


@dataclass(frozen=True)
class Argument:
    """One argument of a function. `type` as PostgreSQL writes it."""

    name: str
    type: str

    @property
    def carries_text(self) -> bool:
        return isinstance(_BASE_OF_TYPE.get(self.type, ""), str | list | dict)


@dataclass(frozen=True)
class Function:
    """A function that a role may call. `signature` is without its schema."""

    schema: str
    name: str
    signature: str
    arguments: tuple[Argument, ...]

    @property
    def takes_text(self) -> bool:
        return any(argument.carries_text for argument in self.arguments)

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.signature}"


@dataclass(frozen=True)
class Leak:
    """Something got through. `place` is the argument, and where in it."""

    role: str
    function: str
    place: str
    payload: str
    trace: str


@dataclass
class Report:
    """What was tried, and what got through. `attacked` counts the attempts on each function."""

    leaks: list[Leak] = field(default_factory=list)
    attacked: dict[str, int] = field(default_factory=dict)
    valid: set[str] = field(default_factory=set)  # functions with a valid call as the base

    @property
    def attempts(self) -> int:
        return sum(self.attacked.values())

    @property
    def leaking(self) -> set[str]:
        return {leak.function.split("(")[0] for leak in self.leaks}


@dataclass(frozen=True)
class Answer:
    """What a caller reads (rows, or the error with its code first), how long it took, and the state
    of the session behind the call."""

    text: str
    failed: bool
    seconds: float
    state: str

    @property
    def message(self) -> list[str]:
        """The code and the message of an error."""
        return self.text.split("\n")[:2]


@dataclass(frozen=True)
class Place:
    """Where a text is put into the arguments of a call."""

    name: str
    payloads: tuple[str, ...]
    with_text: Callable[[str], Any]


# What an argument gets in a valid call where the test has nothing better.
_BASE_OF_TYPE: Mapping[str, Any] = {
    "text": "bees",
    "name": "name",
    "json": {},
    "jsonb": {"name": "bees"},
    "text[]": ["bees"],
    "regconfig": "english",
    "tsquery": "bees",
    "integer": 1,
    "bigint": 1,
    "smallint": 1,
    "boolean": True,
    "uuid": None,
    "uuid[]": None,
    "bigint[]": None,
    "timestamp with time zone": None,
}


class Attack:
    """Calls as one session of `authenticator`, in the role of each request.

    `bases` are valid values of arguments by name, or by `function.argument`; several stand in a
    tuple, and each is attacked. What is written as JSON is a dict or a list.
    """

    def __init__(
        self,
        database: HostedDatabase,
        bases: Mapping[str, Any],
        person: str | None = None,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        """`person`: the `sub` of the token that its requests bring. `share`: (n, of): who attacks
        the same calls `of` times takes other payloads each time.
        """
        self._share = share
        self._bases = bases
        self._person = person
        self._connection = psycopg.connect(database.url("authenticator"), autocommit=True)
        self._told: list[str] = []
        self._connection.add_notice_handler(
            lambda told: self._told.append(str(told.message_primary))
        )
        self._watched: list[str] = []  # settings that a valid call leaves alone

    def close(self) -> None:
        self._connection.close()

    def run(self, role: Role, functions: Iterable[Function], report: Report, *, each: int) -> None:
        """Attack these functions in this role; adds to the report.

        Each place gets EVERYWHERE and `each` of the other payloads, by turns; more where a
        function has few places. Whoever shares gives EVERYWHERE to their share of the places.
        """
        for function in functions:
            report.attacked.setdefault(function.full_name, 0)
            for base in self._valid_calls(function):
                with self._request(role):
                    if self._learn(function, base):
                        report.valid.add(function.full_name)
                    self._attack(role, function, base, report, each)

    def call(self, role: Role, functions: Iterable[Function]) -> dict[str, set[str]]:
        """Valid calls in this role; the traces that they left, by function."""
        found: dict[str, set[str]] = {}
        for function in functions:
            for base in self._valid_calls(function):
                with self._request(role):
                    self._learn(function, base)
                    before = self._state()
                    (answer,) = self._answers([_call(function, base)])
                    found.setdefault(function.full_name, set()).update(_traces(answer, before))
        return found

    def _attack(
        self, role: Role, function: Function, base: Sequence[Any], report: Report, each: int
    ) -> None:
        places = list(_places(function, base))
        part, parts = self._share
        each = max(each, ATTEMPTS // parts // max(1, len(places)))
        # Where they are not conforming, a backslash in '…' escapes.
        for conforming in ("on", "off"):
            self._run(f"set local standard_conforming_strings = {conforming}")
            tries = []
            for number, place in enumerate(places):
                payloads = [EVERYWHERE] if number % parts == part else []
                if conforming == "on":
                    first = (number * parts + part) * each % len(place.payloads)
                    turn = place.payloads[first:] + place.payloads
                    payloads += turn[:each]
                if payloads:
                    tries.append((place, payloads))
                report.attacked[function.full_name] += len(payloads)
            for name, payload, trace in self._traces_of(function, tries):
                report.leaks.append(Leak(role, function.full_name, name, payload, trace))

    def _traces_of(
        self, function: Function, tries: Sequence[tuple[Place, Sequence[str]]]
    ) -> Iterator[tuple[str, str, str]]:
        """The name of the place, the payload and the trace that it left; all in one round trip."""
        self._told.clear()
        before = self._state()
        calls = [
            _call(function, place.with_text(text))
            for place, payloads in tries
            for text in (HARMLESS, *payloads)
        ]
        answers = iter(self._answers(calls))
        for place, payloads in tries:
            usual = next(answers)
            for payload in payloads:
                answer = next(answers)
                traces = _traces(answer, before)
                if answer.message == usual.message:  # any word has this effect there
                    traces.discard(_WAS_READ)
                yield from ((place.name, payload, trace) for trace in traces)
                before = answer.state if answer.failed else before
        if any(secret in told for secret in SECRETS for told in self._told):
            yield "(one of these)", "(one of these)", "a secret is in a notice"

    @contextmanager
    def _request(self, role: Role) -> Iterator[None]:
        """A transaction as for a request, which is undone in the end."""
        with self._connection.transaction(force_rollback=True):
            begin_request(self._connection, role, self._person)
            self._run("set local escape_string_warning = off")
            self._run("set local statement_timeout = 0")  # it is for many calls at once
            yield

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def _state(self) -> str:
        row = self._connection.execute("select public.attack_state(%s)", [self._watched]).fetchone()
        assert row is not None
        return str(row[0])

    def _answers(self, calls: Sequence[sql.Composable]) -> list[Answer]:
        texts = [call.as_string(self._connection) for call in calls]
        rows = self._connection.execute(
            "select * from public.attack_calls(%s)", [json.dumps(texts)]
        )
        return [Answer(*row) for row in rows]

    def _valid_calls(self, function: Function) -> Iterator[list[Any]]:
        choices = []
        for argument in function.arguments:
            default = self._bases.get(argument.name, _BASE_OF_TYPE.get(argument.type, ""))
            value = self._bases.get(f"{function.name}.{argument.name}", default)
            choices.append(value if isinstance(value, tuple) else (value,))
        for number in range(max(map(len, choices), default=1)):
            yield [choice[number % len(choice)] for choice in choices]

    def _learn(self, function: Function, base: Sequence[Any]) -> bool:
        """Which settings a valid call leaves alone; False if this call is not valid."""
        before = dict(self._connection.execute(_SETTINGS).fetchall())
        after = before
        try:
            with self._connection.transaction(force_rollback=True):
                self._connection.execute(_call(function, base))
                after = dict(self._connection.execute(_SETTINGS).fetchall())
        except psycopg.Error:
            return False
        finally:
            same = {name for name, value in before.items() if after[name] == value}
            self._watched = sorted(same - {"standard_conforming_strings"})
            names = [self._watched]
            self._connection.execute(
                "select set_config('attack.watched', (%s::text[])::text, true)", names
            )
        return True


def _call(function: Function, arguments: Sequence[Any]) -> sql.Composed:
    given = [
        sql.SQL("{}::{}").format(_literal(value, argument), sql.SQL(argument.type))
        for argument, value in zip(function.arguments, arguments, strict=True)
    ]
    return sql.SQL("select * from {}.{}({})").format(
        sql.Identifier(function.schema), sql.Identifier(function.name), sql.SQL(", ").join(given)
    )


def _literal(value: Any, argument: Argument) -> sql.Literal:
    if isinstance(value, dict | list) and not argument.type.endswith("[]"):
        value = json.dumps(value)
    return sql.Literal(value)


def _traces(answer: Answer, before: str) -> set[str]:
    """Every sign that SQL of the caller was run, or read as SQL."""
    found = {
        "a secret is in the answer": any(secret in answer.text for secret in SECRETS),
        "the state is another": answer.state != before,
        "a refusal names what only the payload names": bool(_REFUSALS.match(answer.text)),
        _WAS_READ: bool(_SYNTAX.match(answer.text)),
        "it slept": answer.seconds >= SLEEP_SECONDS,
    }
    return {trace for trace, seen in found.items() if seen}


_FUNCTIONS = """
select n.nspname, p.proname,
  p.proname || '(' || array_to_string(t.types, ',') || ')', t.types, coalesce(p.proargnames, '{}'),
  has_function_privilege(%(role)s, p.oid, 'execute')
    and has_schema_privilege(%(role)s, n.oid, 'usage') and p.prorettype <> 'trigger'::regtype
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
cross join lateral (
  select array(select format_type(u.t, null) from unnest(p.proargtypes) with ordinality u (t, nth)
    order by nth) as types) t
where n.nspname <> all (array['pg_catalog', 'information_schema']) and p.prokind = 'f'
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by 1, 3
"""


def functions_of(
    connection: psycopg.Connection, role: Role, *, callable_only: bool = True
) -> list[Function]:
    """The functions that this role may call: all but those of PostgreSQL and of extensions."""
    rows = connection.execute(_FUNCTIONS, {"role": role}).fetchall()
    return [
        Function(schema, name, signature, _arguments(types, names))
        for schema, name, signature, types, names, may_call in rows
        if may_call or not callable_only
    ]


def _arguments(types: Sequence[str], names: Sequence[str]) -> tuple[Argument, ...]:
    padded = [*names, *[""] * len(types)]
    return tuple(Argument(name, type_) for name, type_ in zip(padded, types, strict=False))


def _places(function: Function, base: Sequence[Any]) -> Iterator[Place]:
    """Each place of the arguments where a text can stand."""
    for index, argument in enumerate(function.arguments):
        if not argument.carries_text:
            continue
        if isinstance(base[index], dict | list):  # the argument as a whole, too
            yield Place(argument.name, QUOTED, _put_at(base, index, lambda text: text))
        for place in _places_in(base[index]):
            yield Place(
                argument.name + place.name, place.payloads, _put_at(base, index, place.with_text)
            )


def _put_at(
    base: Sequence[Any], index: int, inner: Callable[[str], Any]
) -> Callable[[str], list[Any]]:
    return lambda text: [*base[:index], inner(text), *base[index + 1 :]]


def _places_in(value: Any) -> Iterator[Place]:
    """Each value and each key in it, replaced; and each text lengthened."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield Place(f".{key} (key)", QUOTED, _renamed(value, key))
            for place in _places_in(inner):
                yield Place(f".{key}{place.name}", place.payloads, _changed(value, key, place))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for place in _places_in(inner):
                put = _put_at(value, index, place.with_text)
                yield Place(f"[{index}]{place.name}", place.payloads, put)
    else:
        yield Place("", PAYLOADS, lambda text: text)
        if isinstance(value, str) and value:
            yield Place(" (lengthened)", QUOTED, lambda text: value + text)


def _renamed(value: dict[str, Any], key: str) -> Callable[[str], Any]:
    return lambda text: {text if name == key else name: kept for name, kept in value.items()}


def _changed(value: dict[str, Any], key: str, place: Place) -> Callable[[str], Any]:
    return lambda text: {**value, key: place.with_text(text)}
