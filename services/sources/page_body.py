"""The body of a page: so many bytes, counted after unpacking, and unpacked no further."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from services.errors import FetchError

MAX_PAGE_BYTES = 5_000_000
ACCEPTED_ENCODINGS = "gzip, deflate"
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_MAX_MEMBERS = 100  # each copies what follows it; pages have one
_RAW_DEFLATE = -zlib.MAX_WBITS  # what some servers mean by "deflate"


def read_body(pieces: Iterable[bytes], encoding: str) -> bytes:
    """The body whose `pieces` arrive in a Content-Encoding.

    Raises FetchError: more than MAX_PAGE_BYTES, an unknown encoding, damaged.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return _joined(pieces)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError("The page is packed in a way that cannot be read.")
    packed = _joined(pieces)
    try:
        return _unpacked(packed, _GZIP_OR_ZLIB)
    except zlib.error:
        pass
    try:
        return _unpacked(packed, _RAW_DEFLATE)
    except zlib.error:
        raise FetchError("The page arrived damaged.") from None


def too_large() -> FetchError:
    return FetchError("This page is larger than 5 MB.")


def _joined(pieces: Iterable[bytes]) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_PAGE_BYTES:
            raise too_large()
    return bytes(body)


def _unpacked(packed: bytes, bits: int) -> bytes:
    """All members of the packed body; zlib stops at the limit by itself."""
    body = bytearray()
    for _ in range(_MAX_MEMBERS):
        unpacker = zlib.decompressobj(bits)
        body += unpacker.decompress(packed, MAX_PAGE_BYTES - len(body) + 1)
        if len(body) > MAX_PAGE_BYTES:
            raise too_large()
        if not unpacker.eof:
            raise zlib.error("incomplete")
        packed = unpacker.unused_data
        if not packed.strip(b"\0"):  # padding
            return bytes(body)
    raise zlib.error("too many members")
