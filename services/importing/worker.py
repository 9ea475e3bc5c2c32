"""What reads one file for import in the sandbox, and checks its rows. See frames.py for its answer.

It gets its request as JSON on stdin: {"file": number of the open file, "name", "wanted": "preview",
"check", "save" or "compare", "mapping"}. A check tells of the rows; to save or compare them, their
JSON comes along.
"""

from __future__ import annotations

import errno
import gc
import io
import json
import os
import reprlib
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, BinaryIO, cast

from services.errors import ImportFileError
from services.importing.frames import write_frame
from services.importing.limits import STALL_SECONDS
from services.importing.mapping import Mapping
from services.importing.readers.table import MORE_CELLS, Row, unnamed
from services.importing.reading import Table, open_table
from services.importing.rows import Problem, Wanted

_BATCH_ROWS = 500
_BATCH_BYTES = 1 << 20
_SHOWN_ROWS = 3
_BUFFER = 1 << 18
_REASON_CHARACTERS = 500
_UNKNOWN = {
    "problem": "This file holds something that the import cannot read.",
    "advice": "Save it again as CSV or JSON Lines, or split it to find the row.",
}


class OwnPlace(io.RawIOBase):
    """An open file, read from a place of its own: others read it through the same number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        place = (0, self._place, os.fstat(self._number).st_size)[whence] + offset
        if place < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._place = place
        return place

    def readinto(self, buffer: Any) -> int:
        length = os.preadv(self._number, [buffer], self._place)
        self._place += length
        return length


def _answer(request: dict[str, Any], tell: Callable[..., None]) -> None:
    table = open_table(open_given(request["file"]), request["name"])
    if request["wanted"] == "preview":
        tell(_preview(table))
        return
    for head, pieces in _batches(table, request["mapping"], request["wanted"]):
        tell(head, pieces)
        begin_stall()


def _batches(
    table: Table, mapping: Mapping, wanted: Wanted
) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    """Frames of checked rows."""
    from services.importing.checking import ready_rows  # a preview does without

    good: list[tuple[int, str | None, str, int]] = []
    problems: list[tuple[int, str]] = []
    pieces: list[bytes] = []
    size = 0
    for row in ready_rows(table, mapping, wanted):
        if isinstance(row, Problem):
            problems.append((row.number, row.reason[:_REASON_CHARACTERS]))
        else:
            good.append((row.number, row.id, row.md5, len(row.json)))
            size += len(row.json)
            pieces.append(row.json)
        if len(good) + len(problems) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield {"row": row.number, "good": good, "problems": problems}, pieces
            good, problems, pieces, size = [], [], [], 0
    yield {"good": good, "problems": problems}, pieces


def _preview(table: Table) -> dict[str, Any]:
    rows = list(islice(table.rows(), _SHOWN_ROWS))
    return {
        "columns": table.columns,
        "samples": _samples(rows),
        "narrow": _is_narrow(table.columns, rows),
        "sheets": table.sheets,
        "unread": table.unread,
    }


def _is_narrow(columns: Sequence[str], rows: Sequence[Row]) -> bool:
    """Whether none of the rows fits under the head, or their cells stand beside the only name in
    it: then it is perhaps a title above the head."""
    without = {head for number, head in enumerate(columns, 1) if head == unnamed(number)}
    if any(row.fault == MORE_CELLS for row in rows):
        return all(row.fault == MORE_CELLS for row in rows)
    only_first = columns[0] not in without and len(without) == len(columns) - 1
    return only_first and any(row.cells.get(head) for row in rows for head in without)


def _samples(rows: Sequence[Row]) -> dict[str, str]:
    """The first values of each column, shortened."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for head, value in row.cells.items():
            shown = reprlib.repr(value) if isinstance(value, list | dict) else str(value)
            found.setdefault(head, []).append(" ".join(shown[:200].split())[:60])
    return {head: " · ".join(values) for head, values in found.items()}


def open_given(number: int) -> BinaryIO:
    """The file that came along under this number."""
    return cast(BinaryIO, io.BufferedReader(OwnPlace(number), _BUFFER))


def begin_stall() -> None:
    """The process ends by SIGPROF if it computes so long before the next rows."""
    signal.setitimer(signal.ITIMER_PROF, STALL_SECONDS)


def serve(answer: Callable[[dict[str, Any], Callable[..., None]], None]) -> None:
    """Answer the request on stdin and end."""
    begin_stall()
    gc.set_threshold(100_000, 50, 100)  # rows of millions of lists are no garbage
    with os.fdopen(os.dup(1), "wb") as out, suppress(BrokenPipeError):
        os.dup2(2, 1)  # what a library prints is no frame
        try:
            answer(json.load(sys.stdin), lambda *frame: write_frame(out, *frame))
        except ImportFileError as error:
            write_frame(out, {"fault": {"problem": error.problem, "advice": error.advice}})
        except MemoryError:
            write_frame(out, {"limit": "memory"})
        except Exception:  # a row that nobody thought of
            write_frame(out, {"fault": _UNKNOWN})
        write_frame(out, {"end": True})


if __name__ == "__main__":
    serve(_answer)
