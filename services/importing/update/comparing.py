"""Import as update: rows whose persona is stored already with other values, value by value.

What of a row differs is compared with the newest version. Where the file tells when its persona was
last changed, and somebody changed it since, both are merged as an edit is (three_way_merge): what
both changed is a conflict, and stays as it is stored unless somebody chooses otherwise. Columns
that the file does not have stay as they are; an empty cell takes a field away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import ConflictError, InvalidInputError, NotFoundError
from services.evidence.pointers import pointer, tokens
from services.evidence.summary import edited
from services.exports.options import PREFIX
from services.importing.mapping import PERSONA
from services.importing.rows import Problem
from services.personas.differences.changes import changes
from services.personas.differences.three_way_merge import ABSENT, merge, put, same, value_at
from services.personas.history import get_history
from services.personas.models import Persona, PersonaUpdate
from services.personas.paths import join_path, split_path
from services.personas.reading import COLUMNS, TABLE
from services.personas.repository import get_persona_repository

AT_ONCE = 100  # ids in one request: more would not fit into an address
MOST = 2000  # rows that differ, of one file
_VERSIONS = 1000  # looked through for the one that the file was made of
_ROUNDED = timedelta(milliseconds=1)  # what a spreadsheet may take off or add to a time
TEXT_CELL = "raw_text"


@dataclass(frozen=True)
class GivenRow:
    """A row of the file that names a persona: what it holds, and when that was last changed."""

    number: int
    id: str
    raw_text: str
    persona: dict[str, Any]
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Cell:
    """One difference. `path` is a JSON Pointer into the persona, or TEXT_CELL; a value may be
    ABSENT. `conflict`: somebody changed it too since the file was made."""

    path: str
    stored: Any
    given: Any
    conflict: bool = False

    @property
    def loses_list(self) -> bool:
        """A text would take the place of a list, perhaps only because the file has no better way
        to write one."""
        return isinstance(self.stored, list) and isinstance(self.given, str)


@dataclass(frozen=True)
class RowChange:
    """A persona that the file holds with other values than version `version`, which is stored."""

    number: int
    persona: Persona
    cells: tuple[Cell, ...]

    @property
    def version(self) -> int:
        return self.persona.version


@dataclass(frozen=True)
class Applied:
    """What came of one row: whether it was written, and the paths that were not, because somebody
    changed them meanwhile."""

    written: bool
    left: tuple[str, ...] = ()


def row_changes(
    rows: Iterable[GivenRow], mapping: Mapping[str, str]
) -> Iterator[RowChange | Problem]:
    """What differs, row by row, or why it cannot be put into what is stored; rows without a stored
    persona and rows that are equal are not there. Raises DatabaseError."""
    targets = frozenset(mapping.values())
    for part in _parts(rows):
        stored = _stored([row.id for row in part])
        for row in part:
            if (found := stored.get(row.id)) is None:
                continue
            try:
                cells = _cells(found, row, targets)
            except InvalidInputError as error:
                yield Problem(row.number, error.problem)
                continue
            if cells:
                yield RowChange(row.number, found, cells)


def apply(change: RowChange, paths: Collection[str], author: str) -> Applied:
    """Write the cells of these paths as a new version. Raises NotFoundError, DatabaseError, and
    InvalidInputError where a value took the place of the fields above meanwhile.

    What somebody changed since the file was checked stays as it is.
    """
    chosen = [cell for cell in change.cells if cell.path in paths]
    stored = change.persona
    for _ in range(2):
        fresh = [cell for cell in chosen if same_value(_now(stored, cell.path), cell.stored)]
        left = tuple(cell.path for cell in chosen if cell not in fresh)
        if not fresh:
            return Applied(False, left)
        try:
            get_persona_repository().save(
                stored.id, _update(stored, fresh), stored.version, author, {"kind": "imported"}
            )
        except ConflictError as error:
            stored = error.theirs
        else:
            return Applied(True, left)
    return Applied(False, tuple(cell.path for cell in chosen))


def same_value(one: Any, other: Any) -> bool:
    """Equal as JSON, or both not there."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return same(one, other)


