"""Which personas to show and in which order: one typed value for page, export and bulk action.

    address of the page <── to_url / from_url ──> PersonaQuery ── to_request ──> migration 010

A `PersonaQuery` says which personas and in which order. A `Position` says where in that order a
page begins: keyset paging by the sort value and the id, so that rows which come or go never move
others across pages.

In the search box, words must all be found, "phrases" as they stand, -words must not; a word such
as `location:Madrid` or `skills:"Power BI"` is a condition on a field.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal, Self, get_args
from uuid import UUID

from services.errors import InvalidInputError

Sort = Literal["created", "updated", "name", "status"]
Kind = Literal["is", "contains", "has", "any"]
Coverage = Literal["full", "partial", "none"]

SORTS: tuple[Sort, ...] = get_args(Sort)
KINDS: tuple[Kind, ...] = get_args(Kind)
COVERAGES: tuple[Coverage, ...] = get_args(Coverage)
PAGE_SIZES = (10, 25, 50, 100)
DEFAULT_SIZE = 25
MAX_TEXT = 500  # characters in the search box
MAX_CONDITIONS = 20
MAX_DEPTH = 4  # names in a path; migration 010 indexes no deeper

_PERSONA = "persona."
_CONDITION_WORD = re.compile(r'(?<!\S)([^\W\d](?:[\w.]|\\.)*):(?!//)("[^"]*"|[^\s"]+)(?!\S)')

Url = dict[str, list[str]]


@dataclass(frozen=True)
class Condition:
    """A condition on a place of the persona, for example location is Madrid.

    `path` names it by dots (`address.city`; a dot or backslash inside a key takes a backslash in
    front). Upper and lower case are alike.

        is        the value at the path is `value` (numbers and yes/no as JSON writes them)
        contains  the list at the path holds `value`
        any       either of the two: what `location:Madrid` in the search box means
        has       there is a value at the path that is not empty
    """

    kind: Kind
    path: str
    value: str = ""

    def __post_init__(self) -> None:
        path = self.path.strip().removeprefix(_PERSONA)
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "value", "" if self.kind == "has" else self.value.strip())
        names = split_path(path)
        if self.kind not in KINDS or not all(names):
            raise InvalidInputError("This is no field.", "Write it as location or address.city.")
        if len(names) > MAX_DEPTH:
            raise InvalidInputError(
                f"Filters reach {MAX_DEPTH} names deep.", "Search for the value as a word instead."
            )
        if self.kind != "has" and not self.value:
            raise InvalidInputError("The filter has no value.", "Write one, or use “has a value”.")

    def to_text(self) -> str:
        """As one URL parameter: `is:location=Madrid`, `has:skills`."""
        path = re.sub(r"=", r"\\=", self.path)
        return f"{self.kind}:{path}" + ("" if self.kind == "has" else f"={self.value}")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What to_text wrote. Raises InvalidInputError for anything else."""
        kind, colon, rest = text.partition(":")
        parts = re.match(r"((?:\\.|[^\\=])*)(?:=(.*))?", rest, re.DOTALL)
        if kind not in KINDS or not colon or parts is None:
            raise InvalidInputError("This is no filter.")
        return cls(kind, parts[1].replace(r"\=", "="), parts[2] or "")


@dataclass(frozen=True)
class Days:
    """A range of days in UTC, both ends in it; None is open."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None

    def to_text(self) -> str:
        """`2026-01-01..2026-01-31`, an open end left out."""
        return "..".join(day.isoformat() if day else "" for day in (self.first, self.last))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What to_text wrote. Raises InvalidInputError for anything else."""
        ends = text.split("..")
        try:
            first, last = (date.fromisoformat(end) if end else None for end in ends)
        except ValueError as error:
            raise InvalidInputError(
                "This is no range of days.", "Write 2026-01-01..2026-01-31."
            ) from error
        return cls(first, last)

    def bounds(self) -> tuple[str | None, str | None]:
        """First moment in the range and first moment after it, for Postgres."""
        last = self.last
        after = last + timedelta(days=1) if last is not None and last < date.max else None
        return (
            f"{self.first.isoformat()}T00:00:00Z" if self.first else None,
            f"{after.isoformat()}T00:00:00Z" if after else None,
        )


