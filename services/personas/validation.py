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
from services.personas.json_faults import Fault, explain_syntax, place_of, position
from services.personas.json_places import Outline, suspicious_tokens

MAX_DEPTH = 100
MAX_BYTES = 5 * 1024 * 1024

_SAFE_INTEGER = 2**53
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MAY_GROW = re.compile(r"\d[eE]|[\d.]{16}")  # only such numbers are longer than they are written
_JSON_TYPES = {str, int, float, bool, type(None), dict, list, tuple}
_Path = tuple[str | int, ...]


def parse_persona(text: str) -> dict[str, Any]:
    """Read `text` as a persona. Line and column of the error count characters from 1."""
    text = text.removeprefix("\ufeff")
    if _utf8_length(text) > MAX_BYTES:
        _refuse(_TOO_LARGE)
    try:
        value = json.loads(text, object_pairs_hook=unique_names)
    except json.JSONDecodeError as error:
        if any(kind != "text" for kind, *_ in _token_faults(text[: error.pos])):
            _refuse_at_place(text[: error.pos])
        _refuse(explain_syntax(error), text, place_of(error))
    except RecursionError:
        _refuse_at_place(text, _TOO_DEEP)
    except InvalidPersonaError:
        _refuse_at_place(_well_formed(text))
        raise
    except ValueError:  # a number of more than 4300 digits
        _refuse_at_place(text, _LOSSY)
    _refuse_at_place(text, names_differ=True)
    return check_persona(value) if _MAY_GROW.search(text) else value


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
    if _is_plain(value, len(under)):
        return value
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


def _refuse_at_place(
    text: str, otherwise: Fault | None = None, *, names_differ: bool = False
) -> None:
    """Refuse the first of whatever well-formed `text` must not hold; else for `otherwise`.

    `names_differ`: it is known that no name stands twice.
    """
    found = _first_fault(text, names_differ)
    if found is not None:
        _refuse(found[0], text, found[1])
    if otherwise is not None:
        _refuse(otherwise)


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
        return _not_an_object("a list" if text[begin] == "[" else "a value"), begin
    outline = Outline(text)
    deep = outline.deeper_than(MAX_DEPTH)
    found = next(((fault, offset) for _, fault, offset in _token_faults(text[:deep])), None)
    if found is None and deep is not None:
        found = _TOO_DEEP, deep
    if not names_differ:
        name = outline.repeated_name(found[1] if found else None)
        found = (_duplicate(name[0]), name[1]) if name else found
    return found


def _token_faults(text: str) -> Iterator[tuple[str, Fault, int]]:
    """The kind, fault and offset of every text, number or constant that cannot be kept."""
    for kind, token, offset in suspicious_tokens(text):
        if kind == "text":
            fault = _fault_of_text(json.loads(token))
        elif kind == "number":
            fault = None if _is_exact(token) else _LOSSY
        else:
            fault = _NOT_A_NUMBER
        if fault is not None:
            yield kind, fault, offset


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for `object_pairs_hook`; refused if a name stands twice in it."""
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise InvalidPersonaError
    return entries


def _no_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _is_exact(number: str) -> bool:
    """Whether `number` is how the nearest float is written: at its shortest, or in 17 digits."""
    if len(number) <= 15 and "e" not in number and "E" not in number:
        return True
    value = float(number)
    if repr(value) == number:
        return True
    if not math.isfinite(value):
        return False
    try:
        return Decimal(number) in (Decimal(repr(value)), Decimal(f"{value:.17g}"))
    except ArithmeticError:  # an exponent beyond what even Decimal holds
        return False


# Faults of single values


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


def _is_plain(root: dict[Any, Any], above: int = 0) -> bool:
    """Whether nothing at all is wrong with `root`, `above` levels down: a quick look, level by
    level, that leaves it to `_walk` to say what is."""
    containers: list[Any] = [root]
    size = 0
    while containers:
        above += 1
        size += 2 * len(containers)
        if above > MAX_DEPTH or size + sum(map(len, containers)) > MAX_BYTES:
            return False
        texts: list[Any] = []
        others: list[Any] = []
        for container in containers:
            if isinstance(container, dict):
                texts += container
                others += container.values()
            else:
                others += container
        if not {*map(type, texts)} <= {str} or not {*map(type, others)} <= _JSON_TYPES:
            return False
        texts += [item for item in others if type(item) is str]
        numbers = [item for item in others if type(item) in (int, float)]
        if _UNSTORABLE.search("".join(texts)) or any(map(_fault_of_value, numbers)):
            return False
        size += sum(map(_size, texts)) + sum(map(_size, numbers))
        containers = [item for item in others if type(item) in (dict, list, tuple)]
    return size <= MAX_BYTES


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
