"""One question's hold on the connections that all share: until when it reads, and how it ends.

httpx2 gives each read of a socket the whole time-out: the head of an answer that drips a byte a
second would never end. And it has no way to wake a thread that reads.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any

import httpcore2
import httpx2

from services.errors import ModelTimeoutError


class Exchange:
    """A question and its answer. Ends reads at the moment `until` by `clock`, and all at `shut`."""

    def __init__(
        self, seconds: float = float("inf"), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self.deadline = self.until = clock() + seconds
        self.is_opening = False
        """Whether the newest request had a connection made for it."""
        self.is_answered = False
        """Whether the head of an answer to it has arrived."""
        self.is_sent = False
        """Whether anything went out since it was set to False: else nothing was paid for."""
        self._stream: httpcore2.NetworkStream | None = None
        self._is_shut = False
        self._lock = Lock()

    @contextmanager
    def here(self) -> Iterator[None]:
        """What this thread sends and reads within belongs to this exchange."""
        before = _exchange.set(self)
        try:
            with _crowd.joined():
                yield
        finally:
            self.leave()
            _exchange.reset(before)

    @property
    def was_stale(self) -> bool:
        """Whether the newest request went into a kept connection, and nothing came back.

        Then the server had most likely closed it just before: asked again, it gets a new one.
        """
        return not (self.is_opening or self.is_answered)

    def seconds_left(self) -> float:
        """How long a read may take yet. Raises ModelTimeoutError when that is nothing."""
        left = self.until - self.clock()
        if left <= 0:
            raise ModelTimeoutError
        return left

    def check_time(self) -> None:
        """Raises ModelTimeoutError when the whole time is over."""
        if self.clock() > self.deadline:
            raise ModelTimeoutError

    def hurry(self, seconds: float) -> None:
        """From now on reads may take so long, all together."""
        self.until = min(self.until, self.clock() + seconds)

    def use(self, stream: httpcore2.NetworkStream) -> None:
        """This connection is the exchange's, until it leaves it."""
        with self._lock:
            self._stream = stream
            if self._is_shut:
                _shut(stream)

    def leave(self) -> None:
        """The connection may serve another exchange now: `shut` does nothing to it."""
        with self._lock:
            self._stream = None

    def shut(self) -> None:
        """End it from another thread: wakes the one that reads."""
        with self._lock:
            self._is_shut = True
            if self._stream is not None:
                _shut(self._stream)


_A_CROWD = 8  # exchanges
_PAUSE_FOR_EACH, _LONGEST_PAUSE = 0.0004, 0.025  # seconds
_exchange: ContextVar[Exchange] = ContextVar("exchange")


class _Crowd:
    """How many exchanges there are. The more, the rarer each of them reads.

    To read a piece alone takes as long as to read several at once: without pauses, 64 answers that
    are streamed word by word would take all of a processor. Nobody sees the pause.
    """

    def __init__(self) -> None:
        self._count = 0
        self._lock = Lock()

    @contextmanager
    def joined(self) -> Iterator[None]:
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._lock:
            self._count += number

    def pause(self) -> None:
        """Let pieces of an answer gather, for at most 25 ms."""
        if self._count >= _A_CROWD:
            time.sleep(min(_LONGEST_PAUSE, self._count * _PAUSE_FOR_EACH))


_crowd = _Crowd()


def current_exchange() -> Exchange:
    """The exchange of this thread; one without an end for requests outside of any."""
    return _exchange.get(None) or Exchange()


def _shut(stream: httpcore2.NetworkStream) -> None:
    with suppress(OSError, ValueError):  # closed already
        stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def watch_connections(client: httpx2.Client) -> None:
    """Have every connection of the client know its exchange, through a proxy as well."""
    for transport in (client._transport, *client._mounts.values()):
        if transport is not None:  # httpx2 has no public way to give its pools a backend
            pool: Any = transport._pool  # type: ignore[attr-defined]
            pool._network_backend = _WatchedBackend(pool._network_backend)


class _WatchedBackend(httpcore2.NetworkBackend):
    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        current_exchange().is_opening = True
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _WatchedStream(stream)


class _WatchedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        exchange = current_exchange()
        exchange.use(self._stream)
        if exchange.is_answered:
            _crowd.pause()
        left = exchange.seconds_left()
        within = left if timeout is None else min(timeout, left)
        try:
            return self._stream.read(max_bytes, None if within == float("inf") else within)
        except httpcore2.ReadTimeout:
            exchange.seconds_left()
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = current_exchange()
        exchange.use(self._stream)
        exchange.is_sent = True
        self._stream.write(buffer, timeout)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        current_exchange().use(self._stream)
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _WatchedStream(secured)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()
