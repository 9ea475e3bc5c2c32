"""Files of any of the formats, as rows of cells.

CSV comes in UTF-8 (or UTF-16 with its mark, or Windows-1252), parted by commas, semicolons, tabs or
bars. JSON Lines hold one object a line; a line that holds none is a row with a fault. Excel: the
first sheet, and those our own exports go on in. Cells are texts, or what the file has for them.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
import pyarrow.parquet

from services.errors import InvalidInputError, InvalidPersonaError
from services.exports.workbook import CONTINUED, column_letters
from services.personas.validation import unique_names

csv.field_size_limit(2**31 - 1)
_SAMPLE = 1024 * 1024
_DELIMITERS = ",;\t|"
_NO_TEXT = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"PAR1", b"\x1f\x8b")
_UNCLOSED = "A quote begins here and is not closed, so that it runs on into the rows behind it."
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_PARQUET_ROWS = 1000
HEAD_ROWS = 1000  # JSON Lines: the columns are those of so many rows


class ImportFileError(InvalidInputError):
    """The file cannot be read at all."""

    default_problem: ClassVar[str] = "This file cannot be read."
    default_advice: ClassVar[str] = "Give a CSV, JSON Lines, Excel (.xlsx) or Parquet file."


@dataclass(frozen=True)
class Row:
    """One row. `number` counts as the file does, its head being row 1 (JSON Lines: line 1 first).

    `fault` says why it could not be read, else None.
    """

    number: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None


class Table:
    """A file as rows of cells under heads. Every call of `rows` reads from the beginning."""

    inert = False  # whether cells have the apostrophe that protects spreadsheets

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns = self._heads()

    def rows(self) -> Iterator[Row]:
        """The rows in the order of the file. Raises ImportFileError where it is damaged."""
        last = 1
        try:
            for row in self._rows():
                last = row.number
                yield row
        except Exception as error:  # whatever a parser says of a file that ends in the middle
            raise ImportFileError(
                f"The file is damaged behind row {last:,}.", "Save or export it again."
            ) from error

    def _rows(self) -> Iterator[Row]:
        raise NotImplementedError

    def _heads(self) -> list[str]:
        raise NotImplementedError


def open_table(path: Path, name: str) -> Table:
    """The table in a file; its name's ending tells the format. Raises ImportFileError."""
    kinds = {
        ".csv": CsvTable,
        ".tsv": CsvTable,
        ".txt": CsvTable,
        ".jsonl": JsonLinesTable,
        ".ndjson": JsonLinesTable,
        ".xlsx": ExcelTable,
        ".parquet": ParquetTable,
    }
    kind = kinds.get(Path(name).suffix.lower())
    if kind is None:
        raise ImportFileError
    try:
        table = kind(path)
    except ImportFileError:
        raise
    except Exception as error:  # whatever a parser says of a file that is not of its format
        raise ImportFileError(f"The file is no {Path(name).suffix[1:].upper()} file.") from error
    if not table.columns:
        raise ImportFileError(
            "The file is empty, or holds no row that can be read.",
            "Give a file with a head and rows; in JSON Lines, one object a line.",
        )
    return table


class CsvTable(Table):
    """CSV with a head."""

    inert = True

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            if file.read(16).startswith(_NO_TEXT):
                raise ImportFileError("The file holds no text, whatever its name says.")
        self._encoding = _encoding(path)
        super().__init__(path)

    def _rows(self) -> Iterator[Row]:
        with self._open() as lines:
            record: list[str] = []  # the lines of the row in hand
            reader = csv.reader(_noted(lines, record), delimiter=self._delimiter)
            next(reader, None)
            record.clear()
            for number, cells in enumerate(reader, start=2):
                broken = _is_broken(record, self._delimiter)
                record.clear()
                if broken:
                    yield Row(number, fault=_UNCLOSED)
                elif len(cells) > len(self.columns):
                    yield Row(number, fault="It has more cells than the head.")
                elif any(cells):
                    yield Row(number, dict(zip(self.columns, cells, strict=False)))

    def _heads(self) -> list[str]:
        with self._open() as lines:
            first = lines.readline()
            self._delimiter = max(_DELIMITERS, key=first.count)
            lines.seek(0)
            heads = next(csv.reader(lines, delimiter=self._delimiter), [])
        return _distinct(heads)

    def _open(self) -> Any:
        return self.path.open(encoding=self._encoding, errors="surrogateescape", newline="")


