"""Python values: which of them can be stored and read back equal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.personas.validation.faults import (
    KEY_NOT_TEXT,
    LOSSY,
    MAX_BYTES,
    MAX_DEPTH,
    NOT_A_NUMBER,
    NUL,
    SURROGATE,
    TOO_DEEP,
    TOO_LARGE,
    not_an_object,
    not_json,
    refuse,
    spoken,
)
from services.personas.validation.syntax import Fault

_SAFE_INTEGER = 2**53
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_JSON_TYPES = {str, int, float, bool, type(None), dict, list, tuple}
_Path = tuple[str | int, ...]


@dataclass(frozen=True)
class InexactNumber:
    """A number of JSON that would not be kept as it is written; check_persona refuses it."""

    text: str

    def __str__(self) -> str:
        return self.text


def check_persona(value: object, under: _Path = ()) -> dict[str, Any]:
    """Return `value` if it can be stored as a persona and read back equal, else raise.

    `under` is where it stands, if it is a part of something larger.
    """
    if not isinstance(value, dict):
        refuse(not_an_object("a list" if isinstance(value, list) else "a value"))
    if _is_plain(value, len(under)):
        return value
    size = 0
    for path, item, is_key in _walk(value, under):
        if len(path) >= MAX_DEPTH and isinstance(item, dict | list | tuple):
            refuse(TOO_DEEP)
        fault = _fault_of_key(item) if is_key else _fault_of_value(item)
        if fault is not None:
            refuse(Fault(f"at {spoken(path)}: {fault.problem}", fault.advice))
        size += _size(item)
        if size > MAX_BYTES:
            refuse(TOO_LARGE)
    return value


def is_exact(number: str) -> bool:
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


def fault_of_text(text: str) -> Fault | None:
    found = _UNSTORABLE.search(text)
    if found is None:
        return None
    return NUL if found.group() == "\x00" else SURROGATE


def _fault_of_key(key: object) -> Fault | None:
    return fault_of_text(key) if isinstance(key, str) else KEY_NOT_TEXT


def _fault_of_value(value: object) -> Fault | None:
    if isinstance(value, str):
        return fault_of_text(value)
    if isinstance(value, float):
        return None if math.isfinite(value) else NOT_A_NUMBER
    if isinstance(value, int):  # bool too
        return None if _is_exact_int(value) else LOSSY
    if value is None or isinstance(value, dict | list | tuple):
        return None
    return LOSSY if isinstance(value, InexactNumber) else not_json(value)


def _is_exact_int(value: int) -> bool:
    return -_SAFE_INTEGER <= value <= _SAFE_INTEGER or (
        value.bit_length() <= 1024 and is_exact(str(value))
    )


def _is_plain(root: dict[Any, Any], above: int = 0) -> bool:
    """Whether nothing at all is wrong with `root`, `above` levels down: a quick look, level by
    level, that refuses what is too large, and leaves it to `_walk` to say what else is wrong."""
    containers: list[Any] = [root]
    size = 0
    while containers:
        above += 1
        size += 2 * len(containers)
        if above > MAX_DEPTH:
            return False
        if size + 2 * sum(map(len, containers)) > MAX_BYTES:  # "1," at least
            refuse(TOO_LARGE)
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
    if size > MAX_BYTES:
        refuse(TOO_LARGE)
    return True


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
