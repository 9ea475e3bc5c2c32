"""All personas as CSV, complete, exact and safe to open in a spreadsheet; and back.

A row is id, created_at, updated_at, raw_text, then the persona flattened: one column for each
dot path (`persona.address.city`; a dot or backslash inside a key is escaped by a backslash).

A cell holds a value so that reading gives it back exactly:
- a string stands as it is, unless it could read as JSON (`5`, `true`, `"x"`, `[x]`, empty): then
  quoted;
- every other value stands as JSON (numbers, true, null, lists, empty objects);
- an empty cell means that the persona has no such path.

Cells that a spreadsheet would run as a formula get an apostrophe in front, and so do cells that
begin with one, so that taking one apostrophe away always restores the cell.
(https://owasp.org/www-community/attacks/CSV_Injection)

A spreadsheet that is told another separator makes cells of the middle of a text. So behind every
space, line end, quote or separator, what would begin a formula there gets an invisible word joiner
(U+2060) in front; inside JSON it is written as an escape. Reading takes both back.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.personas.models import Persona

_FIXED = ("id", "created_at", "updated_at", "raw_text")
_PREFIX = "persona."
_BOM = "\ufeff"  # tells spreadsheets that the file is UTF-8
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠'\t\r]")
# Migration 012 has the same two rules in SQL; tests/integration/test_exports.py compares.
_COULD_BE_JSON = re.compile(
    r"[ \t\n\r]*(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity"
    r'|\[.*\]|\{.*\}|".*")[ \t\n\r]*',
    re.DOTALL,
)
_ROW_END = "\r\n"
_JOINER = "\u2060"
_INSIDE = re.compile(rf"""([\s,;|"])({_JOINER}*+)(?=[=+\-@＝＋－＠])""")
_JSON_TEXT = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_INSIDE_JSON = re.compile(r'(?<=[\s,;|"])[=+\-@＝＋－＠]')

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


def flatten(value: dict[str, Any], parents: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Pairs of dot path and leaf; an empty object and any list are leaves."""
    for key, child in value.items():
        path = (*parents, key)
        if isinstance(child, dict) and child:
            yield from flatten(child, path)
        else:
            yield dot_path(path), child


def _unflatten(row: Cells) -> dict[str, Any]:
    persona: dict[str, Any] = {}
    for column, cell in row.items():
        if column in _FIXED or not cell:
            continue
        *parents, last = split_dot_path(restored(column).removeprefix(_PREFIX))
        branch = persona
        for key in parents:
            branch = branch.setdefault(key, {})
        branch[last] = _value(cell)
    return persona


def _cell(value: Any) -> str:
    if not isinstance(value, str):
        return inert_inside(json.dumps(value, ensure_ascii=False))  # a number is no formula: -5
    if value == "" or _COULD_BE_JSON.fullmatch(value):
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
    return _joined(f"'{text}" if _FORMULA.match(text) else text)


def inert_inside(cell: str, *, is_text: bool = False) -> str:
    """A cell in which nothing begins a formula behind any separator.

    It is JSON if it reads as that, unless `is_text`. Reading JSON, or restored(), takes it back.
    """
    if not _INSIDE.search(cell):
        return cell
    if is_text or not _COULD_BE_JSON.fullmatch(cell):
        return _joined(cell)
    return _JSON_TEXT.sub(
        lambda text: _INSIDE_JSON.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text[0]), cell
    )


def _joined(text: str) -> str:
    return _INSIDE.sub(rf"\1\2{_JOINER}", text)


def _parted(text: str) -> str:
    return _INSIDE.sub(lambda found: found[1] + found[2][1:], text) if _JOINER in text else text


def _restore(text: str) -> str:
    text = _parted(text)
    return text[1:] if text.startswith("'") else text


def restored(text: str) -> str:
    """A cell of any CSV that is no JSON: without what this module puts in, if it is there."""
    text = _parted(text)
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text


def dot_path(keys: Sequence[str]) -> str:
    """The keys joined by dots, dots and backslashes inside them escaped."""
    return ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in keys)


def split_dot_path(path: str) -> list[str]:
    """The keys of a dot path."""
    parts = [""]
    characters = iter(path)
    for character in characters:
        if character == "\\":
            parts[-1] += next(characters, "")
        elif character == ".":
            parts.append("")
        else:
            parts[-1] += character
    return parts
