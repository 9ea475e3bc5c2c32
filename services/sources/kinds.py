"""What a file really is: by its first bytes, and only then by its name."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath
from typing import Literal

from services.errors import InvalidTextError

Kind = Literal["text", "html", "pdf", "docx"]
Foreign = Literal["old_word", "rtf", "archive", "unknown"]

KIND_BY_ENDING: dict[str, Kind] = {
    ".txt": "text",
    ".md": "text",
    ".pdf": "pdf",
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
}
_HEAD = 1024
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*){0,3}<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_FOREIGN: dict[Foreign, tuple[str, str]] = {
    "old_word": (
        "This is an older Office file, or one with a password.",
        "Open it in Word, save it as .docx without a password, or paste its text.",
    ),
    "rtf": ("This is a Rich Text file.", "Save it as .docx, or paste its text."),
    "archive": (
        "This is an archive or another program's document.",
        "Unpack it and drop the text, PDF, Word or HTML file in it.",
    ),
    "unknown": (
        "Files of this kind cannot be read.",
        "Drop a .txt, .md, .pdf, .docx or .html file, or paste the text.",
    ),
}


def kind_of_name(name: str) -> Kind | None:
    """What the ending of a file's name promises."""
    return KIND_BY_ENDING.get(PurePath(name).suffix.lower())


def kind_of_content(content: bytes) -> Kind | Foreign | None:
    """What the first bytes say, None if they say nothing (as those of a plain text)."""
    head = content[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx" if _is_word_package(content) else "archive"
    if head.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
        return "old_word"  # OLE: .doc, or a .docx with a password
    if head.startswith(b"{\\rtf"):
        return "rtf"
    return "html" if _HTML.match(head) else None


def actual_kind(content: bytes, promised: Kind | None) -> Kind:
    """What to read the content as, given what its name or the server promised.

    Raises InvalidTextError if it is none of the kinds that can be read.
    """
    found = kind_of_content(content)
    if found is None and promised == "pdf":
        return "pdf"  # some have bytes before the mark; others are damaged, and reported as such
    if found == "archive" and promised == "docx":
        return "docx"  # damaged, and reported as such
    kind = found or promised or "unknown"
    if kind == "text" or kind == "html" or kind == "pdf" or kind == "docx":
        return kind
    raise InvalidTextError(*_FOREIGN[kind])


def _is_word_package(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return any(name.startswith("word/") for name in package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
