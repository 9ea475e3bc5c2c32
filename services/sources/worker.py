"""What reads one document in the sandbox: its kind as argument, its content on stdin.

It answers one line of JSON on stdout, {"text", "notes"} or {"reason"}, and ends.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from services.sources.extract import Extract, UnreadableError

MAX_CHARACTERS = 10_000_000


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
    print(json.dumps(_answer(sys.argv[1], sys.stdin.buffer.read())))
