"""Which personas to show and in which order: one typed value for page, export and bulk action.

    address of the page <── to_url / from_url ──> PersonaQuery ── to_request ──> migration 010

A `PersonaQuery` says which personas and in which order. A `Position` says where in that order a
page begins: keyset paging by the place of a row (its sort value and id in one text), so that rows
which come or go never move others across pages.

In the search box, words must all be found, "phrases" as they stand, -words must not; a word such
as `location:Madrid` or `skills:"Power BI"` is a condition on a field.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, get_args
from unicodedata import normalize
from uuid import UUID

from services.errors import InvalidInputError
from services.personas.finding.conditions import (
    Condition,
    Days,
    conditions_in,
    without_conditions,
)
from services.personas.paths import split_path

Sort = Literal["created", "updated", "name", "status"]
Coverage = Literal["full", "partial", "none", "empty"]

SORTS: tuple[Sort, ...] = get_args(Sort)
COVERAGES: tuple[Coverage, ...] = get_args(Coverage)
PAGE_SIZES = (10, 25, 50, 100)
DEFAULT_SIZE = 25
MAX_TEXT = 500  # characters in the search box
MAX_CONDITIONS = 20
_MAX_PLACE = 1000  # bytes; 200 characters of a name and an id take fewer

Url = dict[str, list[str]]


@dataclass(frozen=True)
class PersonaQuery:
    """Which personas, in which order. The default: all that are not in the trash, newest first.

    Every filter that is set must hold. `engines` are names as in `generation.engine`; "" stands
    for personas that no engine drafted. `coverage`: do all claims have a source, some, or none;
    "empty": is nothing claimed, because it is not drafted yet? `batch`: the id of the batch it came
    of, "" for any.
    """

    text: str = ""
    conditions: tuple[Condition, ...] = ()
    statuses: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    created: Days = field(default_factory=Days)
    updated: Days = field(default_factory=Days)
    coverage: Coverage | None = None
    batch: str = ""
    sort: Sort = "created"
    descending: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text.strip())
        if len(self.text) > MAX_TEXT:
            raise InvalidInputError(f"A search holds up to {MAX_TEXT} characters.", "Shorten it.")
        conditions_in(self.text)  # refuses what it cannot make of them
        if "\x00" in self.text:
            raise InvalidInputError("The search holds characters that cannot be searched.")
        if self.sort not in SORTS or self.coverage not in (None, *COVERAGES):
            raise InvalidInputError("The list has no such order or filter.")
        if self.batch:
            object.__setattr__(self, "batch", _batch_id(self.batch))
        if len(self.conditions) > MAX_CONDITIONS:
            raise InvalidInputError(f"Up to {MAX_CONDITIONS} conditions can be combined.")

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list down."""
        return replace(self, sort="created", descending=True) != PersonaQuery()

    @property
    def words(self) -> str:
        """The search text without the conditions written in it; letters with accents are one."""
        return normalize("NFC", without_conditions(self.text))

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
            "batch": self.batch,
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
            "batch": [self.batch],
            "sort": ["" if self.sort == "created" else self.sort],
            "order": ["" if self.descending else "asc"],
        }
        return {name: kept for name, values in parameters.items() if (kept := _given(values))}

    @classmethod
    def from_url(cls, parameters: Mapping[str, list[str]]) -> Self:
        """The query of an address. Raises InvalidInputError for what to_url cannot have written."""

        def one(name: str) -> str:
            return next(iter(parameters.get(name, ())), "")

        if one("order") not in ("", "asc", "desc"):
            raise InvalidInputError("The list has no such order or filter.")
        return cls(
            text=one("q"),
            conditions=tuple(Condition.from_text(text) for text in parameters.get("where", ())),
            statuses=tuple(parameters.get("status", ())),
            engines=tuple(name.removeprefix("-") for name in parameters.get("engine", ())),
            created=Days.from_text(one("created")) if one("created") else Days(),
            updated=Days.from_text(one("updated")) if one("updated") else Days(),
            coverage=one("coverage") or None,  # type: ignore[arg-type]
            batch=one("batch"),
            sort=one("sort") or "created",  # type: ignore[arg-type]
            descending=one("order") != "asc",
        )


@dataclass(frozen=True)
class Position:
    """Where a page begins.

    forwards, without place     the first page
    backwards, without place    the last page
    forwards, with place        the page after it
    backwards, with place       the page before it

    `place` is where a row stands in the order of the list, as the database writes it (persona_place
    in migration 010). `number` is how many rows stood before the page when it was reached by
    turning pages; None if nobody counted them.
    """

    backwards: bool = False
    place: str | None = None
    number: int | None = None

    @property
    def is_first(self) -> bool:
        return not self.backwards and self.place is None

    def to_url(self) -> str:
        """As one URL parameter; "" for the first page."""
        if self.is_first:
            return ""
        parts = [self.backwards, self.place, self.number]
        text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_url(cls, text: str) -> Self:
        """What to_url wrote. Raises InvalidInputError for anything else."""
        if not text:
            return cls(number=0)
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            backwards, place, number = json.loads(base64.b64decode(padded, b"-_", True))
            sound = isinstance(backwards, bool) and (place is None or _is_place(place))
        except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
            raise InvalidInputError("This page cannot be found.", "Go to the first.") from error
        if not sound or (number is not None and (type(number) is not int or number < 0)):
            raise InvalidInputError("This page cannot be found.", "Go to the first.")
        return cls(backwards, place, number)


FIRST = Position(number=0)
LAST = Position(backwards=True)


def _batch_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise InvalidInputError("There is no such batch.", "Open it on the page Batches.") from None


def _is_place(text: str) -> bool:
    """Whether a row may have it. Raises AttributeError or ValueError for what is no text at all."""
    return len(text.encode()) <= _MAX_PLACE and "\x00" not in text


def _condition_request(condition: Condition) -> dict[str, Any]:
    wanted = {"kind": condition.kind, "path": split_path(condition.path)}
    return wanted if condition.kind == "has" else {**wanted, "value": condition.value}


def _given(values: Iterable[str]) -> list[str]:
    return [value for value in values if value]
