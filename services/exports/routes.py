"""Serves exports: the file as a stream, and its manifest."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Generator

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from services.browser_identity import COOKIE, browser_id
from services.errors import DashboardError, InvalidInputError
from services.exports.export import MEDIA_TYPES, Export, Exports
from services.exports.links import Link, LinkError, read_link
from services.fault_log import log_fault

log = logging.getLogger(__name__)

exports = Exports()
_PRIVATE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def export_routes(base: str) -> list[BaseRoute]:
    """Routes for st.App; `base` is "" or the path that all addresses of the dashboard share."""
    return [
        Route(f"{base}/exports/{{token}}/file", _file),
        Route(f"{base}/exports/{{token}}/manifest.json", _manifest),
    ]


async def _file(request: Request) -> Response:
    try:
        link = _link(request)
    except LinkError as error:
        return PlainTextResponse(str(error), 403, _PRIVATE)
    if request.method == "HEAD":  # a look at the link must not start the work
        return Response(headers=_PRIVATE, media_type=MEDIA_TYPES[link.options.format])
    export = exports.begin(link.export_id, link.options)
    try:
        await to_thread.run_sync(export.begin)
    except DashboardError as error:
        await to_thread.run_sync(export.close)
        status = 400 if isinstance(error, InvalidInputError) else 503
        return PlainTextResponse(str(error), status, _PRIVATE)
    disposition = f'attachment; filename="{export.file_name}"'
    return StreamingResponse(
        stream(export),
        headers={**_PRIVATE, "Content-Disposition": disposition},
        media_type=MEDIA_TYPES[link.options.format],
    )


async def _manifest(request: Request) -> Response:
    try:
        link = _link(request)
    except LinkError as error:
        return PlainTextResponse(str(error), 403, _PRIVATE)
    manifest = exports.progress(link.export_id).manifest()
    name = f"personas-{manifest['rows']}-rows.manifest.json"
    headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return JSONResponse(manifest, headers=headers)


def _link(request: Request) -> Link:
    return read_link(request.path_params["token"], browser_id(request.cookies.get(COOKIE)))


async def stream(
    export: Export, limiter: Callable[[], anyio.CapacityLimiter | None] = lambda: None
) -> AsyncIterator[bytes]:
    """The file's pieces, each made in a thread (of `limiter`). An error breaks the connection off,
    so that nobody takes the part for the whole."""
    pieces = export.pieces()
    try:
        while (piece := await to_thread.run_sync(_next, pieces, limiter=limiter())) is not None:
            yield piece
    except Exception as error:
        log_fault(log, "An export broke off", error)
        raise
    finally:
        with anyio.CancelScope(shield=True):  # also when the browser has gone
            await to_thread.run_sync(_end, export, pieces, limiter=limiter())


def _next(pieces: Generator[bytes, None, None]) -> bytes | None:
    return next(pieces, None)


def _end(export: Export, pieces: Generator[bytes, None, None]) -> None:
    try:
        pieces.close()
    finally:
        export.close()
