"""What goes into an export: its format, its columns, its filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from uuid import UUID

from services.errors import InvalidInputError
from services.exports.cells import flatten
from services.personas.finding.query import PersonaQuery
from services.personas.models import Persona
from services.personas.paths import join_path, split_path

Format = Literal["csv", "jsonl", "xlsx", "parquet"]
PersonaShape = Literal["columns", "json"]
Separator = Literal[",", ";", "\t"]
Quoting = Literal["needed", "all"]

FORMATS: tuple[Format, ...] = get_args(Format)
ALWAYS = ("id", "created_at", "updated_at")
EVIDENCE = ("evidence", "generation", "origins", "sources")
REVIEW = (
    "status",
    "reviewed_by",
    "reviewed_at",
    "review_note",
    "created_by",
    "updated_by",
)  # an import leaves them out: whoever imports is the author, and reviews begin anew
TIMES = ("created_at", "updated_at", "reviewed_at")
PREFIX = "persona."
MAX_IDS = 1000  # they travel in the link


@dataclass(frozen=True)
class Column:
    """One column of a file: its head, and where its cells come from.

    `path` are the keys below persona; None for a column that is stored under its head's name.
    """

    head: str
    path: tuple[str, ...] | None = None

    def request(self) -> dict[str, Any]:
        """As persona_export_statement of migration 012 takes it."""
        return {"column": self.head} if self.path is None else {"path": list(self.path)}


@dataclass(frozen=True)
class ExportOptions:
    """What to export. `columns` are heads (`id`, `persona.address.city`); empty: all.

    `persona` says whether each path of the persona gets a column of its own or the persona stands
    in one column as JSON. JSON Lines always hold the persona as JSON. `ids` narrow the query down
    to personas chosen by hand, at most MAX_IDS. `separator` and `quoting` (of cells that need it,
    or of all) are for CSV.
    """

    format: Format = "csv"
    persona: PersonaShape = "columns"
    raw_text: bool = True
    evidence: bool = False
    review: bool = False
    columns: tuple[str, ...] = ()
    query: PersonaQuery = field(default_factory=PersonaQuery)
    ids: tuple[str, ...] = ()
    separator: Separator = ","
    quoting: Quoting = "needed"

    def __post_init__(self) -> None:
        if self.format not in FORMATS or self.persona not in get_args(PersonaShape):
            raise InvalidInputError("There is no such format.", "Choose one of the list.")
        if self.separator not in get_args(Separator) or self.quoting not in get_args(Quoting):
            raise InvalidInputError("There is no such kind of CSV.", "Choose one of the list.")
        if len(self.ids) > MAX_IDS:
            raise InvalidInputError(f"Up to {MAX_IDS} personas can be chosen one by one.")

    def to_request(self) -> dict[str, Any]:
        """Which personas, as migration 012 takes it."""
        ids = {"ids": [str(UUID(one)) for one in self.ids]} if self.ids else {}
        return {**self.query.to_request(), **ids}

    @property
    def needs_paths(self) -> bool:
        """Whether the columns depend on what the personas hold."""
        return self._flattens and not self.columns

    @property
    def _flattens(self) -> bool:
        return self.persona == "columns" and self.format != "jsonl"

    def plan(self, stored: Sequence[str], paths: Sequence[Sequence[str]]) -> list[Column]:
        """The columns of the file, in order. `stored` are the columns the database has, `paths`
        those of the personas. Raises InvalidInputError for a chosen column that does not exist."""
        if self.columns:
            return [self._chosen(head, stored) for head in self.columns]
        names = [*ALWAYS]
        names += ["raw_text"] if self.raw_text else []
        names += [] if self._flattens else ["persona"]
        names += EVIDENCE if self.evidence else ()
        names += REVIEW if self.review else ()
        found = [Column(PREFIX + join_path(path), tuple(path)) for path in paths]
        fixed = [Column(name) for name in names if name in stored]
        return fixed + sorted(found if self._flattens else [], key=lambda column: column.head)

    def _chosen(self, head: str, stored: Sequence[str]) -> Column:
        if head.startswith(PREFIX) and self.format != "jsonl":
            return _path_column(head)
        if head in stored:
            return Column(head)
        raise InvalidInputError(f"There is no column {head}.", "Choose other columns.")

    def to_json(self) -> dict[str, Any]:
        """For a link; from_json reads it."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            **values,
            "columns": list(self.columns),
            "ids": list(self.ids),
            "query": self.query.to_url(),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ExportOptions:
        """What to_json wrote. Raises InvalidInputError."""
        query = PersonaQuery.from_url(values["query"])
        lists = {name: tuple(values[name]) for name in ("columns", "ids")}
        return cls(**{**values, **lists, "query": query})


def _path_column(head: str) -> Column:
    return Column(head, tuple(split_path(head.removeprefix(PREFIX))))


def columns_of(personas: Iterable[Persona]) -> list[str]:
    """The heads that these personas would have in a file with everything."""
    found = {PREFIX + path for one in personas for path, _ in flatten(one.persona)}
    return [*ALWAYS, "raw_text", "persona", *EVIDENCE, *REVIEW, *sorted(found)]
