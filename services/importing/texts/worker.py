"""What reads one archive or table of texts in the sandbox.

It gets its request as JSON on stdin: {"file": number of the open file, "name", "wanted": "archive"
or "table", "columns": {"text", "label", "about"}}. It answers in frames (frames.py):

{"row", "name", "fault" or null}                        a file of an archive; beside it its content
{"row": last, "texts": [[number, label, about, length] …], "problems": [[number, reason] …]}
                                                        rows of a table; beside it their texts
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from services.errors import InvalidInputError
from services.importing.checking import cell_text
from services.importing.readers.table import Row
from services.importing.reading import Table, open_table
from services.importing.texts.archive import entries
from services.importing.texts.columns import TextColumns
from services.importing.worker import begin_stall, open_given, serve
from services.personas.models import check_raw_text

_BATCH_ROWS = 200
_BATCH_BYTES = 1 << 20
_LABEL_CHARACTERS = 200


def _answer(request: dict[str, Any], tell: Callable[..., None]) -> None:
    file = open_given(request["file"])
    if request["wanted"] == "archive":
        for number, entry in enumerate(entries(file), start=1):
            tell({"row": number, "name": entry.name, "why": entry.fault}, [entry.content])
            begin_stall()
        return
    table = open_table(file, request["name"])
    for frame, pieces in _frames(table, TextColumns(**request["columns"])):
        tell(frame, pieces)
        begin_stall()


def _frames(table: Table, columns: TextColumns) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    texts: list[tuple[int, str, str, int]] = []
    problems: list[tuple[int, str]] = []
    pieces: list[bytes] = []
    size = number = 0
    for row in table.rows():
        number = row.number
        try:
            text, label, about = _text_of(row, columns, table.inert)
            pieces.append(text)
            texts.append((number, label, about, len(text)))
            size += len(text)
        except InvalidInputError as error:
            problems.append((number, error.problem))
        if len(texts) + len(problems) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield {"row": number, "texts": texts, "problems": problems}, pieces
            texts, problems, pieces, size = [], [], [], 0
    yield {"row": number, "texts": texts, "problems": problems}, pieces


def _text_of(row: Row, columns: TextColumns, inert: bool) -> tuple[bytes, str, str]:
    """Text (UTF-8), label and whom it is about. Raises InvalidInputError."""
    if row.fault is not None:
        raise InvalidInputError(row.fault)

    def cell(head: str) -> str:
        value = row.cells.get(head) if head else None
        return "" if value is None else cell_text(value, inert)

    def line(head: str) -> str:
        return " ".join(cell(head).split())[:_LABEL_CHARACTERS]

    return check_raw_text(cell(columns.text)).encode(), line(columns.label), line(columns.about)


if __name__ == "__main__":
    serve(_answer)
