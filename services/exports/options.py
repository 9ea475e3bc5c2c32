"""What goes into an export: its format, its columns, its filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from services.errors import InvalidInputError
from services.personas.export import dot_path, split_dot_path
from services.personas.query import PersonaQuery

Format = Literal["csv", "jsonl", "xlsx", "parquet"]
PersonaShape = Literal["columns", "json"]

FORMATS: tuple[Format, ...] = get_args(Format)
ALWAYS = ("id", "created_at", "updated_at")
EVIDENCE = ("evidence", "generation")
REVIEW = ("status", "created_by", "updated_by", "origins", "sources")
TIMES = ("created_at", "updated_at")
PREFIX = "persona."


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
    in one column as JSON. JSON Lines always hold the persona as JSON.
    """

    format: Format = "csv"
    persona: PersonaShape = "columns"
    raw_text: bool = True
    evidence: bool = False
    review: bool = False
    columns: tuple[str, ...] = ()
    query: PersonaQuery = field(default_factory=PersonaQuery)

    def __post_init__(self) -> None:
        if self.format not in FORMATS or self.persona not in get_args(PersonaShape):
            raise InvalidInputError("There is no such format.", "Choose one of the list.")

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
        found = [Column(PREFIX + dot_path(path), tuple(path)) for path in paths]
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
        return {**values, "columns": list(self.columns), "query": self.query.to_url()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ExportOptions:
        """What to_json wrote. Raises InvalidInputError."""
        query = PersonaQuery.from_url(values["query"])
        return cls(**{**values, "columns": tuple(values["columns"]), "query": query})


def _path_column(head: str) -> Column:
    return Column(head, tuple(split_dot_path(head.removeprefix(PREFIX))))
