"""The text of an HTML page as a reader sees it. Runs in the worker.

Rather too much than too little: the analyst reads it before it is used, and what was left out
nobody would miss. So only what is surely not about the person goes: scripts, styles, what is
hidden, menus, controls, the foot of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]  # lxml has no types of its own

from services.sources.extract import Extract, UnreadableError, tidy

_LEFT_OUT = re.compile(
    "script|style|noscript|template|head|svg|math|canvas|audio|video|object|embed|iframe|nav|menu"
    "|button|select|option|datalist|input|textarea|progress|meter"
)
_PARAGRAPH = re.compile(
    "p|h[1-6]|ul|ol|dl|table|section|article|main|header|footer|aside|blockquote|pre|figure|form|hr"
)
_LINE = re.compile(
    "div|li|tr|d[td]|address|caption|figcaption|summary|details|fieldset|legend|thead|tbody|tfoot"
)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FORCED_BREAK = "\r"  # kept where a line begins, unlike the "\n" between blocks
_LINE_ENDS = ("\n", _FORCED_BREAK)
_MAIN_SHARE = 0.5  # a <main> with less than this part of the words is not the page's main part


def extract_html(content: bytes) -> Extract:
    """The text of the page's main part, else of the whole page. `content` is UTF-8.

    Blocks are lines, list items begin with "- ", cells of a row are parted by " | ". Raises
    UnreadableError: no_text.
    """
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    document = etree.fromstring(content, parser)
    body = document.find("body") if document is not None else None
    if body is None:
        raise UnreadableError("no_text")
    whole = _text(body)
    text = _main_text(body, len(whole)) or whole
    if not text:
        raise UnreadableError("no_text")
    return Extract(_with_title(document, text), tuple(_notes(parser, text, whole)))


def _notes(parser: Any, text: str, whole: str) -> Iterator[str]:
    if len(text) < len(whole):
        yield "Only the main part of the page was taken."
    else:
        yield "Scripts, menus and hidden parts were left out."
    if any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log):
        yield "The page is nested too deeply: some of its text is missing."


def _main_text(body: Any, length: int) -> str:
    mains = body.xpath("(.//main | .//*[@role='main'])[position() <= 3]")
    for candidate in (*mains, *body.xpath("(.//article)[position() <= 3]")):
        text = _text(candidate)
        if len(text) >= length * _MAIN_SHARE:
            return text
    return ""


def _with_title(document: Any, text: str) -> str:
    title = " ".join((document.findtext(".//head/title") or "").split())
    return text if not title or title in text else tidy(f"{title}\n\n{text}")


def _text(root: Any) -> str:
    return tidy("".join(_joined(_pieces(root))))


def _joined(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces without doubled spaces, bars where a line begins, and dashes on their own."""
    end = "\n"
    for piece in pieces:
        if (end == "- " and not piece.strip()) or (
            end[-1] in _LINE_ENDS and piece in ("\n", " | ")
        ):
            continue
        if end[-1] in _LINE_ENDS or end[-1] == " ":
            piece = piece.removeprefix(" ")
        if piece:
            end = piece
            yield piece


def _pieces(root: Any) -> Iterator[str]:
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    left_out = None
    kept_as_is = 0  # how many <pre> are open
    for event, element in walker:
        if event == "start" and _is_left_out(element):
            walker.skip_subtree()
            left_out = element
        elif event == "start":
            kept_as_is += element.tag == "pre"
            yield from _opening(element)
            yield from _words(element.text, kept_as_is)
        elif element is not root:
            if event == "end" and element is not left_out:
                kept_as_is -= element.tag == "pre"
                yield from _break(element.tag)
            yield from _words(element.tail, kept_as_is)


def _opening(element: Any) -> Iterator[str]:
    yield from _break(element.tag)
    if element.tag == "br":
        yield _FORCED_BREAK
    elif element.tag == "li":
        yield "- "
    elif element.tag in ("td", "th"):
        yield " | "


def _break(tag: str) -> Iterator[str]:
    if _PARAGRAPH.fullmatch(tag):
        yield "\n\n"
    elif _LINE.fullmatch(tag):
        yield "\n"


def _words(text: str | None, kept_as_is: int) -> Iterator[str]:
    if text:
        yield text if kept_as_is else _SPACES.sub(" ", text)


def _is_left_out(element: Any) -> bool:
    if _LEFT_OUT.fullmatch(element.tag) or element.get("role") == "navigation":
        return True
    if element.tag == "footer" and next(element.iterancestors("main", "article"), None) is None:
        return True
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return hidden or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
