"""The text of a Word document (.docx). Runs in the worker.

python-docx opens the package; its own `paragraphs` would leave out text boxes, content controls
and tables, where a CV keeps most of its words. Elements: ECMA-376 part 1, WordprocessingML.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml

from services.sources.extract import Extract, UnreadableError, tidy

MAX_UNPACKED_BYTES = 60_000_000
MAX_PARTS = 5_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = {  # properties (their w:tab is a tab stop), what was deleted, and second copies
    *(f"{_W}{name}" for name in ("pPr", "rPr", "del", "moveFrom", "sectPr", "tblPr", "instrText")),
    _FALLBACK,
}
_SIGNS = {
    f"{_W}tab": "\t",
    f"{_W}ptab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
}


def extract_docx(content: bytes) -> Extract:
    """Headers, body with tables and text boxes in reading order, then foot- and endnotes.

    A table row whose cells hold one line each is one line ("Name | Ada"). Raises UnreadableError:
    damaged, too_large (unpacked), no_text.
    """
    _check_package(content)
    part = docx.Document(io.BytesIO(content)).part
    headers = _related(part, RELATIONSHIP_TYPE.HEADER)
    notes = [
        *_related(part, RELATIONSHIP_TYPE.FOOTNOTES),
        *_related(part, RELATIONSHIP_TYPE.ENDNOTES),
    ]
    texts = [*dict.fromkeys(headers), _text(part.element), *notes]
    text = tidy("\n\n".join(text for text in texts if text.strip()))
    if not text:
        raise UnreadableError("no_text")
    return Extract(text)


def _check_package(content: bytes) -> None:
    """zipfile unpacks no more of a part than the directory declares, so the sum is a bound."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnreadableError("too_large")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableError("encrypted")


def _related(part: Any, kind: str) -> list[str]:
    return [
        _text(parse_xml(relation.target_part.blob))
        for relation in part.rels.values()
        if relation.reltype == kind and not relation.is_external
    ]


def _text(element: Any) -> str:
    return "\n".join(_lines(element))


def _lines(element: Any) -> list[str]:
    if element.tag in _LEFT_OUT:
        return []
    if element.tag == f"{_W}p":
        return _paragraph(element)
    if element.tag == f"{_W}tr":
        return _row([_lines(cell) for cell in element])
    return [line for child in element for line in _lines(child)]


def _row(cells: list[list[str]]) -> list[str]:
    cells = [written for cell in cells if (written := [line for line in cell if line.strip()])]
    if all(len(cell) == 1 for cell in cells):
        return [" | ".join(cell[0].strip() for cell in cells)] if cells else []
    return [line for cell in cells for line in cell]


def _paragraph(element: Any) -> list[str]:
    boxes: list[str] = []
    text = "".join(_pieces(element, boxes))
    if text.strip() and _is_listed(element):
        text = f"- {text.lstrip()}"
    return [*text.split("\n"), *boxes]


def _pieces(element: Any, boxes: list[str]) -> Iterator[str]:
    """The words of a paragraph; the lines of text boxes anchored in it go into `boxes`."""
    for child in element:
        if child.tag in _LEFT_OUT:
            continue
        if child.tag == f"{_W}txbxContent":
            boxes += _lines(child)
        elif child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        else:
            yield from _pieces(child, boxes)


def _is_listed(paragraph: Any) -> bool:
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return False
    style = properties.find(f"{_W}pStyle")
    named = style is not None and (style.get(f"{_W}val") or "").startswith("List")
    return named or properties.find(f"{_W}numPr") is not None