@dataclass(frozen=True)
class PersonaQuery:
    """Which personas, in which order. The default: all that are not in the trash, newest first.

    Every filter that is set must hold. `engines` are names as in `generation.engine`; "" stands
    for personas that no engine drafted. `coverage`: do all claims have a source, some, or none?
    """

    text: str = ""
    conditions: tuple[Condition, ...] = ()
    statuses: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    created: Days = field(default_factory=Days)
    updated: Days = field(default_factory=Days)
    coverage: Coverage | None = None
    sort: Sort = "created"
    descending: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text.strip())
        if len(self.text) > MAX_TEXT:
            raise InvalidInputError(f"A search holds up to {MAX_TEXT} characters.", "Shorten it.")
        if "\x00" in self.text:
            raise InvalidInputError("The search holds characters that cannot be searched.")
        if self.sort not in SORTS or self.coverage not in (None, *COVERAGES):
            raise InvalidInputError("The list has no such order or filter.")
        if len(self.conditions) > MAX_CONDITIONS:
            raise InvalidInputError(f"Up to {MAX_CONDITIONS} conditions can be combined.")

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list down."""
        return replace(self, sort="created", descending=True) != PersonaQuery()

    @property
    def words(self) -> str:
        """The search text without the conditions written in it."""
        return " ".join(_CONDITION_WORD.sub(" ", self.text).split())

    @property
    def all_conditions(self) -> tuple[Condition, ...]:
        """The conditions of the filter builder and those written in the search text."""
        return (*self.conditions, *conditions_in(self.text))

    def to_request(self) -> dict[str, Any]:
        """The filter as the functions of migration 010 take it (as JSON text)."""
        created_from, created_before = self.created.bounds()
        updated_from, updated_before = self.updated.bounds()
        wanted = {
            "words": self.words,
            "conditions": [_condition_request(one) for one in self.all_conditions],
            "status": list(self.statuses),
            "engine": list(self.engines),
            "created_from": created_from,
            "created_before": created_before,
            "updated_from": updated_from,
            "updated_before": updated_before,
            "coverage": self.coverage,
        }
        return {key: value for key, value in wanted.items() if value}

    def to_url(self) -> Url:
        """As parameters of the page's address; what is as by default is left out."""
        parameters: Url = {
            "q": [self.text],
            "where": [one.to_text() for one in self.conditions],
            "status": list(self.statuses),
            "engine": [engine or "-" for engine in self.engines],
            "created": [self.created.to_text() if self.created else ""],
            "updated": [self.updated.to_text() if self.updated else ""],
            "coverage": [self.coverage or ""],
            "sort": ["" if self.sort == "created" else self.sort],
            "order": ["" if self.descending else "asc"],
        }
        return {name: kept for name, values in parameters.items() if (kept := _given(values))}

    @classmethod
    def from_url(cls, parameters: Mapping[str, list[str]]) -> Self:
        """The query of an address. Raises InvalidInputError for what to_url cannot have written."""

        def one(name: str) -> str:
            return next(iter(parameters.get(name, ())), "")

        return cls(
            text=one("q"),
            conditions=tuple(Condition.from_text(text) for text in parameters.get("where", ())),
            statuses=tuple(parameters.get("status", ())),
            engines=tuple(name.removeprefix("-") for name in parameters.get("engine", ())),
            created=Days.from_text(one("created")) if one("created") else Days(),
            updated=Days.from_text(one("updated")) if one("updated") else Days(),
            coverage=one("coverage") or None,  # type: ignore[arg-type]
            sort=one("sort") or "created",  # type: ignore[arg-type]
            descending=one("order") != "asc",
        )


@dataclass(frozen=True)
class Position:
    """Where a page begins.

    forwards, without value     the first page
    backwards, without value    the last page
    forwards, with value, id    the page after that row
    backwards, with value, id   the page before that row

    `value` is what the list is sorted by, as the database writes it. `number` is how many rows
    stood before the page when it was reached by turning pages; None if nobody counted them.
    """

    backwards: bool = False
    value: str | None = None
    id: UUID | None = None
    number: int | None = None

    @property
    def is_first(self) -> bool:
        return not self.backwards and self.id is None

    def to_url(self) -> str:
        """As one URL parameter; "" for the first page."""
        if self.is_first:
            return ""
        parts = [self.backwards, self.value, str(self.id) if self.id else None, self.number]
        text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_url(cls, text: str) -> Self:
        """What to_url wrote. Raises InvalidInputError for anything else."""
        if not text:
            return cls(number=0)
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            backwards, value, row, number = json.loads(base64.b64decode(padded, b"-_", True))
            place = cls(bool(backwards), value, UUID(row) if row else None, number)
        except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
            raise InvalidInputError("This page cannot be found.", "Go to the first.") from error
        sound = (value is None) == (row is None) and isinstance(value, str | None)
        if not sound or (number is not None and (type(number) is not int or number < 0)):
            raise InvalidInputError("This page cannot be found.", "Go to the first.")
        return place


FIRST = Position(number=0)
LAST = Position(backwards=True)


def conditions_in(text: str) -> tuple[Condition, ...]:
    """The conditions written in a search text. Raises InvalidInputError if one is malformed."""
    return tuple(
        Condition("any", found[1], found[2].strip('"')) for found in _CONDITION_WORD.finditer(text)
    )


def split_path(path: str) -> list[str]:
    """The names in a dot path, unescaped."""
    return [
        re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL)
        for name in re.findall(r"(?:^|(?<=\.))((?:\\.|[^\\.])*)(?:\.|$)", path, re.DOTALL)
    ]


def join_path(names: Iterable[str]) -> str:
    """The dot path of these names."""
    return ".".join(re.sub(r"([\\.])", r"\\\1", name) for name in names)


def _condition_request(condition: Condition) -> dict[str, Any]:
    wanted = {"kind": condition.kind, "path": split_path(condition.path)}
    return wanted if condition.kind == "has" else {**wanted, "value": condition.value}


def _given(values: Iterable[str]) -> list[str]:
    return [value for value in values if value]
