"""The first sheet of a workbook, or all of an export's; openpyxl knows cells, dates and styles.

It is led past what a hostile workbook could do with it: coordinates and sizes are looked at before
anything is made of them, and what stands behind the cells of a sheet is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any, BinaryIO
from zipfile import ZipFile

from lxml.etree import iterparse  # type: ignore[import-untyped]  # it has none
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel
from openpyxl.worksheet._reader import WorkSheetParser

from services.errors import ImportFileError
from services.exports.options import TIMES
from services.exports.workbook import CONTINUED, column_letters
from services.exports.workbook_times import time_of
from services.importing import limits
from services.importing.readers.table import MORE_CELLS, Row, Table, distinct

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _DATA, _STRING, _TEXT, _PHONETIC = (
    f"{_MAIN}{tag}" for tag in ("row", "sheetData", "si", "t", "rPh")
)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class ExcelTable(Table):
    """Rows are numbered through all sheets that are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._reader = _opened(file)
        self._paths = {
            sheet.name: part.target
            for sheet, part in self._reader.parser.find_sheets()
            if part.target in self._reader.valid_files and "chartsheet" not in part.Type
        }
        names = list(self._paths)
        own = [name for name in names if re.fullmatch(r"personas( \d+)?", name)]
        self.sheets = own if own and names[0] in own else names[:1]
        self._continued = self._read_continued() if own and CONTINUED in names else {}
        read = {*self.sheets, CONTINUED} if own else {*self.sheets}
        self.unread = [name for name in names if name not in read]
        self._times: frozenset[int] = frozenset()
        super().__init__(file)
        if self.unread and not self.columns:
            raise ImportFileError(
                "The first sheet has no head, and no other is read.",
                "Put the sheet with the rows first, its head in the first row.",
            )
        self._times = frozenset(n for n, head in enumerate(self.columns) if head in TIMES)

    def _rows(self) -> Iterator[Row]:
        before = 0
        for name in self.sheets:
            last = 1
            for last, values in self._values(name):
                if before + last > limits.ROWS:
                    raise limits.too_many_rows()
                if last > 1 and _goes_beyond(values, len(self.columns)):
                    yield Row(before + last, fault=MORE_CELLS)
                    continue
                cells = {
                    head: self._whole(name, column, last, values[column])
                    for column, head in enumerate(self.columns)
                    if values.get(column) is not None
                }
                if cells and last > 1:
                    yield Row(before + last, cells)
            before += last - 1

    def _heads(self) -> list[str]:
        number, first = next(self._values(self.sheets[0]), (1, {}))
        if number > 1 or not first:
            return []
        heads = [first.get(column) for column in range(max(first) + 1)]
        return distinct([_unescaped(str(head or "")) for head in heads])

    def _values(self, name: str) -> Iterator[tuple[int, dict[int, Any]]]:
        """Row numbers with the values of their columns, both as the sheet gives them."""
        with self._reader.archive.open(self._paths[name]) as source:
            parser = WorkSheetParser(
                source,
                self._reader.shared_strings,
                data_only=True,
            )
            last = 0
            for element in _elements(source, _ROW, _DATA):
                if element.tag == _DATA:
                    return  # what follows tells nothing of the cells
                if len(element) > limits.COLUMNS:
                    raise limits.too_many_columns(parser.row_counter + 1)
                number, cells = parser.parse_row(element)
                if not last < number <= limits.SHEET_ROWS:
                    raise limits.no_such_row(number)
                last = number
                values = {cell["column"] - 1: self._value(cell) for cell in cells}
                if values and max(values) >= limits.COLUMNS:
                    raise limits.too_many_columns(number)
                yield number, values

    def _value(self, cell: dict[str, Any]) -> Any:
        """What the cell holds; openpyxl rounds times to milliseconds, those of an export stay."""
        book, value = self._reader.wb, cell["value"]
        if cell["data_type"] != "n" or cell["style_id"] not in book._date_formats or value is None:
            return value
        try:
            if cell["column"] - 1 in self._times and book.epoch == WINDOWS_EPOCH:
                return time_of(value)
            is_span = cell["style_id"] in book._timedelta_formats
            return from_excel(value, book.epoch, timedelta=is_span)
        except (OverflowError, ValueError):
            return "#VALUE!"  # as Excel shows it

    def _whole(self, sheet: str, column: int, row: int, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        more = self._continued.get((sheet, f"{column_letters(column)}{row}"), ())
        return "".join(map(_unescaped, (value, *more)))

    def _read_continued(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for number, values in self._values(CONTINUED):
            if number > 1:
                place = (str(values.get(0)), str(values.get(1)))
                found.setdefault(place, []).append(str(values.get(3) or ""))
        return found


def _goes_beyond(values: dict[int, Any], columns: int) -> bool:
    """Whether a cell behind the head holds something, be it no more than a number."""
    return any(
        column >= columns and value is not None and bool(str(value).strip())
        for column, value in values.items()
    )


def _opened(file: BinaryIO) -> ExcelReader:
    """What a workbook says of its sheets, its texts and its styles."""
    file.seek(0)
    reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
    _check_sizes(reader.archive, file.seek(0, 2))
    reader.read_manifest()
    texts = reader.package.find(SHARED_STRINGS)
    if texts is not None:
        with reader.archive.open(texts.PartName[1:]) as source:
            reader.shared_strings = [_string(one) for one in _elements(source, _STRING)]
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    return reader


def _check_sizes(archive: ZipFile, size: int) -> None:
    """Raise ImportLimitError. No more of a part is read than its zip file says that it has."""
    total = 0
    for part in archive.infolist():
        total += part.file_size
        name = part.filename.lower()
        if "sharedstrings" in name:
            most, what = limits.STRINGS_BYTES, "The table of texts in the workbook"
        elif "worksheets/" in name or not name.endswith((".xml", ".rels")):
            continue
        else:
            most, what = limits.PART_BYTES, "A part of the workbook"
        if part.file_size > most:
            raise limits.unpacks_to_too_much(what, most)
    if total > max(limits.EXPANDED_BYTES, limits.EXPANSION * size):
        raise limits.expands_too_much()


def _elements(source: IO[bytes], *tags: str) -> Iterator[Any]:
    """Those of these tags; each is dropped when the next is asked for."""
    for _, element in iterparse(source, tag=tags, huge_tree=True, resolve_entities=False):
        yield element
        parent = element.getparent()
        element.clear()
        if parent is not None:
            parent.remove(element)


def _string(element: Any) -> str:
    """The text of a shared string, in whichever pieces, without its reading aids."""
    pieces: list[str] = []
    for part in element:
        if part.tag == _TEXT:
            pieces.append(part.text or "")
        elif part.tag != _PHONETIC:
            pieces.extend(text.text or "" for text in part.iter(_TEXT))
    return "".join(pieces)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
