"""Where a text stops being JSON, in plain words for people who do not write JSON every day."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What is wrong, as the rest of a sentence after a colon, and what to do about it."""

    problem: str
    advice: str


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


def place_of(error: json.JSONDecodeError) -> int:
    """The character to point to: where a comma is missing, the end of the entry before."""
    if explain_syntax(error) is _NO_COMMA:
        return len(error.doc[: error.pos].rstrip())
    return error.pos


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
