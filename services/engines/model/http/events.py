"""Server-sent events, as models stream their answers: the data of each.

The client's own reading of them takes most of the time of a question; this one does what is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import jiter

_END = b"[DONE]"


def events(pieces: Iterable[bytes]) -> Iterator[Any]:
    """The JSON value of each event until the last one; of one that was cut, nothing.

    Raises json.JSONDecodeError for data that is none.
    """
    data: list[bytes] = []
    for line in _lines(pieces):
        if line.startswith(b"data:"):
            data.append(line[5:].strip())
        elif not line and data:
            whole, data = b"\n".join(data), []
            if whole.startswith(_END):
                return
            yield _value(whole)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends (LF, CR or CRLF); not what stands behind the last one."""
    begun: list[bytes] = []
    for piece in pieces:
        begun.append(piece)
        if b"\n" not in piece and b"\r" not in piece:
            continue
        *lines, rest = b"".join(begun).splitlines(keepends=True)
        if rest.endswith(b"\n"):
            lines.append(rest)
            rest = b""
        begun = [rest] if rest else []  # a CR at the end may be half of a CRLF
        for line in lines:
            yield line.rstrip(b"\r\n")
    if begun and begun[-1].endswith(b"\r"):
        yield b"".join(begun).rstrip(b"\r\n")


def _value(data: bytes) -> Any:
    try:
        return jiter.from_json(data)
    except ValueError:  # halves of surrogate pairs, say, which servers do send
        return json.loads(data)
