"""A row of a file becomes a persona to store, or a problem with its reason.

A reason names what is wrong, never the text itself: reasons are stored and downloaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.errors import InvalidInputError, InvalidPersonaError
from services.evidence.claims import evidence_to_json
from services.evidence.edits import evidence_of_new
from services.exports.cells import restored
from services.exports.options import PREFIX, TIMES
from services.importing.limits import ROW_BYTES, ROW_FAULT
from services.importing.mapping import AS_JSON, PERSONA, TEXT, Mapping
from services.importing.readers.table import HEAD_ROWS, Row, Table
from services.importing.rows import Problem, ReadyRow, Wanted
from services.personas.models import check_raw_text
from services.personas.paths import split_path
from services.personas.shapes import check_columns
from services.personas.validation import MAX_DEPTH, check_persona, parse_persona, read_json

_SURELY_SMALL = ROW_BYTES // 16  # characters of JSON, whatever its evidence adds
_SAFE_INTEGER = 2**53  # up to it, a float keeps every whole number
_NO_OBJECT = (
    'Its persona is a text and no JSON object: write it as {"name": "…"}, or choose what else its '
    "column becomes, such as persona.role."
)
_NOT_UTF8 = "The text holds bytes that are not UTF-8; save the file as UTF-8."


@dataclass(frozen=True)
class Good:
    """A persona to store: columns of personas."""

    number: int
    columns: dict[str, Any]

    @property
    def md5(self) -> str:
        """It finds equal texts, it protects nothing."""
        return hashlib.md5(self.columns[TEXT].encode(), usedforsecurity=False).hexdigest()

    def ready(self, *, with_json: bool) -> ReadyRow:
        """As it travels. Raises InvalidInputError for one that is too large to."""
        md5, id_ = self.md5, self.columns.get("id")
        if not with_json and len(json.dumps(self.columns)) < _SURELY_SMALL:
            return ReadyRow(self.number, id_, md5)
        text = json.dumps({**self._stored(), "row": self.number, "md5": md5}, ensure_ascii=False)
        inside = json.dumps(text, ensure_ascii=False)[1:-1].encode()
        if len(inside) > ROW_BYTES:
            raise InvalidInputError(ROW_FAULT)
        return ReadyRow(self.number, id_, md5, inside)

    def compared(self) -> ReadyRow:
        """As it travels to be compared with what is stored."""
        given = {name: self.columns.get(name) for name in (TEXT, PERSONA, "updated_at")}
        text = json.dumps(given, ensure_ascii=False).encode()
        return ReadyRow(self.number, self.columns.get("id"), self.md5, text)

    def _stored(self) -> dict[str, Any]:
        """All columns: the database takes no null, and one row that names a column gives it to
        all beside it."""
        columns = {"evidence": [], "sources": [], "origins": {}, **self.columns}
        if "evidence" not in self.columns and columns[PERSONA]:
            evidence = evidence_of_new(columns[PERSONA], columns[TEXT])
            columns["evidence"] = evidence_to_json(evidence)
        return columns


def checked_rows(table: Table, mapping: Mapping) -> Iterator[Good | Problem]:
    """Every row of the table, in order."""
    heads = frozenset(table.columns)
    for row in table.rows():
        if row.fault is not None:
            yield Problem(row.number, row.fault)
            continue
        try:
            _refuse_unseen(row, heads)
            yield Good(row.number, _columns(row, mapping, table.inert))
        except InvalidInputError as error:
            yield Problem(row.number, error.problem)


def ready_rows(table: Table, mapping: Mapping, wanted: Wanted) -> Iterator[ReadyRow | Problem]:
    """The same, as they travel: with their JSON to be saved or compared (then only those with an
    id), without it for a check."""
    for row in checked_rows(table, mapping):
        try:
            if isinstance(row, Problem):
                yield row
            elif wanted != "compare":
                yield row.ready(with_json=wanted == "save")
            elif "id" in row.columns:
                yield row.compared()
        except InvalidInputError as error:
            yield Problem(row.number, error.problem)


def _refuse_unseen(row: Row, heads: frozenset[str]) -> None:
    """Nobody was asked what becomes of it, so it must not vanish."""
    if unseen := sorted(row.cells.keys() - heads):
        raise InvalidInputError(
            f"It has an entry that the first {HEAD_ROWS:,} rows have not: {unseen[0][:60]}."
        )


def _columns(row: Row, mapping: Mapping, inert: bool) -> dict[str, Any]:
    given = {
        target: row.cells[head]
        for head, target in mapping.items()
        if row.cells.get(head) not in (None, "")
    }
    columns: dict[str, Any] = {TEXT: check_raw_text(cell_text(given.pop(TEXT, ""), inert))}
    columns[PERSONA] = _persona(given, inert)
    for target, value in given.items():
        columns[target] = _stored(target, value, inert)
    return columns


def _persona(given: dict[str, Any], inert: bool) -> dict[str, Any]:
    """Takes what belongs to the persona out of `given`."""
    whole = given.pop(PERSONA, {})
    if isinstance(whole, str) and not whole.lstrip("\ufeff \t\r\n").startswith("{"):
        raise InvalidInputError(_NO_OBJECT)
    persona = parse_persona(whole) if isinstance(whole, str) else check_persona(whole)
    paths = [target for target in given if target.startswith(PREFIX)]
    for target in paths:
        _put(persona, split_path(target.removeprefix(PREFIX)), given.pop(target), inert)
    return check_persona(persona) if paths else persona


def _put(persona: dict[str, Any], keys: list[str], cell: Any, inert: bool) -> None:
    branch = persona
    for key in keys[:-1]:
        branch = branch.setdefault(key, {})
        if not isinstance(branch, dict):
            raise InvalidInputError("Two columns give the same field once a value, once fields.")
    branch[keys[-1]] = _value(cell, inert)


def _value(cell: Any, inert: bool) -> Any:
    if not isinstance(cell, str):
        return _as_json(cell)
    _refuse_undecoded(cell)
    try:
        json.loads(cell)  # one value and nothing behind it, before it is put into an object
        return parse_persona(f'{{"value": {cell}}}')["value"]
    except (ValueError, RecursionError):  # no JSON, or a number that would not be kept: text
        return restored(cell) if inert else cell


def _as_json(value: Any, levels: int = MAX_DEPTH) -> Any:
    """What a workbook or Parquet holds beside texts, also in lists, as JSON has it; what is nested
    deeper is refused later."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return _hours(value)
        case Decimal():
            return _number(value)
        case list() | tuple() if levels:
            return [_as_json(item, levels - 1) for item in value]
        case dict() if levels:
            return {key: _as_json(item, levels - 1) for key, item in value.items()}
    return value


