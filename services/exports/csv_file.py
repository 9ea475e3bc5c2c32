"""CSV: as services/personas/export.py describes it, and JSON Lines: one persona a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from services.exports.options import Column
from services.exports.sources import Chunk, Source

BOM = "\ufeff"  # tells spreadsheets that the file is UTF-8


def csv_file(source: Source, columns: Sequence[Column]) -> Iterator[Chunk]:
    """The file in pieces, head first."""
    yield Chunk(BOM.encode() + csv_head(columns), 0)
    yield from source.csv(columns, inert=True)


def csv_head(columns: Sequence[Column]) -> bytes:
    """The first line."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(column.head for column in columns)
    return buffer.getvalue().encode()


def json_lines_file(source: Source, columns: Sequence[Column]) -> Iterator[Chunk]:
    """The file in pieces."""
    yield from source.objects(columns)
