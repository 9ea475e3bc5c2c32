"""The numbered SQL files of migrations/, and what a database knows of each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from services.database.direct import connect_to_database
from services.errors import MigrationError
from services.settings import PROJECT_ROOT

MIGRATIONS = PROJECT_ROOT / "migrations"
FILE_NAME = re.compile(r"(\d{3})_[a-z0-9_]+\.sql")
# An applied file that had to change later, once (migration 014 brings both to the same schema).
SUPERSEDED = {
    "001_create_personas_table.sql": {
        "fddbf9f8204ba4f73e9a1f0d45ab74ff69a3e723d8e84006346ee46c2eafdc7c",
    }
}
RECORDS = """
create schema if not exists persona_dashboard;
create table if not exists persona_dashboard.schema_migrations (
  name       text primary key,
  checksum   text not null,
  applied_at timestamptz not null default clock_timestamp()
);
"""


@dataclass(frozen=True)
class MigrationStatus:
    """One migration: when it was applied (None: not yet), and whether its file changed since."""

    name: str
    applied_at: datetime | None
    edited: bool


@dataclass(frozen=True)
class Migration:
    """One file, as it is now."""

    name: str
    sql: bytes

    @property
    def checksum(self) -> str:
        unix = self.sql.replace(b"\r\n", b"\n")  # git may change line ends on the way
        return hashlib.sha256(unix).hexdigest()


def migration_status(db_url: str, folder: Path = MIGRATIONS) -> list[MigrationStatus]:
    """Every migration file in order, and what the database knows of it. Changes nothing."""
    migrations = read_migrations(folder)
    with connect_to_database(db_url) as connection:
        records = records_in(connection)
    return [status_of(migration, records) for migration in migrations]


def read_migrations(folder: Path) -> list[Migration]:
    """The files in order. Raises MigrationError if one is not named by its number."""
    files = sorted(folder.glob("*.sql"))
    for number, path in enumerate(files, start=1):
        match = FILE_NAME.fullmatch(path.name)
        if match is None or int(match[1]) != number:
            raise MigrationError(
                f"migrations/{path.name} is out of order: number {number:03} is expected here.",
                "Files are called 001_what_it_does.sql and so on, each number once and none left "
                "out. Rename it.",
            )
    return [Migration(path.name, path.read_bytes()) for path in files]


def records_in(connection: psycopg.Connection) -> dict[str, tuple[str, datetime]]:
    """Checksum and time of what was applied, by name."""
    known = connection.execute("select to_regclass('persona_dashboard.schema_migrations')")
    if known.fetchone() == (None,):
        return {}
    rows = connection.execute(
        "select name, checksum, applied_at from persona_dashboard.schema_migrations"
    )
    return {name: (checksum, applied_at) for name, checksum, applied_at in rows}


def status_of(migration: Migration, records: dict[str, tuple[str, datetime]]) -> MigrationStatus:
    """What the records tell of a file."""
    checksum, applied_at = records.get(migration.name, (migration.checksum, None))
    accepted = {migration.checksum, *SUPERSEDED.get(migration.name, ())}
    return MigrationStatus(migration.name, applied_at, checksum not in accepted)
