"""CSV: as services/exports/cells.py describes it, and JSON Lines: one persona a line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from services.exports.cells import inert_inside
from services.exports.options import EVIDENCE, Column, Quoting, Separator
from services.exports.sources import Chunk, Source

BOM = "\ufeff"  # tells spreadsheets that the file is UTF-8
_MAY_BE_FORMULA = re.compile(r"""[\s,;|"]\u2060*+[=+\-@＝＋－＠]""")
csv.field_size_limit(2**31 - 1)


def csv_file(
    source: Source,
    columns: Sequence[Column],
    separator: Separator = ",",
    quoting: Quoting = "needed",
) -> Iterator[Chunk]:
    """The file in pieces, head first. Opened with any separator, no cell of it is a formula.

    Readers take an empty line for no row: an empty cell that stands alone is quoted.
    """

    def written(rows: Iterable[Sequence[str]]) -> bytes:
        buffer = io.StringIO()
        writer = csv.writer(
            buffer,
            delimiter=separator,
            quoting=csv.QUOTE_ALL if quoting == "all" else csv.QUOTE_MINIMAL,
            lineterminator="\r\n",
        )
        writer.writerows(rows)
        return buffer.getvalue().encode()

    yield Chunk(BOM.encode() + written([[inert_inside(column.head) for column in columns]]), 0)
    texts = [
        column.path is None and column.head not in ("persona", *EVIDENCE) for column in columns
    ]
    as_given = (separator, quoting) == (",", "needed") and len(columns) > 1
    for chunk in source.csv(columns, inert=True):
        text = chunk.data.decode()
        if as_given and not _MAY_BE_FORMULA.search(text):
            yield chunk
        else:
            yield Chunk(written(_inert_rows(text, texts)), chunk.rows)


def _inert_rows(text: str, texts: Sequence[bool]) -> Iterator[list[str]]:
    """The rows of a file parted by commas; `texts` says which columns never hold JSON."""
    for row in csv.reader(io.StringIO(text, newline="")):
        yield [
            inert_inside(cell, is_text=one) for cell, one in zip(row or [""], texts, strict=True)
        ]


def json_lines_file(source: Source, columns: Sequence[Column]) -> Iterator[Chunk]:
    """The file in pieces."""
    yield from source.objects(columns)
