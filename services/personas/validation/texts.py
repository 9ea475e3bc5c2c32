"""Texts of JSON: read, or refused with the line and column of what is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from services.errors import InvalidPersonaError
from services.personas.validation.faults import (
    LOSSY,
    MAX_BYTES,
    MAX_DEPTH,
    NOT_A_NUMBER,
    TOO_DEEP,
    TOO_LARGE,
    duplicate,
    not_an_object,
    refuse,
)
from services.personas.validation.places import Outline, suspicious_tokens
from services.personas.validation.syntax import Fault, explain_syntax, place_of
from services.personas.validation.values import (
    InexactNumber,
    check_persona,
    fault_of_text,
    is_exact,
)

_MAY_GROW = re.compile(r"\d[eE]|[\d.]{16}")  # only such numbers are longer than they are written


def parse_persona(text: str) -> dict[str, Any]:
    """Read `text` as a persona. Line and column of the error count characters from 1."""
    text = text.removeprefix("\ufeff")
    if _utf8_length(text) > MAX_BYTES:
        refuse(TOO_LARGE)
    try:
        value = json.loads(text, object_pairs_hook=unique_names)
    except json.JSONDecodeError as error:
        if any(kind != "text" for kind, *_ in _token_faults(text[: error.pos])):
            _refuse_at_place(text[: error.pos])
        refuse(explain_syntax(error), text, place_of(error))
    except RecursionError:
        _refuse_at_place(text, TOO_DEEP)
    except InvalidPersonaError:
        _refuse_at_place(_well_formed(text))
        raise
    except ValueError:  # a number of more than 4300 digits
        _refuse_at_place(text, LOSSY)
    _refuse_at_place(text, names_differ=True)
    return check_persona(value) if _MAY_GROW.search(text) else value


def read_json(text: str) -> Any:
    """Any JSON. Raises ValueError, RecursionError; InvalidPersonaError if a name stands twice in
    one object."""
    return json.loads(
        text,
        object_pairs_hook=unique_names,
        parse_constant=_no_json,
        parse_float=lambda number: float(number) if is_exact(number) else InexactNumber(number),
        parse_int=lambda number: int(number) if is_exact(number) else InexactNumber(number),
    )


def _refuse_at_place(
    text: str, otherwise: Fault | None = None, *, names_differ: bool = False
) -> None:
    """Refuse the first of whatever well-formed `text` must not hold; else for `otherwise`.

    `names_differ`: it is known that no name stands twice.
    """
    found = _first_fault(text, names_differ)
    if found is not None:
        refuse(found[0], text, found[1])
    if otherwise is not None:
        refuse(otherwise)


def _well_formed(text: str) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return text[: error.pos]
    except (RecursionError, ValueError):
        return text
    return text


def _first_fault(text: str, names_differ: bool) -> tuple[Fault, int] | None:
    begin = len(text) - len(text.lstrip())
    if text[begin] != "{":
        return not_an_object("a list" if text[begin] == "[" else "a value"), begin
    outline = Outline(text)
    deep = outline.deeper_than(MAX_DEPTH)
    found = next(((fault, offset) for _, fault, offset in _token_faults(text[:deep])), None)
    if found is None and deep is not None:
        found = TOO_DEEP, deep
    if not names_differ:
        name = outline.repeated_name(found[1] if found else None)
        found = (duplicate(name[0]), name[1]) if name else found
    return found


def _token_faults(text: str) -> Iterator[tuple[str, Fault, int]]:
    """The kind, fault and offset of every text, number or constant that cannot be kept."""
    for kind, token, offset in suspicious_tokens(text):
        if kind == "text":
            fault = fault_of_text(json.loads(token))
        elif kind == "number":
            fault = None if is_exact(token) else LOSSY
        else:
            fault = NOT_A_NUMBER
        if fault is not None:
            yield kind, fault, offset


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for `object_pairs_hook`; refused if a name stands twice in it."""
    entries = dict(pairs)
    if len(entries) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        refuse(duplicate(next(name for name, count in counts.items() if count > 1)))
    return entries


def _no_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
