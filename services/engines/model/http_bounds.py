"""An HTTP client whose every exchange ends: in time, in size, and at the address it was given.

The time-outs of httpx2 bound each silence, not the whole: a server that sends a byte now and then
would hold a worker for ever, and one line without end would fill the memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2

from services.errors import ModelTimeoutError, OutputTruncatedError, QuotaExceededError

CONNECT_SECONDS = 10.0
_QUOTA_MARK = b"insufficient_quota"


@dataclass(frozen=True)
class Bounds:
    """Longest silence and whole time in seconds, retries included; largest answer in bytes."""

    silence_seconds: float
    total_seconds: float
    max_bytes: int


def bounded_client(bounds: Bounds, clock: Callable[[], float] = time.monotonic) -> httpx2.Client:
    """A client for one question; its whole time starts now. The caller closes it.

    Raises ModelTimeoutError or OutputTruncatedError when a bound is passed, QuotaExceededError
    for a 429 that waiting does not cure (so that nobody retries it). Redirects are not followed:
    they would carry a person's text to an address that nobody configured.
    """
    deadline = clock() + bounds.total_seconds

    def check_time() -> None:
        if clock() > deadline:
            raise ModelTimeoutError

    def bound_answer(response: httpx2.Response) -> None:
        stream = response.stream
        if isinstance(stream, httpx2.SyncByteStream):
            response.stream = _BoundedStream(stream, bounds.max_bytes, check_time)
        if response.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            _refuse_exhausted_quota(response)

    return httpx2.Client(
        timeout=httpx2.Timeout(
            bounds.silence_seconds, connect=min(CONNECT_SECONDS, bounds.silence_seconds)
        ),
        headers={"Accept-Encoding": "identity"},  # else a small answer may unpack to gigabytes
        event_hooks={"request": [lambda _: check_time()], "response": [bound_answer]},
    )


class _BoundedStream(httpx2.SyncByteStream):
    def __init__(
        self, stream: httpx2.SyncByteStream, max_bytes: int, check_time: Callable[[], None]
    ) -> None:
        self._stream = stream
        self._left = max_bytes
        self._check_time = check_time

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            self._check_time()
            self._left -= len(piece)
            if self._left < 0:
                raise OutputTruncatedError("The model server sent far more than was asked for.")
            yield piece

    def close(self) -> None:
        self._stream.close()


def _refuse_exhausted_quota(response: httpx2.Response) -> None:
    response.read()
    if _QUOTA_MARK in response.content:
        raise QuotaExceededError
