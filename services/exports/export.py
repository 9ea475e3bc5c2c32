"""One export: its rows counted, its bytes hashed, how far it is, and its manifest."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from services.access.audit import note_export
from services.errors import DashboardError, DatabaseError
from services.exports.csv_file import csv_file, json_lines_file
from services.exports.excel import excel_file
from services.exports.options import Column, ExportOptions, Format
from services.exports.parquet import parquet_file
from services.exports.sources import Chunk, Source, open_source
from services.personas.finding.conditions import Days

Writer = Callable[[Source, Sequence[Column]], Iterator[Chunk]]
State = Literal["ready", "counting", "sending", "complete", "broken"]

MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_WRITERS: dict[Format, Writer] = {
    "jsonl": json_lines_file,
    "xlsx": excel_file,
    "parquet": parquet_file,
}
_KEPT = 200  # exports whose progress and manifest can be asked for


def _writer(options: ExportOptions) -> Writer:
    if options.format == "csv":
        return partial(csv_file, separator=options.separator, quoting=options.quoting)
    return _WRITERS[options.format]


@dataclass
class Progress:
    """How far an export is. `sha256` is known when it is complete, `rows` once they are counted."""

    state: State = "ready"
    rows: int = 0
    sent: int = 0
    bytes: int = 0
    sha256: str = ""
    method: str = ""
    columns: tuple[str, ...] = ()
    fault: DashboardError | None = None
    started_at: datetime | None = None
    seconds: float = 0.0
    options: ExportOptions = field(default_factory=ExportOptions)

    def manifest(self) -> dict[str, Any]:
        """What a reader needs to check the file. A short file has state `broken` or `sending`."""
        return {
            "state": self.state,
            "rows": self.rows,
            "rows_sent": self.sent,
            "bytes": self.bytes,
            "sha256": self.sha256 or None,
            "format": self.options.format,
            "columns": list(self.columns),
            "filter": self.options.to_request(),
            "exported_at": self.started_at.isoformat() if self.started_at else None,
            "read_as": self.method,
        }


def recorded(progress: Progress) -> dict[str, Any]:
    """What the audit keeps of an export: names and numbers, no words or values looked for."""
    query = progress.options.query
    asked: dict[str, Any] = {
        "words": bool(query.text),
        "fields": sorted({f"{one.kind} {one.path[:60]}" for one in query.conditions}),
        "statuses": list(query.statuses),
        "engines": list(query.engines),
        "created": query.created != Days(),
        "updated": query.updated != Days(),
        "coverage": query.coverage,
        "chosen": len(progress.options.ids),
    }
    return {
        "format": progress.options.format,
        "rows": progress.rows,
        "columns": len(progress.columns),
        "filter": {name: value for name, value in asked.items() if value},
    }


class Export:
    """An export that is running. `begin` first, then the bytes of `pieces`, then `close`."""

    def __init__(self, progress: Progress) -> None:
        self._options = progress.options
        self.progress = progress
        self._source: Source | None = None
        self._columns: list[Column] = []

    def begin(self) -> None:
        """Fix the rows and the columns. Raises DatabaseError, InvalidInputError."""
        progress = self.progress
        progress.state, progress.started_at = "counting", datetime.now(UTC)
        try:
            self._source = open_source(self._options)
            start = self._source.start(self._options.needs_paths)
            self._columns = self._options.plan(start.stored, start.paths)
        except DashboardError as error:
            self._break(error)
            raise
        progress.rows, progress.method = start.rows, self._source.method
        progress.columns = tuple(column.head for column in self._columns)
        try:
            note_export(recorded(progress))
        except DashboardError as error:  # what is not recorded is not exported
            self._break(error)
            raise

    @property
    def file_name(self) -> str:
        """With the number of rows, so that a short file gives itself away."""
        at = self.progress.started_at or datetime.now(UTC)
        return f"personas-{self.progress.rows}-rows-{at:%Y%m%d-%H%M%S}.{self._options.format}"

    def pieces(self) -> Generator[bytes, None, None]:
        """The file. Raises what stopped it; only a complete file ends without."""
        if self._source is None:
            return
        digest = hashlib.sha256()
        began = time.monotonic()
        self.progress.state = "sending"
        try:
            for chunk in _writer(self._options)(self._source, self._columns):
                digest.update(chunk.data)
                self.progress.sent += chunk.rows
                self.progress.bytes += len(chunk.data)
                self.progress.seconds = time.monotonic() - began
                if chunk.data:
                    yield chunk.data
            self._check_rows()
        except DashboardError as error:
            self._break(error)
            raise
        self.progress.sha256 = digest.hexdigest()
        self.progress.state = "complete"

    def close(self) -> None:
        """Let go of the source; an export that is not complete is broken."""
        if self._source is not None:
            self._source.close()
        if self.progress.state != "complete":
            self.progress.state = "broken"

    def _check_rows(self) -> None:
        """A snapshot cannot lose rows. Pages can: personas that were deleted meanwhile."""
        progress = self.progress
        if progress.method == "snapshot" and progress.sent != progress.rows:
            raise DatabaseError("The database gave fewer rows than it counted.", "Export again.")

    def _break(self, error: DashboardError) -> None:
        self.progress.state, self.progress.fault = "broken", error


class Exports:
    """The exports of this process, by their id: what dialogs ask for progress and manifest."""

    def __init__(self) -> None:
        self._progress: OrderedDict[str, Progress] = OrderedDict()
        self._lock = threading.Lock()

    def progress(self, export_id: str) -> Progress:
        """The progress of an export; of one that nobody began, an empty one."""
        return self._progress.get(export_id) or Progress()

    def begin(self, export_id: str, options: ExportOptions) -> Export:
        """A new export under this id; a link that is clicked twice begins anew."""
        with self._lock:
            progress = self._progress[export_id] = Progress(options=options)
            while len(self._progress) > _KEPT:
                self._progress.popitem(last=False)
        return Export(progress)
