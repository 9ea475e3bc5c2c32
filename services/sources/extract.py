"""What the readers of PDF, Word and HTML give: text and notes, or a reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Reason = Literal["encrypted", "no_text", "damaged", "too_many_pages", "too_large", "too_slow"]

_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile("\r\n?|[\x0c\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Extract:
    """The text in a document, and what a reader should know about how it was taken."""

    text: str
    notes: tuple[str, ...] = ()


class UnreadableError(Exception):
    """This document gives no text, for one of the known reasons."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def clean(text: str) -> str:
    """`text` with one kind of line end, without control and half characters."""
    text = _LINE_ENDS.sub("\n", text.removeprefix("\ufeff"))
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def tidy(text: str) -> str:
    """Clean `text` whose layout means little: no space at line ends, single empty lines."""
    lines = re.sub(r"[^\S\n]+$", "", clean(text), flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", lines).strip()