class JsonLinesTable(Table):
    """One JSON object a line."""

    def _rows(self) -> Iterator[Row]:
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield self._row(number, line)

    def _row(self, number: int, line: bytes) -> Row:
        try:
            value = json.loads(
                line.decode("utf-8-sig"), object_pairs_hook=unique_names, parse_constant=_refuse
            )
        except InvalidPersonaError:
            return Row(number, fault="It gives the same entry twice.")
        except (ValueError, RecursionError):
            return Row(number, fault="It is not JSON.")
        if not isinstance(value, dict):
            return Row(number, fault="It is not a JSON object.")
        return Row(number, value)

    def _heads(self) -> list[str]:
        heads: dict[str, None] = {}
        sound = (row for row in self.rows() if not row.fault)
        for row in islice(sound, HEAD_ROWS):
            heads.update(dict.fromkeys(row.cells))
        return list(heads)


class ExcelTable(Table):
    """The first sheet of a workbook, or all of an export's."""

    def __init__(self, path: Path) -> None:
        self._book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True)
        names = self._book.sheetnames
        own = [name for name in names if re.fullmatch(r"personas( \d+)?", name)]
        self._sheets = own if own and names[0] in own else names[:1]
        self._continued = self._read_continued() if own and CONTINUED in names else {}
        super().__init__(path)

    def _rows(self) -> Iterator[Row]:
        number = 1
        for name in self._sheets:
            for place, values in enumerate(self._values(name), start=2):
                number += 1
                cells = {
                    head: self._whole(name, column, place, value)
                    for column, (head, value) in enumerate(zip(self.columns, values, strict=False))
                    if value is not None
                }
                if cells:
                    yield Row(number, cells)

    def _heads(self) -> list[str]:
        first = next(self._book[self._sheets[0]].iter_rows(max_row=1, values_only=True), ())
        return _distinct([_unescaped(str(head or "")) for head in first])

    def _values(self, name: str) -> Iterator[tuple[Any, ...]]:
        return iter(self._book[name].iter_rows(min_row=2, values_only=True))

    def _whole(self, sheet: str, column: int, row: int, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        more = self._continued.get((sheet, f"{column_letters(column)}{row}"), ())
        return "".join(map(_unescaped, (value, *more)))

    def _read_continued(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for sheet, cell, _, text in self._values(CONTINUED):
            found.setdefault((str(sheet), str(cell)), []).append(str(text or ""))
        return found


class ParquetTable(Table):
    """A Parquet file, some rows at a time."""

    def _rows(self) -> Iterator[Row]:
        number = 1
        with pyarrow.parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_PARQUET_ROWS):
                for cells in batch.to_pylist():
                    number += 1
                    yield Row(number, {k: v for k, v in cells.items() if v is not None})

    def _heads(self) -> list[str]:
        return list(pyarrow.parquet.read_schema(self.path).names)


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def _noted(lines: Iterable[str], record: list[str]) -> Iterator[str]:
    for line in lines:
        record.append(line)
        yield line


def _is_broken(record: list[str], delimiter: str) -> bool:
    """Whether a quote runs on into lines that are rows of their own; csv itself takes it so."""
    if len(record) == 1 and record[0].count('"') % 2 == 0:
        return False
    try:
        for _ in csv.reader(record, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return True
    return False


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        # One bad row must not turn every accent of a UTF-8 file into two letters.
        good = sample.decode("utf-8", "ignore")
        return "utf-8-sig" if len(good) > 0.99 * len(sample) and not good.isascii() else "cp1252"
    return "utf-8-sig"


def _distinct(heads: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    named = []
    for number, head in enumerate(heads, start=1):
        name = head or f"column {number}"
        seen[name] = seen.get(name, 0) + 1
        named.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return named


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