def _hours(span: timedelta) -> str:
    """As spreadsheets write a span: 26:30:00."""
    sign = "-" if span < timedelta() else ""
    seconds, rest = divmod(abs(span), timedelta(seconds=1))
    part = f".{rest.microseconds:06}" if rest else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{part}"


def _number(value: Decimal) -> float | str:
    """A number where JSON keeps it as it is, else its text."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return int(value) if abs(value) <= _SAFE_INTEGER else str(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _stored(target: str, value: Any, inert: bool) -> Any:
    if target == "id":
        return _id(value)
    if target in TIMES:
        return _time(target, value)
    if target in AS_JSON:
        return _json(target, value)
    return cell_text(value, inert)


def _id(value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise InvalidInputError("The id is not a UUID.") from None


def _time(target: str, value: Any) -> str:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise InvalidInputError(f"{target} is not a time such as 2026-01-31T12:00:00Z.") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at > datetime.now(UTC) + timedelta(days=1):  # clocks differ
        raise InvalidInputError(f"{target} lies in the future.")
    if at.year < 2:  # the database takes none, whatever the time zone makes of it
        raise InvalidInputError(f"{target} lies too far back.")
    return at.isoformat()


def _json(target: str, value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = read_json(value)
        except InvalidPersonaError:
            raise InvalidInputError(f"{target} gives the same entry twice.") from None
        except (ValueError, RecursionError):
            raise InvalidInputError(f"{target} is not JSON.") from None
    check_columns({target: value})
    return value


def cell_text(value: Any, inert: bool) -> str:
    """A cell as text, without what protected it in a spreadsheet. Raises InvalidInputError for
    bytes that were no letters."""
    text = value if isinstance(value, str) else str(value)
    _refuse_undecoded(text)
    return restored(text) if inert else text


def _refuse_undecoded(text: str) -> None:
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInputError(_NOT_UTF8)
