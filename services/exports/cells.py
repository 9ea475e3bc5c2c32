"""Cells of a CSV: complete, exact and safe to open in a spreadsheet; and back.

A row is id, created_at, updated_at, raw_text, then the persona flattened: one column for each
dot path (`persona.address.city`; a dot or backslash inside a key is escaped by a backslash).

A cell holds a value so that reading gives it back exactly:
- a string stands as it is, unless it could read as JSON (`5`, `true`, `"x"`, `[x]`, empty): then
  quoted;
- every other value stands as JSON (numbers, true, null, lists, empty objects);
- an empty cell means that the persona has no such path.

Cells that a spreadsheet would run as a formula get an apostrophe in front, and so do cells that
begin with one, so that taking one apostrophe away always restores the cell.
(https://owasp.org/www-community/attacks/CSV_Injection)

A spreadsheet that is told another separator makes cells of the middle of a text. So behind every
space, line end, quote or separator, what would begin a formula there gets an invisible word joiner
(U+2060) in front; inside JSON it is written as an escape. Reading takes both back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.personas.paths import join_path

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠'\t\r]")
# Migration 012 has the same two rules in SQL; tests/integration/test_exports.py compares.
COULD_BE_JSON = re.compile(
    r"[ \t\n\r]*(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity"
    r'|\[.*\]|\{.*\}|".*")[ \t\n\r]*',
    re.DOTALL,
)
_JOINER = "\u2060"
_INSIDE = re.compile(rf"""([\s,;|"])({_JOINER}*+)(?=[=+\-@＝＋－＠])""")
_JSON_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_INSIDE_JSON = re.compile(r'(?<=[\s,;|"])[=+\-@＝＋－＠]')


def flatten(value: dict[str, Any], parents: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Pairs of dot path and leaf; an empty object and any list are leaves."""
    for key, child in value.items():
        path = (*parents, key)
        if isinstance(child, dict) and child:
            yield from flatten(child, path)
        else:
            yield join_path(path), child


def inert_inside(cell: str, *, is_text: bool = False) -> str:
    """A cell in which nothing begins a formula behind any separator.

    It is JSON if it reads as that, unless `is_text`. Reading JSON, or restored(), takes it back.
    """
    if not _INSIDE.search(cell):
        return cell
    if is_text or not COULD_BE_JSON.fullmatch(cell):
        return joined(cell)
    return _JSON_TEXT.sub(
        lambda text: _INSIDE_JSON.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text[0]), cell
    )


def joined(text: str) -> str:
    return _INSIDE.sub(rf"\1\2{_JOINER}", text)


def parted(text: str) -> str:
    return _INSIDE.sub(lambda found: found[1] + found[2][1:], text) if _JOINER in text else text


def restored(text: str) -> str:
    """A cell of any CSV that is no JSON: without what this module puts in, if it is there."""
    text = parted(text)
    return text[1:] if text.startswith("'") and FORMULA.match(text, 1) else text
