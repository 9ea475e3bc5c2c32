"""A connection to one checked address that ends at a deadline.

The host's name is looked up once, all answers are checked, and the connection goes to an address
out of that answer: nothing looks the name up again, so it cannot have moved in between (DNS
rebinding). The name remains in the Host header and in the check of the certificate.

httpcore alone, not httpx: it follows no redirects, keeps no cookies, unpacks nothing and reads no
proxy from the environment. A proxy would look the name up by itself, and with that undo the check;
where the only way out is a proxy, pages cannot be fetched and their text is pasted.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from services.errors import FetchError
from services.sources.address_policy import Address, AddressPolicy, parse_address
from services.sources.web_address import WebAddress

Resolver = Callable[[str, int], Sequence[str]]

_CONNECT_SECONDS = 5.0  # for one of several addresses, so that a dead one leaves time for the next
_READ_BYTES = 65_536
_NOT_PUBLIC = (
    "This address does not lead to a public web page.",
    "Addresses inside this network are not fetched. Copy the text of the page and paste it.",
)


class Deadline:
    """The moment at which a fetch must have ended."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then, more than 0. Raises FetchError when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise FetchError(f"The page did not arrive within {self.seconds:g} seconds.")
        return left


def look_up(host: str, port: int) -> list[str]:
    """The system's answer: addresses of `host`. Raises OSError if it has none."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def checked_addresses(
    web: WebAddress, policy: AddressPolicy, resolver: Resolver, deadline: Deadline
) -> list[Address]:
    """The addresses of a host, all of which may be asked; one look-up. Raises FetchError."""
    if web.port not in policy.ports:
        raise FetchError(
            f"Pages on port {web.port} are not fetched.", "Copy the text of the page and paste it."
        )
    if web.literal is not None:
        addresses: list[Address | None] = [web.literal]
    else:
        addresses = [parse_address(answer) for answer in _resolve(web, resolver, deadline)]
    known = [address for address in addresses if address is not None and policy.allows(address)]
    # One bad answer is enough: a host that mixes them is up to something.
    if len(known) < len(addresses) or not known:
        raise FetchError(*_NOT_PUBLIC)
    return known


def _resolve(web: WebAddress, resolver: Resolver, deadline: Deadline) -> Sequence[str]:
    """getaddrinfo knows no time-out, so it runs aside and may be left behind."""
    answers: queue.SimpleQueue[Sequence[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(web.host, web.port))
        except (OSError, UnicodeError):
            answers.put(None)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        found = answers.get(timeout=deadline.left())
    except queue.Empty:
        deadline.left()
        found = None
    if not found:
        raise FetchError("This host cannot be found.", "Check the address and the network.")
    return found


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)  # certifi's roots, as for Supabase


def open_pool(
    addresses: Sequence[Address],
    policy: AddressPolicy,
    deadline: Deadline,
    tls: ssl.SSLContext | None = None,
) -> httpcore.ConnectionPool:
    """For one request to the host of these addresses. The caller closes it."""
    backend = _PinnedBackend(addresses, policy, deadline)
    return httpcore.ConnectionPool(
        ssl_context=tls or _tls(), max_connections=1, retries=0, network_backend=backend
    )


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the checked addresses whatever host it is asked for."""

    def __init__(
        self, addresses: Sequence[Address], policy: AddressPolicy, deadline: Deadline
    ) -> None:
        self._addresses = addresses
        self._policy = policy
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - a name; it was looked up before
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline holds
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = FetchError()
        for address in self._addresses:
            seconds = min(_CONNECT_SECONDS, self._deadline.left())
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, seconds, None, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return self._checked(stream, address)
        raise failure

    def _checked(self, stream: httpcore.NetworkStream, address: Address) -> httpcore.NetworkStream:
        local = parse_address(stream.get_extra_info("client_addr")[0])
        remote = parse_address(stream.get_extra_info("server_addr")[0])
        if local is None or remote != address or not self._policy.allows_connection(local, remote):
            stream.close()
            raise FetchError(*_NOT_PUBLIC)
        return _DeadlineStream(stream, self._deadline)


class _DeadlineStream(httpcore.NetworkStream):
    """Every wait ends at the deadline, so that a trickle cannot stretch the whole."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(min(max_bytes, _READ_BYTES), self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the whole handshake ends at the deadline
    ) -> httpcore.NetworkStream:
        left = self._deadline.left()
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()
