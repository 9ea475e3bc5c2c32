"""The process that reads one document: `python -m services.sources.worker pdf`, content on stdin.

It answers one line of JSON on stdout, {"text", "notes"} or {"reason"}, and ends. Its limits hold
even if the dashboard that started it is gone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from services.sources.extract import Extract, UnreadableError

MAX_SECONDS = 60  # of computing; the dashboard gives up earlier
MAX_MEMORY_BYTES = 1 << 30
MAX_CHARACTERS = 10_000_000


def _limit_resources() -> None:
    try:
        import resource  # not on every system
    except ImportError:
        return
    for kind, limit in (
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
    ):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):
            continue  # this system has no such limit; the others hold


def _extractor(kind: str) -> Callable[[bytes], Extract]:
    """Only the parser that is needed is loaded."""
    if kind == "pdf":
        from services.sources.pdf import extract_pdf

        return extract_pdf
    if kind == "docx":
        from services.sources.word import extract_docx

        return extract_docx
    from services.sources.web_page import extract_html

    return extract_html


def _answer(kind: str, content: bytes) -> dict[str, object]:
    try:
        extract = _extractor(kind)(content)
    except UnreadableError as error:
        return {"reason": error.reason}
    except MemoryError:
        return {"reason": "too_large"}
    except Exception:  # parsers raise anything at all on broken files
        return {"reason": "damaged"}
    if len(extract.text) > MAX_CHARACTERS:
        return {"reason": "too_large"}
    return {"text": extract.text, "notes": extract.notes}


if __name__ == "__main__":
    _limit_resources()
    print(json.dumps(_answer(sys.argv[1], sys.stdin.buffer.read())))
