"""What may be given to an engine: a text, or a file with a text in it."""

from __future__ import annotations

import codecs

from services.errors import InvalidTextError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_text(content: bytes) -> str:
    """The text of a .txt or .md file: UTF-8, UTF-16 with BOM, else Windows-1252.

    Raises InvalidTextError for files that are not text.
    """
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text or text.count("\ufffd") > len(text) // 100:
        raise InvalidTextError(
            "This file does not hold plain text.",
            "Open it in its own program, copy the text, and paste it here.",
        )
    return text


def check_length(text: str, most: int) -> None:
    """Raises InvalidTextError if `text` has more than `most` characters."""
    if len(text) > most:
        raise InvalidTextError(
            f"The text has {len(text):,} characters, more than the {most:,} this dashboard takes.",
            "Shorten it, or raise GENERATION_MAX_CHARACTERS.",
        )
