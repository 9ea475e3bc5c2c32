"""From a file to the text in it, for review before anything is made of it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import Any

from services import sandbox
from services.errors import InvalidTextError
from services.sources.extract import clean
from services.sources.kinds import Kind, actual_kind, kind_of_name
from services.sources.plain_text import decode_page, decode_text, known_encoding

MAX_FILE_BYTES = 10_000_000
READ_SECONDS = 20.0
_LIMITS = sandbox.Limits(memory_bytes=1 << 30, cpu_seconds=60)  # we give up earlier
_AT_ONCE = 3  # documents read at the same time; each may take a processor and a gigabyte

_NAMES: dict[Kind, str] = {
    "text": "text file",
    "html": "HTML page",
    "pdf": "PDF",
    "docx": "Word document",
}
_PASTE = "Open it in its own program, copy the text, and paste it here."
_FAULTS = {
    "encrypted": (
        "This {} is protected with a password.",
        "Save it without one, or paste its text.",
    ),
    "no_text": (
        "There is no text in this {}.",
        "If it shows words, they are pictures (a scan): run text recognition, then paste the text.",
    ),
    "damaged": ("This {} is damaged or incomplete.", _PASTE),
    "too_many_pages": ("This {} has more than 500 pages.", "Paste the pages about one person."),
    "too_large": ("This {} unpacks to more than can be read.", _PASTE),
    "too_slow": ("This {} takes too long to read.", _PASTE),
}
_turns = threading.BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True)
class SourceText:
    """The text of a document, and what the analyst should know about how it was taken."""

    text: str
    notes: tuple[str, ...] = ()


def text_of_file(name: str, content: bytes) -> SourceText:
    """The text of a .txt, .md, .pdf, .docx or .html file of at most 10 MB.

    What the content is decides, not the name. Line ends are "\\n"; there are no NUL, control or
    half characters. Takes at most about READ_SECONDS. Raises InvalidTextError: not such a file,
    empty, too large, damaged, with a password, without text, or too slow to read.
    """
    return text_of_content(content, kind_of_name(name))


def text_of_content(
    content: bytes,
    promised: Kind | None,
    *,
    charset: str | None = None,
    seconds: float = READ_SECONDS,
) -> SourceText:
    """The text of `content`, which name or server say is `promised` and encoded in `charset`.

    Takes at most `seconds`. Raises InvalidTextError as text_of_file.
    """
    if not content.strip():
        raise InvalidTextError("This file is empty.", "Choose another one, or paste the text.")
    if len(content) > MAX_FILE_BYTES:
        raise InvalidTextError(
            "This file is larger than 10 MB.", "Paste the part about one person."
        )
    kind = actual_kind(content, promised)
    source = _read(kind, content, charset, seconds)
    if promised not in (None, kind):
        note = f"Read as a {_NAMES[kind]}: that is what the content is."
        return SourceText(source.text, (note, *source.notes))
    return source


def _read(kind: Kind, content: bytes, charset: str | None, seconds: float) -> SourceText:
    if kind == "text":
        return _plain(decode_text(content, known_encoding(charset)))
    if kind == "html":
        content = decode_page(content, charset).encode("utf-8", "replace")
    return _ask_worker(kind, content, seconds)


def _plain(text: str) -> SourceText:
    text = clean(text)
    if not text.strip():
        raise InvalidTextError("This file is empty.", "Choose another one, or paste the text.")
    return SourceText(text)


def _ask_worker(kind: Kind, content: bytes, seconds: float) -> SourceText:
    answer = _run_worker(kind, content, seconds)
    if "reason" in answer:
        problem, advice = _FAULTS[answer["reason"]]
        raise InvalidTextError(problem.format(_NAMES[kind]), advice)
    return SourceText(answer["text"], tuple(answer["notes"]))


def _run_worker(kind: Kind, content: bytes, seconds: float) -> dict[str, Any]:
    """The worker's answer; its end without one is an answer too."""
    until = time.monotonic() + seconds
    if not _turns.acquire(timeout=seconds):
        return {"reason": "too_slow"}
    try:
        done = sandbox.run(
            "services.sources.worker",
            kind,
            content=content,
            limits=_LIMITS,
            seconds=max(0.1, until - time.monotonic()),
        )
        answer: dict[str, Any] = json.loads(done)
    except subprocess.TimeoutExpired:
        return {"reason": "too_slow"}
    except ValueError:
        return {"reason": "damaged"}
    finally:
        _turns.release()
    return answer
