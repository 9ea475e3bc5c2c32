"""CSV with a head."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from services.errors import ImportFileError
from services.exports.cells import restored
from services.importing import limits
from services.importing.readers.table import MORE_CELLS, Row, Table, distinct

_SAMPLE = 1024 * 1024
_DELIMITERS = ",;\t|"
_SAID = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)  # Excel's first line, no row to it
_LINE_END = re.compile(r"[\r\n]")
_QUOTED = re.compile(r'(?:^|(?<=[,;\t|]))"[^"]*(?:""[^"]*)*(?:"|$)')
_NO_TEXT = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"PAR1", b"\x1f\x8b")
_UNCLOSED = "A quote begins here and is not closed, so that it runs on into the rows behind it."


class CsvTable(Table):
    """The rows between line ends that stand in no quotes."""

    inert = True

    def __init__(self, file: BinaryIO) -> None:
        csv.field_size_limit(limits.LINE_CHARACTERS)
        self._encoding = _encoding(file)
        self._texts: list[io.TextIOWrapper] = []
        super().__init__(file)

    def _rows(self) -> Iterator[Row]:
        record = self._records()
        reader = csv.reader(record, delimiter=self._delimiter)
        next(reader, None)
        record.clear()
        for number, cells in enumerate(reader, start=self._blank + 2):
            if number > limits.ROWS:
                raise limits.too_many_rows()
            broken = record.is_broken(self._delimiter)
            record.clear()
            if broken:
                yield Row(number, fault=_UNCLOSED)
            elif len(cells) > len(self.columns):
                yield Row(number, fault=MORE_CELLS)
            elif any(cells):
                yield Row(number, dict(zip(self.columns, cells, strict=False)))

    def _heads(self) -> list[str]:
        self._find_head()
        heads = next(csv.reader(self._records(), delimiter=self._delimiter), [])
        return distinct([restored(head) for head in heads])

    def _find_head(self) -> None:
        """Behind blank lines, and the line that tells Excel what separates."""
        self._before = self._blank = 0  # lines before the head; of them, those that Excel counts
        said = None
        text = self._text()
        while line := text.readline(limits.HEAD_CHARACTERS):
            if "\x00" in line:
                raise ImportFileError(
                    "The file holds no text in UTF-8, UTF-16 or Windows letters.",
                    "Save it as CSV in UTF-8.",
                )
            if said is None and (found := _SAID.fullmatch(line)):
                said = found[1]
            elif line.strip():
                break
            else:
                self._blank += 1
            self._before += 1
            if self._before > limits.ROWS:
                raise limits.too_many_rows()
        rest = text.read(limits.HEAD_CHARACTERS) if line.count('"') % 2 else ""
        self._delimiter = said or _delimiter(line + rest)

    def _records(self) -> _Record:
        """From the head on."""
        text = self._text()
        for _ in range(self._before):
            text.readline(limits.HEAD_CHARACTERS)
        return _Record(text)

    def _text(self) -> io.TextIOWrapper:
        self.file.seek(0)
        text = io.TextIOWrapper(
            self.file, encoding=self._encoding, errors="surrogateescape", newline=""
        )
        self._texts.append(text)  # one that is forgotten closes the file
        return text


def _delimiter(text: str) -> str:
    """What parts the head at the beginning of a text; what stands in quotes does not count."""
    head = _first_line(_QUOTED.sub("", text))
    if not any(map(head.count, _DELIMITERS)):
        head = _first_line(text)
    return max(_DELIMITERS, key=head.count)


def _first_line(text: str) -> str:
    return _LINE_END.split(text, maxsplit=1)[0]


class _Record:
    """The lines of a file, those of the row in hand remembered."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines = lines
        self._record: list[str] = []
        self._size = 0
        self._number = 1

    def __iter__(self) -> _Record:
        return self

    def __next__(self) -> str:
        line = self._lines.readline(limits.LINE_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self._record.append(line)
        self._size += len(line)
        if self._size > limits.LINE_CHARACTERS:
            raise limits.too_long_line(self._number)
        return line

    def clear(self) -> None:
        """The row is read."""
        self._record.clear()
        self._size = 0
        self._number += 1

    def is_broken(self, delimiter: str) -> bool:
        """Whether a quote runs on into lines that are rows of their own; csv itself takes it so."""
        record = self._record
        if len(record) == 1 and record[0].count('"') % 2 == 0:
            return False
        try:
            for _ in csv.reader(record, delimiter=delimiter, strict=True):
                pass
        except csv.Error:
            return True
        return False


def _encoding(file: BinaryIO) -> str:
    file.seek(0)
    sample = file.read(_SAMPLE)
    if sample.startswith(_NO_TEXT):
        raise ImportFileError("The file holds no text, whatever its name says.")
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        # One bad row must not turn every accent of a UTF-8 file into two letters.
        good = sample.decode("utf-8", "ignore").encode()
        return "utf-8-sig" if len(good) > 0.99 * len(sample) and not good.isascii() else "cp1252"
    return "utf-8-sig"
