"""Reads from PostgreSQL itself, in one snapshot, by COPY: for exports of any size.

The API serves pages; only a connection to the database can read a million rows as they were at one
moment. Without a database URL there is none: services/exports/sources.py reads pages then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from services.database.client import get_local_supabase
from services.database.contract import EXPOSED
from services.database.direct import open_connection
from services.database.faults import fault_for
from services.errors import DatabaseUnreachableError
from services.settings import Settings

CONNECT_SECONDS = 10
_CHUNK_BYTES = 1024 * 1024  # each is handed from a thread to the server: not too many of them
_BINARY_ROW = 6  # bytes before the value: number of fields (2), its length (4)
_BINARY_HEAD = 19  # signature, flags, length of the extension
# https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY-FORMAT


def database_url(settings: Settings) -> str | None:
    """The libpq URL of the database, None if only its API is known."""
    if settings.uses_local_supabase:
        return get_local_supabase().db_url
    return settings.supabase_db_url.get_secret_value() if settings.supabase_db_url else None


class Snapshot:
    """The database as it is at the first read, whatever is written meanwhile. Close it."""

    def __init__(self, db_url: str) -> None:
        """Raises DatabaseUnreachableError."""
        try:
            self._connection = open_connection(db_url, CONNECT_SECONDS)
        except (psycopg.Error, UnicodeError, ValueError) as error:
            raise DatabaseUnreachableError(
                "The database of SUPABASE_DB_URL cannot be reached."
            ) from error
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self._connection.read_only = True
        self._run("set local statement_timeout = 0")  # a million rows take longer than a page
        self._run("set local plan_cache_mode = 'force_custom_plan'")

    def call(self, function: str, *arguments: str | bool | None, schema: str = EXPOSED) -> Any:
        """What a function returns."""
        marks = sql.SQL(", ").join(sql.Placeholder() * len(arguments))
        statement = sql.SQL("select {}({})").format(sql.Identifier(schema, function), marks)
        row = self._run(statement, arguments).fetchone()
        return row[0] if row else None

    def csv_rows(self, statement: str) -> Iterator[list[bytes]]:
        """Rows of the statement as CSV without their line ends, some at a time."""
        yield from self._copied(statement, "csv", cut_end=1)

    def texts(self, statement: str) -> Iterator[list[bytes]]:
        """The one text column of the statement in UTF-8, some rows at a time."""
        for rows in self._copied(statement, "binary"):
            if rows[0].startswith(b"PGCOPY\n"):
                rows[0] = rows[0][_BINARY_HEAD:]
            yield [row[_BINARY_ROW:] for row in rows if len(row) >= _BINARY_ROW]

    def close(self) -> None:
        """End the snapshot. A COPY in the middle is cancelled."""
        self._connection.close()

    def _copied(self, statement: str, form: str, cut_end: int = 0) -> Iterator[list[bytes]]:
        command = f"copy ({statement}) to stdout (format {form}, encoding 'UTF8')"
        rows: list[bytes] = []
        size = 0
        with translated_psycopg(), self._connection.cursor().copy(command.encode()) as copy:
            for data in copy:  # one message a row
                rows.append(bytes(data[: len(data) - cut_end]))
                size += len(data)
                if size >= _CHUNK_BYTES:
                    yield rows
                    rows, size = [], 0
        if rows:
            yield rows

    def _run(
        self, statement: str | sql.Composed, arguments: tuple[str | bool | None, ...] = ()
    ) -> psycopg.Cursor[Any]:
        query = statement.encode() if isinstance(statement, str) else statement
        with translated_psycopg():
            return self._connection.execute(query, arguments or None)


def as_json(value: object) -> str:
    """An argument for a function that takes JSON."""
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def translated_psycopg() -> Iterator[None]:
    """Turn faults of the driver into the classes of services.errors; their messages stay behind."""
    try:
        yield
    except psycopg.Error as error:
        if isinstance(error, psycopg.OperationalError) and not error.sqlstate:
            raise DatabaseUnreachableError from error
        raise fault_for(error.sqlstate or "") from error
