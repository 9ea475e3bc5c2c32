"""Excel workbooks, written row by row into a zip stream: any number of rows in flat memory.

Every cell is a text (an inline string), so nothing in it is run or reformatted; but times in the
columns that hold them are dates in UTC, as exact as they are stored, or else texts too. Excel takes
1,048,576 rows a sheet: further rows go to `personas 2`, `personas 3` … It takes 32,767 characters a
cell: the rest of a longer text stands on the sheet `continued`, in pieces, beside the address of
its cell; the import puts them together again.

Format: ECMA-376, https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from services.exports.workbook_parts import TIME_STYLE, parts_beside
from services.exports.workbook_times import serial_of

MAX_ROWS = 1_048_576  # of a sheet, its head among them
MAX_COLUMNS = 16_384
MAX_CELL = 32_767  # UTF-16 units, as Excel counts
CONTINUED = "continued"
CONTINUED_HEAD = ("sheet", "cell", "part", "text")

_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_PIECE = 256 * 1024
_TIME_WIDTH = 24  # characters
_SHEET_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
_SHEET_END = '</sheetData><autoFilter ref="A1:{}{}"/></worksheet>'

Row = Sequence[str]


class Workbook:
    """A workbook that is written forwards only; `taken` gives its bytes since the last question.

    `times` are the heads whose cells are times in ISO 8601. `max_rows` is for tests: no test writes
    a million rows.
    """

    def __init__(self, head: Row, max_rows: int = MAX_ROWS, *, times: Collection[str] = ()) -> None:
        self._head = head
        self._times = frozenset(times)
        self._max_rows = max_rows
        self._out = _Pipe()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._names: list[str] = []
        # Texts that continue are rare, but any number of them must fit.
        self._continued = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by close()
            _PIECE, "w+", newline="", encoding="utf-8"
        )
        self._sheet = self._new_sheet("personas", head)

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows; further sheets begin where one is full."""
        for row in rows:
            if self._sheet.rows == self._max_rows:
                self._turn_to(f"personas {len(self._names) + 1}", self._head)
            self._sheet.add([self._cut(cell, column) for column, cell in enumerate(row)])

    def finish(self) -> None:
        """Write what follows the last row."""
        if self._continued.tell():
            self._turn_to(CONTINUED, CONTINUED_HEAD)
            self._continued.seek(0)
            for row in csv.reader(self._continued):
                self._sheet.add(row)
        self._sheet.close()
        for name, content in parts_beside(self._names):
            self._zip.writestr(name, content)
        self._zip.close()

    def taken(self) -> bytes:
        """What was written since the last question."""
        return self._out.take()

    def close(self) -> None:
        """Let go of the temporary file; what was not finished stays half a workbook."""
        self._continued.close()
        self._sheet.close()
        self._zip.close()

    def _new_sheet(self, name: str, head: Row) -> _Sheet:
        self._names.append(name)
        times = {number for number, name in enumerate(head) if name in self._times}
        sheet = _Sheet(self._zip, len(self._names), times)
        sheet.add(head)
        return sheet

    def _turn_to(self, name: str, head: Row) -> None:
        self._sheet.close()
        self._sheet = self._new_sheet(name, head)

    def _cut(self, cell: str, column: int) -> str:
        if len(cell) * 2 <= MAX_CELL:
            return cell
        first, *rest = _cell_pieces(cell)
        place = f"{column_letters(column)}{self._sheet.rows + 1}"
        writer = csv.writer(self._continued)
        for number, piece in enumerate(rest, start=2):
            writer.writerow((self._names[-1], place, number, piece))
        return first


class _Sheet:
    """One sheet inside the zip."""

    def __init__(self, archive: zipfile.ZipFile, number: int, times: Collection[int]) -> None:
        self._file = archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True)
        self._times = times  # columns
        self._file.write(f"{_SHEET_HEAD}{_widths(times)}<sheetData>".encode())
        self._open = True
        self._columns = 0
        self._waiting: list[str] = []
        self._size = 0
        self.rows = 0

    def add(self, cells: Row) -> None:
        self.rows += 1
        self._columns = max(self._columns, len(cells))
        line = f'<row r="{self.rows}">' + "".join(
            self._cell(column, cell) for column, cell in enumerate(cells) if cell
        )
        self._waiting.append(f"{line}</row>")
        self._size += len(line)
        if self._size > _PIECE:
            self._flush()

    def _cell(self, column: int, cell: str) -> str:
        place = f"{column_letters(column)}{self.rows}"
        serial = serial_of(cell) if column in self._times else None
        if serial is not None:
            return f'<c r="{place}" s="{TIME_STYLE}"><v>{serial!r}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{_xml(cell)}</t></is></c>'

    def close(self) -> None:
        if self._open:
            self._flush()
            last = column_letters(max(self._columns, 1) - 1)
            self._file.write(_SHEET_END.format(last, max(self.rows, 1)).encode())
            self._file.close()
            self._open = False

    def _flush(self) -> None:
        self._file.write("".join(self._waiting).encode())
        self._waiting, self._size = [], 0


class _Pipe(io.RawIOBase):
    """A file that only goes forwards and keeps what nobody has taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self._buffer = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._buffer += data
        return len(data)

    def take(self) -> bytes:
        data, self._buffer = bytes(self._buffer), bytearray()
        return data


_LETTERS: list[str] = []


def column_letters(column: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    while len(_LETTERS) <= column:
        number, letters = len(_LETTERS) + 1, ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        _LETTERS.append(letters)
    return _LETTERS[column]


def _widths(times: Collection[int]) -> str:
    """Columns of times are wide enough to show them."""
    columns = "".join(
        f'<col min="{number + 1}" max="{number + 1}" width="{_TIME_WIDTH}" customWidth="1"/>'
        for number in sorted(times)
    )
    return f"<cols>{columns}</cols>" if columns else ""


def _xml(cell: str) -> str:
    """Characters that XML cannot hold stand as _xHHHH_ (ECMA-376, ST_Xstring)."""
    if _UNWRITABLE.search(cell):
        cell = _UNWRITABLE.sub(lambda found: f"_x{ord(found.group()):04X}_", cell)
    return escape(cell)


def _cell_pieces(cell: str) -> list[str]:
    units = cell.encode("utf-16-le")
    if len(units) <= MAX_CELL * 2:
        return [cell]
    pieces, start = [], 0
    while start < len(units):
        end = min(start + MAX_CELL * 2, len(units))
        if end < len(units) and 0xDC <= units[end + 1] <= 0xDF:
            end -= 2  # not through the middle of a character
        pieces.append(units[start:end].decode("utf-16-le"))
        start = end
    return pieces
