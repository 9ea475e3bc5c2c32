"""Ends what is read from a connection at a deadline.

httpx2 gives each read of a socket the whole time-out: the head of an answer that drips a byte a
second would never end.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2
import httpx2

from services.errors import ModelTimeoutError


class Watch:
    """Ends reads at the moment `until` by `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.until = float("inf")
        self.clock = clock

    def seconds_left(self) -> float:
        """How long a read may take yet. Raises ModelTimeoutError when that is nothing."""
        left = self.until - self.clock()
        if left <= 0:
            raise ModelTimeoutError
        return left


def watch_connections(client: httpx2.Client, watch: Watch) -> None:
    """Have every connection of the client watched, through a proxy as well."""
    for transport in (client._transport, *client._mounts.values()):
        if transport is not None:  # httpx2 has no public way to give its pools a backend
            pool: Any = transport._pool  # type: ignore[attr-defined]
            pool._network_backend = _WatchedBackend(pool._network_backend, watch)


class _WatchedBackend(httpcore2.NetworkBackend):
    def __init__(self, backend: httpcore2.NetworkBackend, watch: Watch) -> None:
        self._backend = backend
        self._watch = watch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _WatchedStream(stream, self._watch)


class _WatchedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, watch: Watch) -> None:
        self._stream = stream
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._watch.seconds_left()
        within = left if timeout is None else min(timeout, left)
        try:
            return self._stream.read(max_bytes, None if within == float("inf") else within)
        except httpcore2.ReadTimeout:
            self._watch.seconds_left()
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _WatchedStream(secured, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()
