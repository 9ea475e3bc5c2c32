"""Imports: a file given, its rows checked, the good ones saved."""

from __future__ import annotations

from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from services.access.roles import Role
from services.api.given import ONCE, Author, GivenFile, MadeId, Work
from services.api.handling.operation import Operation, needs, reads
from services.api.models.work import (
    ImportFile,
    ImportOut,
    ImportProblem,
    ImportProblems,
    MappingIn,
)
from services.importing.jobs import ImportJob, get_import_jobs
from services.importing.mapping import guess_mapping

router = APIRouter(route_class=Operation, tags=["Imports"], prefix="/imports")
JobId = Annotated[UUID, Path(description="The id of an import")]


@router.post(
    "",
    summary="Give a file",
    status_code=201,
    dependencies=[ONCE],
    **needs(
        Role.ANALYST,
        409,
        413,
        repeatable=True,
        kept=False,  # its samples are people's texts
        file="A CSV, JSON Lines, Excel (.xlsx) or Parquet file, up to 200 MB",
    ),
)
def give(
    name: Annotated[
        str, Query(min_length=1, max_length=200, description="Its ending says what it is")
    ],
    file: GivenFile,
    made: MadeId,
    work: Work,
    response: Response,
) -> ImportFile:
    """Look into a file. Nothing of it is stored until it is checked and saved."""
    preview = work.imports().take(made, name, file)
    response.headers["Location"] = f"imports/{made}"
    return ImportFile(
        id=made,
        columns=preview.columns,
        samples=preview.samples,
        mapping=guess_mapping(preview.columns),
    )


@router.post(
    "/{job_id}/check",
    summary="Check a file",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def check(job_id: JobId, how: MappingIn, author: Author, work: Work) -> ImportOut:
    """Look at every row, in the background."""
    return _out(work.imports().check(job_id, how.mapping, author))


@router.post(
    "/{job_id}/save",
    summary="Save the good rows",
    status_code=202,
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def save(job_id: JobId, work: Work) -> ImportOut:
    """Store the good rows that are not stored yet, in the background."""
    get_import_jobs().read(job_id)
    work.imports().save(job_id)
    return _out(get_import_jobs().read(job_id))


@router.post(
    "/{job_id}/cancel",
    summary="Cancel an import",
    dependencies=[ONCE],
    **needs(Role.ANALYST, 404, 409, 413, repeatable=True),
)
def cancel(job_id: JobId, work: Work) -> ImportOut:
    """Stop after the batch in hand; what is saved stays."""
    work.imports().cancel(job_id)
    return _out(get_import_jobs().read(job_id))


@router.get("", summary="List imports", **reads(Role.VIEWER))
def list_imports() -> list[ImportOut]:
    """The newest ten first."""
    return [_out(one) for one in get_import_jobs().recent()]


@router.get("/{job_id}", summary="Follow an import", **reads(Role.VIEWER, 404))
def follow(job_id: JobId) -> ImportOut:
    """How far it is. It is known from its check on."""
    return _out(get_import_jobs().read(job_id))


@router.get("/{job_id}/problems", summary="List problems", **reads(Role.VIEWER, 404))
def list_problems(
    job_id: JobId,
    after: Annotated[int, Query(ge=-1, le=2**31 - 1, description="`next` of another page")] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ImportProblems:
    """What is wrong with single rows, in the order of the file."""
    get_import_jobs().read(job_id)
    found = list(islice(get_import_jobs().problems(job_id, after), limit + 1))
    items = [ImportProblem(row=one.number, reason=one.reason) for one in found[:limit]]
    return ImportProblems(items=items, next=items[-1].row if len(found) > limit else None)


def _out(job: ImportJob) -> ImportOut:
    return ImportOut(
        **job.model_dump(exclude={"heartbeat_at"}),
        interrupted=job.is_interrupted,
    )
