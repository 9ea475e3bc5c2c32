"""What narrows a query down: a condition on a place of the persona, a range of days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self, get_args

from services.errors import InvalidInputError
from services.personas.paths import split_path

Kind = Literal["is", "contains", "has", "any"]

KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_DEPTH = 4  # names in a path; migration 010 indexes no deeper

_PERSONA = "persona."
_CONDITION_WORD = re.compile(  # a phrase is one word, whatever stands in it; it may be open yet
    r'(?<!\S)(?:-?"[^"]*(?:"|\Z)|([^\W\d](?:[\w.]|\\.)*):(?!//)("[^"]*(?:"|\Z)|[^\s"]+)(?!\S))'
)


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
            raise InvalidInputError(
                "That is not a field name.", "Write it as location or address.city."
            )
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
            raise InvalidInputError("That is not a filter.")
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
                "That is not a range of days.", "Write 2026-01-01..2026-01-31."
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


def conditions_in(text: str) -> tuple[Condition, ...]:
    """The conditions written in a search text. Raises InvalidInputError if one is malformed."""
    return tuple(
        Condition("any", found[1], found[2].strip('"'))
        for found in _CONDITION_WORD.finditer(text)
        if found[1]
    )


def without_conditions(text: str) -> str:
    """A search text without the conditions written in it, and without phrases of no words."""
    left = _CONDITION_WORD.sub(lambda found: found[0] if _is_phrase(found) else " ", text)
    return " ".join(left.split())


def _is_phrase(found: re.Match[str]) -> bool:
    return not found[1] and found[0].strip('-" ') != ""
