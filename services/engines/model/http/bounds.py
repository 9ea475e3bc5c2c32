"""An HTTP client whose every exchange ends: in time, in size, and at the address it was given.

The time-outs of httpx2 bound each silence, not the whole: a server that sends a byte now and then
would hold a worker for ever, and one line without end would fill the memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import httpx2

from services.engines.model.http.watch import Exchange, current_exchange, watch_connections
from services.errors import (
    DashboardError,
    InvalidOutputError,
    OutputTruncatedError,
)

CONNECT_SECONDS = 10.0
_PIECE_BYTES = 65_536
_END_SECONDS, _END_PIECES = 0.05, 2
_LIMITS = httpx2.Limits(
    max_connections=None,  # how many ask at once is decided elsewhere
    max_keepalive_connections=64,
    keepalive_expiry=3.0,  # seconds; less than servers keep theirs
)
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


@dataclass(frozen=True)
class Bounds:
    """Longest silence in seconds; largest answer in bytes, counted after unpacking."""

    silence_seconds: float
    max_bytes: int


def bounded_client(bounds: Bounds) -> httpx2.Client:
    """A client for any number of questions at once, each in an Exchange of its own.

    The head of an answer must be complete within the reading time-out of its request: whoever
    sends one without streaming gives that request a longer one.

    Raises ModelTimeoutError or OutputTruncatedError when a bound is passed, InvalidOutputError for
    a packing that nobody asked for. Redirects are not followed: they would carry a person's text
    to an address that nobody configured.
    """

    def begin(request: httpx2.Request) -> None:
        exchange = current_exchange()
        exchange.check_time()
        exchange.is_opening = exchange.is_answered = False
        patience = sum(request.extensions["timeout"][step] or 0 for step in ("connect", "read"))
        exchange.until = min(exchange.deadline, exchange.clock() + patience)

    def bound_answer(response: httpx2.Response) -> None:
        exchange = current_exchange()
        exchange.is_answered = True
        exchange.until = exchange.deadline
        stream = response.stream
        if isinstance(stream, httpx2.SyncByteStream):
            packing = response.headers.pop("content-encoding", "identity")
            response.stream = _BoundedStream(stream, packing, bounds.max_bytes, exchange)

    client = httpx2.Client(
        timeout=httpx2.Timeout(
            bounds.silence_seconds, connect=min(CONNECT_SECONDS, bounds.silence_seconds)
        ),
        limits=_LIMITS,
        headers={"Accept-Encoding": "identity"},  # unpacking is for servers that do not listen
        event_hooks={"request": [begin], "response": [bound_answer]},
    )
    watch_connections(client)
    return client


class _BoundedStream(httpx2.SyncByteStream):
    def __init__(
        self,
        stream: httpx2.SyncByteStream,
        packing: str,
        max_bytes: int,
        exchange: Exchange,
    ) -> None:
        self._stream = stream
        self._pieces = _unpacked(stream, packing.strip().lower())
        self._left = max_bytes
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._exchange.check_time()
            self._left -= len(piece)
            if self._left < 0:
                raise OutputTruncatedError("The model server sent far more than was asked for.")
            yield piece

    def _read_on(self) -> None:
        """To the end of a body whose reader has heard enough, if that is near.

        Only then can the connection serve the next question.
        """
        self._exchange.hurry(_END_SECONDS)
        with suppress(httpx2.HTTPError, httpx2.StreamError, DashboardError):
            for _ in islice(self._pieces, _END_PIECES):
                pass

    def close(self) -> None:
        self._read_on()
        self._exchange.leave()  # the next exchange may have the connection at once
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
