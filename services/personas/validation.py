"""What may be stored as a persona, and where exactly a text falls short of it.

A persona is a JSON object that comes back from the database as it went in. So, beyond the grammar
of RFC 8259, these are refused, each with its line and column or its path:

- names that stand twice in one object (one of the values would vanish);
- NaN and Infinity (not JSON), NUL characters and lone surrogates (Postgres' jsonb refuses them);
- numbers that a 64-bit float cannot keep (RFC 7493): browsers and the REST gateway read numbers
  as floats, so an id of 19 digits would change silently. Ids of that size belong in quotes;
- more than MAX_DEPTH levels or MAX_BYTES bytes.

`parse_persona` reads a text, `check_persona` looks at a Python object. Both raise
InvalidPersonaError and nothing else. `read_json` reads what may become a part of one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from services.errors import InvalidPersonaError
from services.personas.json_faults import Fault, explain_syntax, first_fault, position

MAX_DEPTH = 100
MAX_BYTES = 5 * 1024 * 1024

_SAFE_INTEGER = 2**53
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_Path = tuple[str | int, ...]


def parse_persona(text: str) -> dict[str, Any]:
    """Read `text` as a persona. Line and column of the error count characters from 1."""
    text = text.removeprefix("\ufeff")
    if _utf8_length(text) > MAX_BYTES:
        _refuse(_TOO_LARGE)
    try:
        value = json.loads(
            text,
            object_pairs_hook=unique_names,
            parse_constant=_no_constant,
            parse_float=_exact_float,
            parse_int=_exact_int,
        )
        return check_persona(value)
    except json.JSONDecodeError as error:
        _refuse(explain_syntax(error), text, error.pos)
    except RecursionError:
        _refuse_at_place(text, _TOO_DEEP)
    except InvalidPersonaError as error:
        _refuse_at_place(text, Fault(error.problem.rstrip("."), error.advice))


@dataclass(frozen=True)
class InexactNumber:
    """A number of JSON that would not be kept as it is written; check_persona refuses it."""

    text: str

    def __str__(self) -> str:
        return self.text


def read_json(text: str) -> Any:
    """Any JSON. Raises ValueError, RecursionError; InvalidPersonaError if a name stands twice in
    one object."""
    return json.loads(
        text,
        object_pairs_hook=unique_names,
        parse_constant=_no_json,
        parse_float=lambda number: float(number) if _is_exact(number) else InexactNumber(number),
        parse_int=lambda number: int(number) if _is_exact(number) else InexactNumber(number),
    )


def check_persona(value: object, under: _Path = ()) -> dict[str, Any]:
    """Return `value` if it can be stored as a persona and read back equal, else raise.

    `under` is where it stands, if it is a part of something larger.
    """
    if not isinstance(value, dict):
        _refuse(_not_an_object("a list" if isinstance(value, list) else "a value"))
    size = 0
    for path, item, is_key in _walk(value, under):
        if len(path) >= MAX_DEPTH and isinstance(item, dict | list | tuple):
            _refuse(_TOO_DEEP)
        fault = _fault_of_key(item) if is_key else _fault_of_value(item)
        if fault is not None:
            _refuse(Fault(f"at {_spoken(path)}: {fault.problem}", fault.advice))
        size += _size(item)
        if size > MAX_BYTES:
            _refuse(_TOO_LARGE)
    return value


_TOO_LARGE = Fault(
    f"the persona is larger than {MAX_BYTES // 1024**2} MB",
    "Keep long documents in the raw text and what matters of them in the persona.",
)
_TOO_DEEP = Fault(
    f"the persona is nested deeper than {MAX_DEPTH} levels",
    "Flatten it: a list of objects is easier to read as well.",
)
_NUL = Fault(
    "it holds a NUL character (\\u0000), which the database cannot store",
    "Delete the character.",
)
_SURROGATE = Fault(
    "it holds half of a character (a lone \\ud800–\\udfff), which the database cannot store",
    "Delete it, or write the whole character.",
)
_NOT_A_NUMBER = Fault(
    "NaN and Infinity are not JSON",
    "Write null, or the word in quotes.",
)
_LOSSY = Fault(
    "this number has more digits, or is larger, than can be kept exactly",
    'Put it in quotes to keep every digit, for example "12345678901234567890".',
)
_KEY_NOT_TEXT = Fault("the name of an entry must be text", "Put the name in quotes.")


def _duplicate(key: str) -> Fault:
    return Fault(
        f"the name {_quoted(key)} stands twice in the same object",
        "Keep one of them, or rename the other.",
    )


def _not_an_object(what: str) -> Fault:
    return Fault(
        f"a persona must be a JSON object, and this is {what}",
        "Write it as { … } with names and values.",
    )


def _not_json(value: object) -> Fault:
    return Fault(
        f"a value of type {type(value).__name__} cannot be written as JSON",
        "Use text, numbers, true, false, null, lists and dictionaries.",
    )


def _refuse(fault: Fault, text: str = "", offset: int | None = None) -> NoReturn:
    problem = fault.problem[:1].upper() + fault.problem[1:]
    if offset is None:
        raise InvalidPersonaError(f"{problem}.", fault.advice)
    line, column = position(text, offset)
    raise InvalidPersonaError(
        f"Line {line}, column {column}: {fault.problem}.", fault.advice, line=line, column=column
    )


def _refuse_at_place(text: str, otherwise: Fault) -> NoReturn:
    found = first_fault(text, _fault_of_token, MAX_DEPTH, _TOO_DEEP)
    _refuse(*((found[0], text, found[1]) if found else (otherwise,)))


# Hooks of json.loads: they only stop the reading; `first_fault` then finds the place.


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for `object_pairs_hook`; refused if a name stands twice in it."""
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise InvalidPersonaError
    return entries


