"""Where a text stops being JSON, in plain words.

`explain_syntax` puts Python's parser messages into words for people who do not write JSON every
day. `first_fault` goes through the tokens of well-formed JSON and finds the place of the first
one that is refused for another reason. Both are only used once something is known to be wrong, so
they may be slow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """What is wrong, as the rest of a sentence after a colon, and what to do about it."""

    problem: str
    advice: str


TokenCheck = Callable[[str, Any, set[str]], Fault | None]


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, both from 1, columns in code points."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


# Syntax

_ENDED = Fault(
    "the text ends too early", "Close every { with } and every [ with ], in the right order."
)
_TRAILING_COMMA = Fault("nothing follows the comma", "Delete the comma, or add an entry after it.")
_SINGLE_QUOTES = Fault('text stands in the wrong quotes, not in "…"', 'Use straight quotes: "…".')
_COMMENT = Fault("JSON knows no comments", "Delete the comment.")
_NO_COMMA = Fault("a comma is missing between two entries", "Put a comma after the entry before.")
_WRONG_CLOSE = Fault(
    "this bracket does not close what was opened last", "Close { with } and [ with ]."
)
_LEADING_ZERO = Fault(
    "a number cannot begin with 0", 'Delete the zero, or put it in quotes: "007".'
)
_NUMBER = Fault("this is not a number JSON knows", "Write it like 12, -3.5 or 1e6.")
_NAME = Fault(
    'the name of an entry is expected here, in "…"', 'Write "name": value, separated by commas.'
)
_VALUE = Fault(
    "a value is expected here", 'Write "text", a number, true, false, null, [ … ] or { … }.'
)
_UNQUOTED = Fault("text must stand in double quotes", 'Write "…" around it.')

_WORDS = {
    "True": Fault("JSON writes true in small letters", "Write true."),
    "False": Fault("JSON writes false in small letters", "Write false."),
    "None": Fault("JSON has no None", "Write null."),
    "undefined": Fault("JSON has no undefined", "Write null."),
    "nan": Fault("NaN is not JSON", "Write null, or the word in quotes."),
}
_WORD = re.compile(r"\w+")
_BY_MESSAGE = {
    "Expecting ':' delimiter": Fault(
        "a colon is missing after the name", 'Write "name": and then the value.'
    ),
    "Unterminated string starting at": Fault(
        "the text that begins here is never closed", "Put a closing quote at its end."
    ),
    "Invalid control character at": Fault(
        "a line break or tab stands inside a text", "Write \\n or \\t instead."
    ),
    "Invalid \\escape": Fault(
        "a single backslash stands inside a text", "Double it: \\\\, or write \\n, \\t or \\u20ac."
    ),
    "Invalid \\uXXXX escape": Fault(
        "\\u must be followed by four hexadecimal digits", "Write for example \\u20ac."
    ),
    "Extra data": Fault("something follows after the end", "Delete everything after the last }."),
}


def explain_syntax(error: json.JSONDecodeError) -> Fault:
    """The reason of a parser error in plain words."""
    text, offset = error.doc, error.pos
    if not text.strip():
        return Fault("there is nothing here yet", "Write { } for an empty persona.")
    if text[offset:].strip() == "" and error.msg.startswith("Expecting"):
        return _ENDED
    for message, fault in _BY_MESSAGE.items():
        if error.msg.startswith(message):
            return fault
    char, before = text[offset], text[:offset].rstrip()[-1:]
    return _at_char(char, before) or _expected(error.msg, text, offset, before)


def _at_char(char: str, before: str) -> Fault | None:
    if char in "/#":
        return _COMMENT
    if char in "'‘’“”„«»`":
        return _SINGLE_QUOTES
    if char in "}]" and before == ",":
        return _TRAILING_COMMA
    return None


def _expected(message: str, text: str, offset: int, before: str) -> Fault:
    char = text[offset]
    if message.startswith("Expecting property name"):
        return _NAME
    if message.startswith("Expecting ','"):
        if char in "}]":
            return _WRONG_CLOSE
        if before == "0" and char.isdigit():
            return _LEADING_ZERO
        return _NUMBER if before.isdigit() and char in ".eExX_" else _NO_COMMA
    word = _WORD.match(text, offset)
    if char in "+-." or (char.isdigit() and word):
        return _NUMBER
    return _WORDS.get(word.group(), _UNQUOTED) if word else _VALUE


# Faults of well-formed JSON

_TOKEN = re.compile(
    r'[ \t\n\r]*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[{}\[\]:,])'
    r"|(?P<constant>NaN|-?Infinity)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[a-z]+))",
    re.DOTALL,
)


@dataclass
class _Level:
    """An open bracket: the names its object has so far, and whether a name may come next."""

    opened: str
    names: set[str] = field(default_factory=set)
    awaits_name: bool = True


def first_fault(
    text: str, check: TokenCheck, max_depth: int, too_deep: Fault
) -> tuple[Fault, int] | None:
    """The first token that `check` or the depth refuses, with its offset; None if there is none.

    `check(kind, value, names)` sees "start" (the first token as written), "name" and "text"
    (decoded), "number" and "constant" (as written).
    """
    levels: list[_Level] = []
    for index, found in enumerate(_TOKEN.finditer(text)):
        kind, raw = found.lastgroup or "", found.group(found.lastgroup or 0)
        offset = found.end() - len(raw)
        fault = check("start", raw, set()) if index == 0 else None
        fault = fault or _token_fault(kind, raw, levels, check)
        if fault is None and len(levels) > max_depth:
            fault = too_deep
        if fault is not None:
            return fault, offset
    return None


def _token_fault(kind: str, raw: str, levels: list[_Level], check: TokenCheck) -> Fault | None:
    if kind == "mark":
        _follow(raw, levels)
        return None
    if kind == "text":
        value = json.loads(raw)
        level = levels[-1] if levels else _Level("[")
        if level.opened == "[" or not level.awaits_name:
            return check("text", value, set())
        fault = check("name", value, level.names)
        level.names.add(value)
        return fault
    return check(kind, raw, set()) if kind in ("number", "constant") else None


def _follow(mark: str, levels: list[_Level]) -> None:
    if mark in "{[":
        levels.append(_Level(mark))
    elif mark in "}]":
        del levels[-1:]
    elif levels:
        levels[-1].awaits_name = mark == ","
