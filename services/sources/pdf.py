"""The text of a PDF, page by page. Runs in the worker."""

from __future__ import annotations

import io

from pypdf import PdfReader
from pypdf.errors import DependencyError

from services.sources.extract import Extract, UnreadableError, tidy

MAX_PAGES = 500
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)


def extract_pdf(content: bytes) -> Extract:
    """The pages' texts with an empty line between them, ligatures as letters.

    Raises UnreadableError: encrypted, no_text (only pictures), too_many_pages, damaged.
    """
    reader = _open(content)
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise UnreadableError("too_many_pages")
    texts = [_text_of_page(reader, number) for number in range(count)]
    written = [text for text in texts if text]
    if not written:
        raise UnreadableError("damaged" if None in texts or not texts else "no_text")
    return Extract("\n\n".join(written), (_note(texts),))


def _open(content: bytes) -> PdfReader:
    reader = PdfReader(io.BytesIO(content))
    try:
        # Many files are encrypted with an empty password, only to forbid printing.
        locked = reader.is_encrypted and not reader.decrypt("")
    except (DependencyError, NotImplementedError):
        locked = True
    if locked:
        raise UnreadableError("encrypted")
    return reader


def _text_of_page(reader: PdfReader, number: int) -> str | None:
    """None if the page is damaged: the others may still be worth reading."""
    try:
        text = reader.pages[number].extract_text()
    except MemoryError:
        raise
    except Exception:
        return None
    # A soft hyphen at the end of a line parts one word.
    return tidy(text.translate(_LIGATURES).replace("\u00ad\n", ""))


def _note(texts: list[str | None]) -> str:
    note = f"{len(texts)} {'page' if len(texts) == 1 else 'pages'}"
    if empty := texts.count(""):
        note += f"; {empty} held no text (pictures are not read)"
    if damaged := texts.count(None):
        note += f"; {damaged} could not be read"
    return f"{note}."
