"""Web addresses as people write them, and as those write them who want to hide what they mean.

Everything downstream (check, name look-up, connection, Host header, certificate) uses the one
WebAddress made here, so that no two readers of an address can understand it differently.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from services.errors import FetchError

MAX_LENGTH = 4_000
_NO_ADDRESS = ("This is not a web address.", "It should look like https://example.org/page.")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)  # "host:8080" has no scheme
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class WebAddress:
    """An address that was understood in full. `host` is ASCII; `literal` if it is a number."""

    scheme: str
    host: str
    port: int
    target: str  # path and query, percent-encoded
    literal: IPv4Address | IPv6Address | None = None

    @property
    def authority(self) -> str:
        """Host and port as in a Host header."""
        host = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parse_web_address(text: str) -> WebAddress:
    """What `text` addresses; without a scheme it is https.

    Hosts are read as browsers read them (https://url.spec.whatwg.org/#host-parsing): numbers may be
    decimal, octal, hexadecimal and shortened, and wide digits are digits. Raises FetchError for
    other schemes, names with passwords, and what is no address.
    """
    text = text.strip()
    if not text or len(text) > MAX_LENGTH or _FORBIDDEN.search(text):
        raise FetchError(*_NO_ADDRESS)
    parts, port = _split(text if _SCHEME.match(text) else f"https://{text}")
    if parts.scheme not in _DEFAULT_PORTS:
        raise FetchError(
            "Only addresses that begin with http:// or https:// can be fetched.",
            "For a file on your computer, drop it into the field for files.",
        )
    if "@" in parts.netloc:
        raise FetchError(
            "This address holds a user name or password.",
            "Open the page yourself, copy its text and paste it here.",
        )
    host, literal = _host(parts)
    return WebAddress(
        parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], _target(parts), literal
    )


def follow(address: WebAddress, location: str) -> WebAddress:
    """Where a redirect from `address` to `location` leads. Raises FetchError as above."""
    if len(location) > MAX_LENGTH or _FORBIDDEN.search(location):
        raise FetchError("This page sends its readers to an address that makes no sense.")
    return parse_web_address(_joined(str(address), location))


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        raise FetchError(*_NO_ADDRESS) from None


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        if parts.port == 0:
            raise ValueError
        return parts, parts.port
    except ValueError:
        raise FetchError(*_NO_ADDRESS) from None


def _host(parts: SplitResult) -> tuple[str, IPv4Address | IPv6Address | None]:
    try:
        if parts.netloc.startswith("["):
            literal = IPv6Address(parts.hostname or "")
            return literal.compressed, literal
        name = _ascii_name(parts.hostname or "")
        if _NUMBER.fullmatch(name.rpartition(".")[2]):
            number = _legacy_ipv4(name)
            return str(number), number
    except ValueError:  # also of ipaddress, idna and int
        raise FetchError(*_NO_ADDRESS) from None
    return name, None


def _ascii_name(host: str) -> str:
    name = unicodedata.normalize("NFKC", host).translate(_DOTS).lower().removesuffix(".")
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(host)
    return name


def _legacy_ipv4(name: str) -> IPv4Address:
    """inet_aton's reading: 1 to 4 numbers, the last one fills what is left."""
    numbers = [_number(part) for part in name.split(".")]
    *first, last = numbers
    if (
        len(numbers) > 4
        or any(number > 255 for number in first)
        or last >= 256 ** (5 - len(numbers))
    ):
        raise ValueError(name)
    return IPv4Address(last + sum(byte << (24 - 8 * place) for place, byte in enumerate(first)))


def _number(part: str) -> int:
    if not _NUMBER.fullmatch(part) or len(part) > 30:
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") and len(part) > 1 else 10)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._")
    return f"{path}?{query}" if query else path
