"""All personas as one CSV, written and read in the plainest way: what exports are compared with.

The rules of its cells stand in services/exports/cells.py.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.exports.cells import (
    COULD_BE_JSON,
    FORMULA,
    flatten,
    inert_inside,
    joined,
    parted,
    restored,
)
from services.personas.models import Persona
from services.personas.paths import split_path

_FIXED = ("id", "created_at", "updated_at", "raw_text")
_PREFIX = "persona."
_BOM = "\ufeff"  # tells spreadsheets that the file is UTF-8
_ROW_END = "\r\n"

Cells = dict[str, str]


@dataclass(frozen=True)
class CsvFile:
    """A finished export: UTF-8 bytes with BOM, and how many personas it holds."""

    content: bytes
    rows: int


def to_csv(personas: Iterable[Persona], on_row: Callable[[int], None] = lambda _: None) -> CsvFile:
    """Write the personas in the order given; `on_row` hears how many have been read so far."""
    rows: list[Cells] = []
    for persona in personas:
        rows.append(_row(persona))
        on_row(len(rows))
    paths = sorted({column for row in rows for column in row} - set(_FIXED))
    heads = [*_FIXED, *paths]
    buffer = io.StringIO()
    buffer.write(_BOM)
    writer = csv.DictWriter(buffer, heads, restval="", lineterminator=_ROW_END)
    writer.writerow({head: inert_inside(head) for head in heads})
    writer.writerows(rows)
    return CsvFile(buffer.getvalue().encode("utf-8"), len(rows))


def from_csv(content: bytes) -> Iterator[Persona]:
    """The personas of a file that to_csv wrote, equal to those it was given."""
    csv.field_size_limit(2**31 - 1)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    for row in reader:
        yield Persona(
            id=UUID(row["id"]),
            created_at=datetime.fromisoformat(row["created_at"]),
            updated_at=datetime.fromisoformat(row["updated_at"]),
            raw_text=_restore(row["raw_text"]),
            persona=_unflatten(row),
        )


def _row(persona: Persona) -> Cells:
    cells = {
        "id": str(persona.id),
        "created_at": persona.created_at.isoformat(),
        "updated_at": persona.updated_at.isoformat(),
        "raw_text": _neutralise(persona.raw_text),
    }
    for path, value in flatten(persona.persona):
        cells[_PREFIX + path] = _cell(value)
    return cells


def _unflatten(row: Cells) -> dict[str, Any]:
    persona: dict[str, Any] = {}
    for column, cell in row.items():
        if column in _FIXED or not cell:
            continue
        *parents, last = split_path(restored(column).removeprefix(_PREFIX))
        branch = persona
        for key in parents:
            branch = branch.setdefault(key, {})
        branch[last] = _value(cell)
    return persona


def _cell(value: Any) -> str:
    if not isinstance(value, str):
        return inert_inside(json.dumps(value, ensure_ascii=False))  # a number is no formula: -5
    if value == "" or COULD_BE_JSON.fullmatch(value):
        return inert_inside(json.dumps(value, ensure_ascii=False))
    return _neutralise(value)


def _value(cell: str) -> Any:
    return json.loads(cell) if _reads_as_json(cell) else _restore(cell)


def _reads_as_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _neutralise(text: str) -> str:
    return joined(f"'{text}" if FORMULA.match(text) else text)


def _restore(text: str) -> str:
    text = parted(text)
    return text[1:] if text.startswith("'") else text
