"""A connection to PostgreSQL itself, past the API: for migrations and exports."""

from __future__ import annotations

import os

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.settings import is_near


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


def _is_local(host: str) -> bool:
    return not host or host.startswith(("/", "@")) or is_near(host)  # "", / and @: a Unix socket
