"""CSV with a head."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from services.errors import ImportFileError
from services.exports.cells import restored
from services.importing import limits
from services.importing.readers.table import Row, Table, distinct

_SAMPLE = 1024 * 1024
_DELIMITERS = ",;\t|"
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
        record = _Record(self._text())
        reader = csv.reader(record, delimiter=self._delimiter)
        next(reader, None)
        record.clear()
        for number, cells in enumerate(reader, start=2):
            if number > limits.ROWS:
                raise limits.too_many_rows()
            broken = record.is_broken(self._delimiter)
            record.clear()
            if broken:
                yield Row(number, fault=_UNCLOSED)
            elif len(cells) > len(self.columns):
                yield Row(number, fault="It has more cells than the head.")
            elif any(cells):
                yield Row(number, dict(zip(self.columns, cells, strict=False)))

    def _heads(self) -> list[str]:
        first = self._text().readline(limits.HEAD_CHARACTERS)
        if "\x00" in first:
            raise ImportFileError(
                "The file holds no text in UTF-8, UTF-16 or Windows letters.",
                "Save it as CSV in UTF-8.",
            )
        self._delimiter = max(_DELIMITERS, key=first.count)
        heads = next(csv.reader(_Record(self._text()), delimiter=self._delimiter), [])
        return distinct([restored(head) for head in heads])

    def _text(self) -> io.TextIOWrapper:
        self.file.seek(0)
        text = io.TextIOWrapper(
            self.file, encoding=self._encoding, errors="surrogateescape", newline=""
        )
        self._texts.append(text)  # one that is forgotten closes the file
        return text


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
