"""Personas as an Excel workbook; how it is laid out stands in workbook.py."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from services.errors import InvalidInputError
from services.exports.options import TIMES, Column
from services.exports.sources import Chunk, Source
from services.exports.workbook import MAX_COLUMNS, Workbook

csv.field_size_limit(2**31 - 1)  # a text may be longer than Python's 128 KB


def excel_file(source: Source, columns: Sequence[Column]) -> Iterator[Chunk]:
    """The workbook in pieces. Raises InvalidInputError if it would have too many columns."""
    if len(columns) > MAX_COLUMNS:
        raise InvalidInputError(
            f"Excel takes {MAX_COLUMNS:,} columns; these personas have {len(columns):,}.",
            "Choose the persona as JSON in one column, or another format.",
        )
    workbook = Workbook([column.head for column in columns], times=TIMES)
    try:
        for chunk in source.csv(columns, inert=False):
            workbook.write(csv.reader(io.StringIO(chunk.data.decode(), newline="")))
            yield Chunk(workbook.taken(), chunk.rows)
        workbook.finish()
        yield Chunk(workbook.taken(), 0)
    finally:
        workbook.close()
