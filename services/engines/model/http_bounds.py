"""An HTTP client whose every exchange ends: in time, in size, and at the address it was given.

The time-outs of httpx2 bound each silence, not the whole: a server that sends a byte now and then
would hold a worker for ever, and one line without end would fill the memory.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2

from services.engines.model.http_watch import Watch, watch_connections
from services.errors import (
    InvalidOutputError,
    ModelTimeoutError,
    OutputTruncatedError,
)

CONNECT_SECONDS = 10.0
_PIECE_BYTES = 65_536
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


@dataclass(frozen=True)
class Bounds:
    """Longest silence and whole time in seconds, retries included; largest answer in bytes,
    counted after unpacking."""

    silence_seconds: float
    total_seconds: float
    max_bytes: int


def bounded_client(
    bounds: Bounds,
    clock: Callable[[], float] = time.monotonic,
) -> httpx2.Client:
    """A client for one question; its whole time starts now. The caller closes it.

    The head of an answer must be complete within the reading time-out of its request: whoever
    sends one without streaming gives that request a longer one.

    Raises ModelTimeoutError or OutputTruncatedError when a bound is passed, InvalidOutputError for
    a packing that nobody asked for. Redirects are not followed: they would carry a person's text
    to an address that nobody configured.
    """
    deadline = clock() + bounds.total_seconds
    watch = Watch(clock)

    def check_time() -> None:
        if clock() > deadline:
            raise ModelTimeoutError

    def begin(request: httpx2.Request) -> None:
        check_time()
        patience = sum(request.extensions["timeout"][step] or 0 for step in ("connect", "read"))
        watch.until = min(deadline, clock() + patience)

    def bound_answer(response: httpx2.Response) -> None:
        watch.until = deadline
        stream = response.stream
        if isinstance(stream, httpx2.SyncByteStream):
            packing = response.headers.pop("content-encoding", "identity")
            response.stream = _BoundedStream(stream, packing, bounds.max_bytes, check_time)

    client = httpx2.Client(
        timeout=httpx2.Timeout(
            bounds.silence_seconds, connect=min(CONNECT_SECONDS, bounds.silence_seconds)
        ),
        headers={"Accept-Encoding": "identity"},  # unpacking is for servers that do not listen
        event_hooks={"request": [begin], "response": [bound_answer]},
    )
    watch_connections(client, watch)
    return client


class _BoundedStream(httpx2.SyncByteStream):
    def __init__(
        self,
        stream: httpx2.SyncByteStream,
        packing: str,
        max_bytes: int,
        check_time: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._packing = packing.strip().lower()
        self._left = max_bytes
        self._check_time = check_time

    def __iter__(self) -> Iterator[bytes]:
        for piece in _unpacked(self._stream, self._packing):
            self._check_time()
            self._left -= len(piece)
            if self._left < 0:
                raise OutputTruncatedError("The model server sent far more than was asked for.")
            yield piece

    def close(self) -> None:
        self._stream.close()


def _unpacked(pieces: httpx2.SyncByteStream, packing: str) -> Iterator[bytes]:
    """The bytes as they were before packing, a little at a time."""
    if packing in ("", "identity"):
        yield from pieces
        return
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise InvalidOutputError("The model server packs its answer in a way nobody asked for.")
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        for piece in pieces:
            out = unpacker.decompress(piece, _PIECE_BYTES)
            while out:
                yield out
                out = unpacker.decompress(unpacker.unconsumed_tail, _PIECE_BYTES)
    except zlib.error:
        raise InvalidOutputError("The model server's answer arrived damaged.") from None
