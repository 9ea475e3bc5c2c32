"""Where the rows of an export come from.

SnapshotSource  one REPEATABLE READ transaction of the database, by COPY: the file holds the
                personas as they were at one moment, however long the export takes.
ApiSource       pages through the API, where no database URL is set. Each page is a moment of its
                own. What is guaranteed: no persona appears twice; every persona that existed before
                the export began and still exists at its end is in the file; none that was created
                later is. What is not: a persona edited meanwhile may appear as before or after
                (a field that nobody had before gets no column), and the filter is applied at the
                moment its page is read.

Both have the same cells, because the same SQL (migration 012) makes them.
"""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from services.database.contract import PRIVATE
from services.database.functions import call_function
from services.database.snapshot import Snapshot, as_json, database_url
from services.errors import DatabaseError, DatabaseTimeoutError, DatabaseUnreachableError
from services.exports.options import Column, ExportOptions
from services.settings import get_settings

log = logging.getLogger(__name__)

ROW_END = b"\r\n"
PAGE_ROWS = 2000
PAGE_BYTES = 4 * 1024 * 1024  # a page ends with the row that reaches them
SURVEYED_ROWS = 20_000  # counted and searched for paths in one request
_MOST_COLUMNS = 1600  # https://www.postgresql.org/docs/current/limits.html, less a few of our own


@dataclass(frozen=True)
class Chunk:
    """Whole rows of a file: their bytes, and how many they are."""

    data: bytes
    rows: int


@dataclass(frozen=True)
class Start:
    """What is known before the first row."""

    rows: int
    stored: list[str]  # the columns the database has
    paths: list[list[str]]  # those of the personas, if they were asked for


class Source(Protocol):
    """Rows of one query. Every call of one source sees the same rows."""

    method: Literal["snapshot", "pages"]

    def start(self, with_paths: bool) -> Start:
        """Count the rows; look for the paths of the personas if asked."""

    def csv(self, columns: Sequence[Column], *, inert: bool) -> Iterator[Chunk]:
        """Rows as CSV; an empty line is a row whose only cell is null. `inert`: cells that a
        spreadsheet would run get an apostrophe in front."""

    def objects(self, columns: Sequence[Column]) -> Iterator[Chunk]:
        """Rows as JSON Lines."""

    def close(self) -> None:
        """Let go of what the source holds."""


def open_source(options: ExportOptions) -> Source:
    """The best source there is for these personas."""
    request = as_json(options.to_request())
    db_url = database_url(get_settings())
    if db_url is not None:
        try:
            return SnapshotSource(Snapshot(db_url), request)
        except DatabaseUnreachableError:
            log.warning("SUPABASE_DB_URL cannot be reached; exporting pages through the API.")
    return ApiSource(request)


class SnapshotSource:
    """Rows of a snapshot, by COPY."""

    method: Literal["snapshot", "pages"] = "snapshot"

    def __init__(self, snapshot: Snapshot, request: str) -> None:
        self._snapshot = snapshot
        self._request = request

    def start(self, with_paths: bool) -> Start:
        answer = self._snapshot.call("persona_export_start", self._request, with_paths, None)
        values = json.loads(answer)
        return Start(values["rows"], values["columns"], values["paths"] or [])

    def csv(self, columns: Sequence[Column], *, inert: bool) -> Iterator[Chunk]:
        shape = "sheet" if inert else "cells"
        if len(columns) > _MOST_COLUMNS:
            lines = self._snapshot.texts(self._statement(columns, f"{shape} array"))
            yield from (_csv_chunk(json.loads(line) for line in some) for some in lines)
            return
        for rows in self._snapshot.csv_rows(self._statement(columns, shape)):
            yield Chunk(ROW_END.join(rows) + ROW_END, len(rows))

    def objects(self, columns: Sequence[Column]) -> Iterator[Chunk]:
        for lines in self._snapshot.texts(self._statement(columns, "object")):
            yield Chunk(b"\n".join(lines) + b"\n", len(lines))

    def close(self) -> None:
        self._snapshot.close()

    def _statement(self, columns: Sequence[Column], shape: str) -> str:
        given = as_json([column.request() for column in columns])
        arguments = (given, shape, self._request, None)
        return str(self._snapshot.call("persona_export_statement", *arguments, schema=PRIVATE))


class ApiSource:
    """Rows page by page through the API, bounded by the moment the export began."""

    method: Literal["snapshot", "pages"] = "pages"

    def __init__(self, request: str) -> None:
        self._request = request
        self._until = ""

    def start(self, with_paths: bool) -> Start:
        arguments = {"request": self._request, "with_paths": with_paths}
        asked: dict[str, Any] = {"size": SURVEYED_ROWS}
        rows, paths = 0, set[tuple[str, ...]]()
        while True:
            page = _page("persona_export_start", arguments, asked)
            rows += page["rows"]
            paths.update(tuple(path) for path in page["paths"] or ())
            self._until = page["until"]
            if page["rows"] < asked["size"]:
                return Start(rows, page["columns"], [list(path) for path in paths])
            asked |= {"until": page["until"], "place": page["place"]}

    def csv(self, columns: Sequence[Column], *, inert: bool) -> Iterator[Chunk]:
        for lines in self._pages(columns, "sheet array" if inert else "cell array"):
            yield _csv_chunk(lines)

    def objects(self, columns: Sequence[Column]) -> Iterator[Chunk]:
        for lines in self._pages(columns, "object"):
            yield Chunk(("\n".join(lines) + "\n").encode(), len(lines))

    def close(self) -> None:
        """Nothing is held."""

    def _pages(self, columns: Sequence[Column], shape: str) -> Iterator[list[Any]]:
        return _one_ahead(self._one_by_one(columns, shape))

    def _one_by_one(self, columns: Sequence[Column], shape: str) -> Iterator[list[Any]]:
        given = as_json([column.request() for column in columns])
        arguments = {"columns": given, "shape": shape, "request": self._request}
        asked: dict[str, Any] = {"until": self._until, "size": PAGE_ROWS, "bytes": PAGE_BYTES}
        while (page := _page("persona_export_page", arguments, asked))["lines"]:
            yield page["lines"]
            asked["place"] = page["place"]


def _one_ahead(pages: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The same pages; the database makes one while the one before it is written."""

    def one() -> list[Any] | None:
        return next(pages, None)

    with ThreadPoolExecutor(1, "export-pages") as pool:  # in the name of who acts
        coming = pool.submit(copy_context().run, one)
        while (page := coming.result()) is not None:
            coming = pool.submit(copy_context().run, one)
            yield page


def _page(function: str, arguments: dict[str, Any], asked: dict[str, Any]) -> Any:
    """One page; from a database that is too slow for it, a smaller one from then on."""
    while True:
        try:
            return _call(function, {**arguments, "page": as_json(asked)})
        except DatabaseTimeoutError:
            if asked["size"] == 1:
                raise
            asked["size"] = max(1, asked["size"] // 4)


def _call(function: str, arguments: dict[str, Any]) -> Any:
    data = call_function(function, arguments)
    if not isinstance(data, str) or not data.startswith("{"):
        raise DatabaseError
    return json.loads(data)


def _csv_chunk(rows: Iterable[Sequence[str | None]]) -> Chunk:
    """As COPY writes them: a row of one cell that is null is an empty line."""
    buffer = io.StringIO()
    listed = [() if len(row) == 1 and row[0] is None else row for row in rows]
    csv.writer(buffer, lineterminator="\r\n").writerows(listed)
    return Chunk(buffer.getvalue().encode(), len(listed))
