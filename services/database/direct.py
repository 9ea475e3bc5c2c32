"""A connection to PostgreSQL itself, past the API: for migrations, the check and exports."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.errors import MigrationConnectionError
from services.setting_values import is_near

CONNECT_SECONDS = 15
URL = re.compile(
    r"postgres(ql)?://"
    r"(?:(?:[^\s@/?#%]|%[0-9a-fA-F]{2})*@)?"  # user and password
    r"(?:[\w.-]*|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?"  # host and port
    r"(?:/[^\s@/?#]*)?(?:\?[^\s@#]*)?"  # database and options
)


def open_connection(db_url: str, timeout_seconds: int) -> psycopg.Connection:
    """Connect, encrypted unless the server is near or the URL says otherwise (sslmode).

    Raises psycopg.Error; UnicodeError or ValueError for a URL that makes no sense.
    """
    return psycopg.connect(
        encrypted(db_url),
        connect_timeout=timeout_seconds,
        prepare_threshold=None,  # poolers share sessions between clients
    )


def encrypted(db_url: str) -> str:
    """The URL, with encryption required unless it says otherwise or the server is near.

    libpq alone would go on in clear text if the server, or who sits in between, has no TLS.
    Raises psycopg.ProgrammingError for a URL that makes no sense.
    """
    given = conninfo_to_dict(db_url)
    hosts = str(given.get("hostaddr") or given.get("host") or "").split(",")
    if "sslmode" in given or "PGSSLMODE" in os.environ or all(_is_local(host) for host in hosts):
        return db_url
    return make_conninfo(db_url, sslmode="require")


@contextmanager
def connect_to_database(db_url: str) -> Iterator[psycopg.Connection]:
    """A connection in one transaction. Raises MigrationConnectionError, without the password."""
    _refuse_unreadable(db_url)
    try:
        connection = open_connection(db_url, CONNECT_SECONDS)
    except (psycopg.Error, UnicodeError, ValueError) as error:
        raise MigrationConnectionError(
            f"The database cannot be reached: {_without_password(first_line(error), db_url)}."
        ) from None
    try:
        with connection:
            yield connection
    except psycopg.OperationalError as error:
        raise MigrationConnectionError(
            f"The connection to the database broke: {first_line(error)}."
        ) from None


def _refuse_unreadable(db_url: str) -> None:
    """Stricter than the driver, whose messages would repeat the wrong part: often the password."""
    if not db_url.startswith(("postgres://", "postgresql://")):
        raise MigrationConnectionError(
            "The database URL is not one.", "It looks like postgresql://user:password@host:5432/db."
        )
    if not URL.fullmatch(db_url):
        raise MigrationConnectionError(
            "The database URL cannot be read.",
            "Write special characters of the password percent-encoded (@ is %40, / is %2F).",
        )


def first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def _without_password(text: str, db_url: str) -> str:
    password = urlsplit(db_url).password or ""
    for form in {password, unquote(password)} - {""}:
        text = text.replace(form, "***")
    return text


def _is_local(host: str) -> bool:
    return not host or host.startswith(("/", "@")) or is_near(host)  # "", / and @: a Unix socket
