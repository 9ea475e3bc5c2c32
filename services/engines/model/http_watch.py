"""Looks after connections while they are read: at a deadline, and whether anybody still waits.

httpx2 gives each read of a socket the whole time-out, and nobody a turn in between: the head of an
answer that drips a byte a second would never end, and could not be cancelled.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2
import httpx2

from services.errors import ModelTimeoutError

_LOOK_SECONDS = 0.25


class Watch:
    """What ends a read: the moment `until` by `clock`, or `still_wanted`, which may raise."""

    def __init__(
        self, still_wanted: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.until = float("inf")
        self.clock = clock
        self._still_wanted = still_wanted
        self._next_look = clock() + _LOOK_SECONDS

    def check(self) -> None:
        """Raises ModelTimeoutError, or what `still_wanted` raises."""
        now = self.clock()
        if now > self.until:
            raise ModelTimeoutError
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            self._still_wanted()


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
        silent_until = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            self._watch.check()
            left = silent_until - time.monotonic()
            try:
                return self._stream.read(max_bytes, max(0.001, min(_LOOK_SECONDS, left)))
            except httpcore2.ReadTimeout:
                if left <= _LOOK_SECONDS:
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
