"""From a web address to the text of its page."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore

from services.errors import FetchError, InvalidTextError
from services.sources.address_policy import AddressPolicy
from services.sources.files import text_of_content
from services.sources.kinds import Kind
from services.sources.page_body import ACCEPTED_ENCODINGS, MAX_PAGE_BYTES, read_body, too_large
from services.sources.pinned_connection import (
    Deadline,
    Resolver,
    checked_addresses,
    look_up,
    open_pool,
)
from services.sources.web_address import WebAddress, follow, parse_web_address

FETCH_SECONDS = 15.0
MAX_REDIRECTS = 5

log = logging.getLogger(__name__)

_KINDS: dict[str, Kind] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "text",
    "text/x-markdown": "text",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
_REDIRECTS = (301, 302, 303, 307, 308)
_REFUSALS = {
    401: "This page asks for a sign-in.",
    403: "The site does not give this page to programs.",
    404: "There is no page at this address.",
    410: "There is no page at this address any more.",
    429: "The site is getting too many requests.",
}
_HEADERS = {
    "User-Agent": "persona-dashboard",
    "Accept": "text/html, text/plain, text/markdown, application/pdf, */*;q=0.5",
    "Accept-Encoding": ACCEPTED_ENCODINGS,
    "Connection": "close",
}


@dataclass(frozen=True)
class FetchedPage:
    """The text of a page, where it finally was, and how it was taken."""

    url: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Body:
    content: bytes
    kind: Kind
    charset: str | None


class Fetcher:
    """Fetches pages of public machines only.

    Where it may go is given by whoever makes it and by nothing else, no setting and no
    environment: tests give a `policy` and a `resolver` that know their own server.
    """

    def __init__(
        self,
        policy: AddressPolicy | None = None,
        resolver: Resolver = look_up,
        *,
        seconds: float = FETCH_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy or AddressPolicy()
        self._resolver = resolver
        self._seconds = seconds
        self._tls = tls

    def fetch(self, url: str) -> FetchedPage:
        """The text of the page at `url`, after at most MAX_REDIRECTS redirects.

        It takes at most FETCH_SECONDS in all and MAX_PAGE_BYTES unpacked. Raises FetchError.
        """
        deadline = Deadline(self._seconds)
        address = parse_web_address(url)
        for _ in range(MAX_REDIRECTS + 1):
            found = self._visit(address, deadline)
            if isinstance(found, _Body):
                log.info("Fetched a page of %s", address.host)
                return _page(address, found, deadline)
            address = found
        raise FetchError(f"This address leads on more than {MAX_REDIRECTS} times.")

    def _visit(self, address: WebAddress, deadline: Deadline) -> _Body | WebAddress:
        """The body at `address`, or where it redirects to."""
        addresses = checked_addresses(address, self._policy, self._resolver, deadline)
        headers = {**_HEADERS, "Host": address.authority}
        with (
            _translated(address, deadline),
            open_pool(addresses, self._policy, deadline, self._tls) as pool,
            pool.stream("GET", _httpcore_url(address), headers=list(headers.items())) as response,
        ):
            answered = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            if response.status in _REDIRECTS and "location" in answered:
                return follow(address, _utf8(answered["location"]))
            _check_status(response.status)
            kind, charset = _content_type(answered.get("content-type", ""))
            if answered.get("content-length", "").isdecimal():
                _check_length(answered["content-length"])
            body = read_body(response.iter_stream(), answered.get("content-encoding", ""))
            return _Body(body, kind, charset)


def fetch_url(url: str) -> FetchedPage:
    """The text of the public web page at `url`; see Fetcher.fetch. Raises FetchError."""
    return Fetcher().fetch(url)


def _page(address: WebAddress, body: _Body, deadline: Deadline) -> FetchedPage:
    try:
        source = text_of_content(
            body.content, body.kind, charset=body.charset, seconds=deadline.left()
        )
    except InvalidTextError as error:
        raise FetchError(error.problem.replace("This file", "The page")) from None
    notes = (f"Taken from {address.host}.", *source.notes)
    return FetchedPage(str(address), source.text, notes)


@contextmanager
def _translated(address: WebAddress, deadline: Deadline) -> Iterator[None]:
    """httpcore's faults as ours; what they say may hold the address, so it is not passed on."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError) as error:
        deadline.left()  # says so if the time is over
        log.info("Could not fetch from %s: %s", address.host, type(error).__name__)
        raise FetchError(
            "The page cannot be reached.",
            "Check the address and the network, or copy the text of the page and paste it.",
        ) from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        raise FetchError("The server's answer cannot be understood.") from None


def _httpcore_url(address: WebAddress) -> httpcore.URL:
    return httpcore.URL(
        scheme=address.scheme.encode(),
        host=address.host.encode(),
        port=address.port,
        target=address.target.encode(),
    )


def _utf8(header: str) -> str:
    """Some servers write the letters of an address as they are."""
    return header.encode("latin-1").decode("utf-8", "replace")


def _check_status(status: int) -> None:
    if status != 200:
        raise FetchError(_REFUSALS.get(status, f"The site answered with status {status}."))


def _check_length(declared: str) -> None:
    if len(declared) > 12 or int(declared) > MAX_PAGE_BYTES:
        raise too_large()


def _content_type(header: str) -> tuple[Kind, str | None]:
    media_type, _, parameters = header.partition(";")
    kind = _KINDS.get(media_type.strip().lower())
    if kind is None:
        raise FetchError("There is no text page, PDF or Word document at this address.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return kind, value.strip().strip("\"'")
    return kind, None
