"""A small table as a CSV to download, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from services.exports.cells import FORMULA, inert_inside


def csv_file(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The file, in UTF-8 with its mark."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = inert_inside(value, is_text=True)
    return f"'{text}" if FORMULA.match(text) else text