def _no_constant(_: str) -> NoReturn:
    raise InvalidPersonaError


def _no_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _exact_float(text: str) -> float:
    if not _is_exact(text):
        raise InvalidPersonaError
    return float(text)


def _exact_int(text: str) -> int:
    if not _is_exact(text):
        raise InvalidPersonaError
    return int(text)


def _is_exact(number: str) -> bool:
    """Whether `number` is how the nearest float is written: at its shortest, or in 17 digits."""
    if len(number) <= 15 and "e" not in number and "E" not in number:
        return True
    value = float(number)
    if not math.isfinite(value):
        return False
    try:
        return Decimal(number) in (Decimal(repr(value)), Decimal(f"{value:.17g}"))
    except ArithmeticError:  # an exponent beyond what even Decimal holds
        return False


# Faults of single tokens and values


def _fault_of_token(kind: str, value: Any, names: set[str]) -> Fault | None:
    """The fault of one token of well-formed JSON; `names` are the object's names so far."""
    if kind == "start":
        return None if value == "{" else _not_an_object("a list" if value == "[" else "a value")
    if kind == "constant":
        return _NOT_A_NUMBER
    if kind == "number":
        return None if _is_exact(value) else _LOSSY
    if kind == "name" and value in names:
        return _duplicate(value)
    return _fault_of_text(value)


def _fault_of_text(text: str) -> Fault | None:
    found = _UNSTORABLE.search(text)
    if found is None:
        return None
    return _NUL if found.group() == "\x00" else _SURROGATE


def _fault_of_key(key: object) -> Fault | None:
    return _fault_of_text(key) if isinstance(key, str) else _KEY_NOT_TEXT


def _fault_of_value(value: object) -> Fault | None:
    if isinstance(value, str):
        return _fault_of_text(value)
    if isinstance(value, float):
        return None if math.isfinite(value) else _NOT_A_NUMBER
    if isinstance(value, int):  # bool too
        return None if _is_exact_int(value) else _LOSSY
    if value is None or isinstance(value, dict | list | tuple):
        return None
    return _LOSSY if isinstance(value, InexactNumber) else _not_json(value)


def _is_exact_int(value: int) -> bool:
    return -_SAFE_INTEGER <= value <= _SAFE_INTEGER or (
        value.bit_length() <= 1024 and _is_exact(str(value))
    )


def _walk(root: dict[Any, Any], under: _Path) -> Iterator[tuple[_Path, object, bool]]:
    """Every name and value below `root` with its path; lazily, for shared parts can explode."""
    stack: list[tuple[_Path, object]] = [(under, root)]
    while stack:
        path, value = stack.pop()
        if path != under:
            yield path, value, False
        if isinstance(value, dict):
            for key in value:
                yield (*path, str(key)), key, True
            entries: Any = value.items()
        elif isinstance(value, list | tuple):
            entries = enumerate(value)
        else:
            continue
        stack.extend(((*path, key), item) for key, item in reversed(list(entries)))


def _size(item: object) -> int:
    if isinstance(item, str):
        return len(item.encode("utf-8", "surrogatepass")) + 3
    return 2 if isinstance(item, dict | list | tuple) else len(str(item)) + 1


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _spoken(path: _Path) -> str:
    """A path as people write it: skills[2].name. The last part of it is what is wrong."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in path]
    return "".join(parts).removeprefix(".")


def _quoted(text: str) -> str:
    return f"“{_printable(text)}”"


def _printable(text: str) -> str:
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return "".join(char if char.isprintable() else "\ufffd" for char in short)