def _now(stored: Persona, path: str) -> Any:
    return stored.raw_text if path == TEXT_CELL else value_at(stored.persona, path)


def _update(stored: Persona, cells: Iterable[Cell]) -> PersonaUpdate:
    persona, raw_text = deepcopy(stored.persona), None
    for cell in cells:
        if cell.path == TEXT_CELL:
            raw_text = cell.given
        else:
            _put(persona, cell.path, cell.given)
    return PersonaUpdate(persona=edited(stored.persona, persona), raw_text=raw_text)


def _parts(rows: Iterable[GivenRow]) -> Iterator[list[GivenRow]]:
    part: list[GivenRow] = []
    for row in rows:
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _stored(ids: list[str]) -> dict[str, Persona]:
    """Those of the ids that are stored and not in the trash."""
    with translated_faults():
        query = (
            get_supabase_client()
            .client.table(TABLE)
            .select(COLUMNS)
            .in_("id", ids)
            .is_("deleted_at", "null")
        )
        rows = expect_rows(query.execute().data)
    return {str(row["id"]): Persona.model_validate(row) for row in rows}


def _cells(stored: Persona, row: GivenRow, targets: frozenset[str]) -> tuple[Cell, ...]:
    """What differs in a row; mostly nothing, and then nothing more is read."""
    if same(_with_given(stored.persona, row, targets), stored.persona) and _text_same(stored, row):
        return ()
    base_persona, base_text = _base(stored, row.updated_at)
    merged = merge(base_persona, stored.persona, _with_given(base_persona, row, targets))
    collisions = tuple(Cell(one.path, one.theirs, one.mine, True) for one in merged.collisions)
    cells = tuple(
        Cell(
            change.path,
            value_at(stored.persona, change.path),
            value_at(merged.persona, change.path),
        )
        for change in changes(stored.persona, merged.persona, lists_whole=True)
    )
    if not _text_same(stored, row) and row.raw_text != base_text:
        cells += (Cell(TEXT_CELL, stored.raw_text, row.raw_text, base_text != stored.raw_text),)
    return cells + collisions


def _text_same(stored: Persona, row: GivenRow) -> bool:
    return stored.raw_text == row.raw_text


def _with_given(persona: dict[str, Any], row: GivenRow, targets: frozenset[str]) -> dict[str, Any]:
    """The persona with what the file's columns say; an empty cell takes a field away."""
    if PERSONA in targets:
        return row.persona
    made = deepcopy(persona)
    paths = [pointer(*split_path(one.removeprefix(PREFIX))) for one in targets if _is_field(one)]
    given = {path: value_at(row.persona, path) for path in paths}
    for path, value in given.items():  # first what goes, which may make room
        if value is ABSENT and value_at(made, path) is not ABSENT:
            put(made, path, ABSENT)
    for path, value in given.items():
        if value is not ABSENT:
            _put(made, path, value)
    return made


def _put(persona: dict[str, Any], path: str, value: Any) -> None:
    """Raises InvalidInputError where the stored persona has no fields."""
    try:
        put(persona, path, value)
    except ValueError:
        name = join_path(tokens(path))[:120]
        raise InvalidInputError(
            f"It gives the field {name}, but a value or a list is stored above it; give that whole."
        ) from None


def _is_field(target: str) -> bool:
    return target.startswith(PREFIX)


def _base(stored: Persona, updated_at: datetime | None) -> tuple[dict[str, Any], str]:
    """Persona and text as they were when the file was made; as stored if that cannot be told."""
    if updated_at is None or updated_at >= stored.updated_at:
        return stored.persona, stored.raw_text
    history = get_history()
    versions = history.versions(stored.id, _VERSIONS)
    # A version is kept right after its row is written: the first that is not older than the row.
    since = updated_at - _ROUNDED
    later = [version.version for version in versions if version.at >= since]
    if not later or min(later) == stored.version:
        return stored.persona, stored.raw_text
    try:
        base = history.version(stored.id, min(later))
    except NotFoundError:
        return stored.persona, stored.raw_text
    return base.persona, base.raw_text
