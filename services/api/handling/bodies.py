"""Bodies of requests: read to the end, up to a limit, before anything else is done.

JSON is read as strictly as personas are stored: a name that stands twice, NaN, or a number that
would not be kept exactly is refused where it stands. A byte order mark before it is skipped.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from typing import Any, BinaryIO

from starlette.requests import Request
from starlette.types import Receive, Scope

from services.api.handling.limits import MAX_BODY, MAX_FILE, MAX_QUESTION, too_large
from services.api.handling.problems import RequestProblem
from services.api.handling.threads import in_thread
from services.errors import InvalidPersonaError
from services.personas.validation import read_json

FILE = "application/octet-stream"


class ReadRequest(Request):
    """A request whose body was read. `digest` is its SHA-256; `file` holds one that is a file."""

    def __init__(self, scope: Scope, receive: Receive, content: bytes, digest: str) -> None:
        super().__init__(scope, receive)
        self._content, self.digest = content, digest

    async def body(self) -> bytes:
        """The body; empty if it is a file."""
        return self._content

    async def json(self) -> Any:
        """The body as JSON, which `read` has checked."""
        return self.state.given


async def read(request: Request, *, takes: str | None, changes: bool) -> ReadRequest:
    """The request with its body, of the media type that the operation `takes`; None: what comes is
    left unread. A file goes to `state.file`, to be closed by whoever asked. What `changes` nothing
    holds no texts.

    Raises RequestProblem for one that is too large, of another type, or cannot be read.
    """
    if takes == FILE:
        _check_type(request, takes)
        return await _with_file(request)
    most = MAX_BODY if changes else MAX_QUESTION
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            raise too_large(most)
    body = bytes(content)
    if body and takes:
        _check_type(request, takes)
        request.state.given = await in_thread(_parsed, body)
    digest = hashlib.sha256(body).hexdigest()
    return ReadRequest(request.scope, request.receive, body, digest)


async def _with_file(request: Request) -> ReadRequest:
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
    digest, size = hashlib.sha256(), 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > MAX_FILE:
                raise too_large(MAX_FILE)
            digest.update(piece)
            file.write(piece)
    except BaseException:
        file.close()
        raise
    request.state.file = file
    return ReadRequest(request.scope, request.receive, b"", digest.hexdigest())


def _check_type(request: Request, takes: str) -> None:
    """Any JSON does where JSON is taken, and anything but a form where a file is."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if takes == FILE:
        fits = not kind.startswith("multipart/")
    else:
        fits = re.fullmatch(r"application/([^/]+\+)?json", kind) is not None
    if not fits:
        itself = ", and the file itself as the body" if takes == FILE else ""
        raise _unsupported(
            "The body has no Content-Type that this takes.", f"Send Content-Type: {takes}{itself}."
        )
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise _unsupported(
            "The body is compressed or otherwise encoded.", "Send it without Content-Encoding."
        )


def _unsupported(problem: str, advice: str) -> RequestProblem:
    return RequestProblem(415, "unsupported-media-type", problem, advice)


def _parsed(body: bytes) -> Any:
    try:
        return read_json(body.decode("utf-8-sig"))
    except InvalidPersonaError:
        raise
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos + 1}" if hasattr(error, "pos") else ""
        raise RequestProblem(
            400,
            "invalid-json",
            f"The body is no valid JSON{where}.",
            "Correct it and send it again.",
        ) from None
