"""Exports and imports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO
from uuid import UUID

from services.access.needs import needs
from services.access.roles import Role
from services.cached.background import get_imports
from services.exports.export import Progress as ExportProgress
from services.exports.links import export_id, make_link
from services.exports.options import ExportOptions
from services.exports.routes import exports
from services.importing.held_file import Preview
from services.importing.jobs import ImportJob, get_import_jobs
from services.importing.mapping import Mapping as Columns
from services.importing.rows import Problem
from services.importing.update.applying import Found


@needs(Role.VIEWER)
def export_link(options: ExportOptions, browser: str | None) -> str:
    """A token for an address that gives the file, for minutes and for this browser."""
    return make_link(options, browser)


def export_progress(token: str) -> ExportProgress:
    """How far the export of this token is."""
    return exports.progress(export_id(token))


@needs(Role.ANALYST)
def take_import(job_id: UUID, name: str, source: BinaryIO) -> Preview:
    """Keep a copy of a file for this import and look into it. Raises ImportFileError."""
    return get_imports().take(job_id, name, source)


@needs(Role.ANALYST)
def check_import(job_id: UUID, mapping: Columns, author: str) -> ImportJob:
    """Look at every row in the background. Raises InvalidInputError, DatabaseError."""
    return get_imports().check(job_id, mapping, author)


@needs(Role.ANALYST)
def save_import(job_id: UUID) -> None:
    """Store the good rows in the background. Raises InvalidInputError if the file is gone."""
    get_imports().save(job_id)


@needs(Role.ANALYST)
def cancel_import(job_id: UUID) -> None:
    """Stop after the batch in hand."""
    get_imports().cancel(job_id)


def import_updates(job_id: UUID) -> Found:
    """What the file holds otherwise than it is stored, and how far it is applied."""
    return get_imports().updates.of(job_id)


@needs(Role.ANALYST)
def apply_updates(job_id: UUID, chosen: Mapping[int, Collection[str]], author: str) -> None:
    """Write the chosen paths of the rows, by their numbers, in the background."""
    get_imports().updates.apply(job_id, chosen, author)


def imported_texts_only(job_id: UUID) -> bool:
    """Whether its rows were stored without a persona; False if this process did not import it."""
    return job_id in get_imports().texts_only


def holds_import(job_id: UUID) -> bool:
    """Whether this process still has the file."""
    return get_imports().holds(job_id)


def import_job(job_id: str) -> ImportJob:
    """How far the import is now; never cached, because pages follow it. Raises NotFoundError."""
    return get_import_jobs().read(job_id)


def recent_imports() -> list[ImportJob]:
    """The newest imports first."""
    return get_import_jobs().recent()


def import_problems(job_id: UUID) -> Iterator[Problem]:
    """Every problem of the file's rows, in their order."""
    return get_import_jobs().problems(job_id)
