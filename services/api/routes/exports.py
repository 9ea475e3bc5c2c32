"""Exports: started, followed, downloaded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from services.access.roles import Role
from services.api.filters import query_of
from services.api.given import ONCE, Asking
from services.api.handling.operation import Operation, needs, reads
from services.api.handling.problems import RequestProblem
from services.api.handling.security import Caller
from services.api.handling.threads import limiter
from services.api.models.work import ExportIn, ExportOut
from services.exports.export import MEDIA_TYPES, Progress
from services.exports.links import LinkError, export_id, make_link, read_link
from services.exports.options import ExportOptions
from services.exports.routes import exports, stream

router = APIRouter(route_class=Operation, tags=["Exports"], prefix="/exports")
_FILE = {
    "description": "The file. A connection that breaks off is a file that is cut.",
    "content": {
        kind.split(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for kind in MEDIA_TYPES.values()
    },
}
Token = Annotated[str, Path(max_length=100_000, description="The id of an export")]


@router.post(
    "",
    summary="Start an export",
    status_code=201,
    dependencies=[ONCE],
    **needs(Role.VIEWER, 409, 413, scope="read", repeatable=True),
)
def start(wanted: ExportIn, caller: Asking, response: Response) -> ExportOut:
    """Its file is made while it is fetched. The address holds for ten minutes and this key."""
    values = wanted.model_dump(mode="json", exclude={"filters", "ids", "columns"})
    options = ExportOptions(
        **values,
        ids=tuple(str(one) for one in wanted.ids),
        columns=tuple(wanted.columns),
        query=query_of({str(name): given for name, given in wanted.filters.items()}),
    )
    token = make_link(options, _holder(caller))
    response.headers["Location"] = f"exports/{token}"
    return _out(token, Progress(options=options))


@router.get("/{token}", summary="Follow an export", **reads(Role.VIEWER, 404))
def follow(token: Token, caller: Asking) -> ExportOut:
    """How far it is; when it is `complete`, its SHA-256 and how many rows it has."""
    _check(token, caller)
    return _out(token, exports.progress(export_id(token)))


@router.get(
    "/{token}/file",
    summary="Download an export",
    response_class=StreamingResponse,
    **reads(Role.VIEWER, 404, file=_FILE),
)
def download(token: Token, caller: Asking, request: Request) -> Response:
    """The whole file. Every download reads the personas anew."""
    options = _check(token, caller)
    if getattr(request.state, "head", False):  # a look must not start the work
        return Response(media_type=MEDIA_TYPES[options.format])
    export = exports.begin(export_id(token), options)
    try:
        export.begin()
    except Exception:
        export.close()
        raise
    name = f'attachment; filename="{export.file_name}"'
    return StreamingResponse(
        stream(export, limiter),
        headers={"Content-Disposition": name},
        media_type=MEDIA_TYPES[options.format],
    )


def _check(token: str, caller: Caller) -> ExportOptions:
    try:
        return read_link(token, _holder(caller)).options
    except LinkError as error:
        raise RequestProblem(404, "no-export", error.problem, "Start the export again.") from None


def _holder(caller: Caller) -> str:
    """Only this key may fetch it; no cookie of a browser looks like this."""
    return f"key:{caller.name}"


def _out(token: str, progress: Progress) -> ExportOut:
    return ExportOut(
        id=token,
        file=f"exports/{token}/file",
        state=progress.state,
        rows=progress.rows,
        rows_sent=progress.sent,
        bytes=progress.bytes,
        sha256=progress.sha256 or None,
        columns=list(progress.columns),
    )
