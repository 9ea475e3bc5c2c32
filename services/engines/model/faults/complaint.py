"""What a model server says when it refuses, read from whatever shape it says it in.

Servers wrap their errors as a string, as `error`, `message` or `detail`, each of them again as an
object, a list, or JSON inside a string, or as a web page. A complaint may repeat the person's text
or the key: it is looked into to tell the fault, and never passed on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import openai

_SAID = ("message", "msg", "error", "errors", "detail", "details", "description", "title", "raw")
_WRAPPED = ("metadata", "inner_exception", "innererror", "body", "response", "last_error")
_NAMED = ("param", "loc", "parameter")
_CODED = ("code", "type", "status", "error_type", "reason", "object", "statuscode")
_COUNTED = ("n_ctx", "n_prompt_tokens")
_LONGEST = 4_000  # characters of one sentence that are read
_DEEPEST = 8
_MOST = 200  # pieces of a complaint that are read


@dataclass(frozen=True)
class Complaint:
    """A refusal: HTTP status (None within a stream), all codes and types it names, all it says.

    Everything is in lower case. `param` names what the refusal is about, "" if it does not say.
    """

    status: int | None = None
    codes: frozenset[str] = frozenset()
    words: str = ""
    param: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether there is neither a word nor a code to go by."""
        return not self.words and not self.codes


def complaint_of(error: openai.APIError) -> Complaint | None:
    """What the server said; None where no server said anything (connection, time-out)."""
    if isinstance(error, openai.APIConnectionError):
        return None
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    body = getattr(error, "body", None)  # some classes of the client have none
    return read_complaint(error.message if body is None else body, status)


def read_complaint(body: object, status: int | None = None) -> Complaint:
    """Read a body of any shape. A status that only the body names counts as well."""
    pieces = [piece for piece, _ in zip(_pieces(body, "message", 0), range(_MOST), strict=False)]
    codes = {text.lower() for kind, text in pieces if kind == "code"}
    if status is None or status < 300:  # the error stands in an answer that began well
        status = next((int(code) for code in sorted(codes) if _is_status(code)), None)
    return Complaint(
        status=status,
        codes=frozenset(codes),
        words=" ".join(text for kind, text in pieces if kind == "message").lower(),
        param=" ".join(text for kind, text in pieces if kind == "param").lower(),
    )


def _is_status(code: str) -> bool:
    return len(code) == 3 and code.isdecimal() and code[0] in "45"


def _pieces(value: Any, kind: str, depth: int) -> Iterator[tuple[str, str]]:
    """(kind, text) of everything said: kind is "message", "code" or "param"."""
    if depth > _DEEPEST or value is None or isinstance(value, bool):
        return
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _of_key(str(key).lower(), child, depth)
    elif isinstance(value, list):
        for child in value:
            yield from _pieces(child, kind, depth + 1)
    elif isinstance(value, str) and kind == "message" and value.lstrip()[:1] in ("{", "["):
        parsed: Any = None
        with suppress(ValueError, RecursionError):
            parsed = json.loads(value)
        if isinstance(parsed, dict | list):
            yield from _pieces(parsed, kind, depth + 1)
        else:
            yield kind, value[:_LONGEST]
    elif isinstance(value, str | int | float):
        yield kind, str(value)[:_LONGEST]


def _of_key(key: str, child: Any, depth: int) -> Iterator[tuple[str, str]]:
    if key in _SAID or key in _WRAPPED:
        yield from _pieces(child, "message", depth + 1)
    elif key in _NAMED:
        yield from _pieces(child, "param", depth + 1)
    elif key in _CODED:
        yield from _pieces(child, "code", depth + 1)
    elif key in _COUNTED and isinstance(child, int):
        yield "message", f"{key} {child}."
