"""People's text on the screen: shown as it is, never as markup.

Measured in the browser (tests/browser/test_components.py repeats it): `st.markdown`, buttons,
titles and alerts alter even escaped text ("->" becomes an arrow, addresses become links, blank
lines split it); `st.text` trims it; `st.code` and escaped `st.html` keep it. So `inert_text` shows
whole texts, and `plain` is for the short values that must stand in a label or between markup.
"""

from __future__ import annotations

import html
import re
import unicodedata

import streamlit as st

_WORD_JOINER = "\u2060"  # no width, no break: it only keeps two characters from being read as one
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_REWRITTEN = re.compile(r"(?:->|<-|--|<=|>=|~=|:/|:s|www\.|@)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATED = ("\u2068", "\u2069")  # first strong isolate … pop directional isolate
_STYLE = "overflow:auto;font-family:inherit;line-height:1.6;margin:0"
_BLOCK_STYLE = (
    "white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:start;"
    "content-visibility:auto;contain-intrinsic-size:auto 8em"
)
_BLOCK = 8_000  # characters the browser lays out at once; a megabyte in one piece takes seconds


def inert_text(text: str, *, height: int | None = 520, label: str = "Source text") -> None:
    """Show a text with its spaces and line breaks, each line in its own direction.

    It grows with the text up to `height` pixels and scrolls beyond; None never scrolls.
    """
    limit = "" if height is None else f"max-height:{height}px;"
    inner = "".join(
        f'<div dir="auto" style="{_BLOCK_STYLE}">{html.escape(block)}</div>'
        for block in blocks(whole_characters(text))
    )
    st.html(f'<div {region(label)} style="{limit}{_STYLE}">{inner}</div>')


def code_to_copy(text: str, *, label: str) -> None:
    """Show commands or figures as they are, whole lines; a click marks all of it, to be copied.

    `st.code` would bring 380 KB of colours for languages along.
    """
    st.html(f'<pre class="to-copy" {region(label)}>{escaped(text)}</pre>')


def region(label: str) -> str:
    """The attributes of what may scroll, for an element of `st.html`: named, and reached by Tab."""
    return f'role="region" aria-label="{html.escape(label)}" tabindex="0"'


def escaped(text: str) -> str:
    """`text` as it is, for the inside of an element of `st.html`."""
    return html.escape(whole_characters(text))


def plain(text: str, most: int | None = None) -> str:
    """`text` as one line for markdown, labels, titles and alerts, cut after `most` characters.

    The result may be put between markup: `f"**{plain(name)}**"`. It looks like the text; a copy
    of it can hold word joiners.
    """
    line = one_line(text, most)
    parted = _REWRITTEN.sub(lambda found: _parted(found.group()), line)
    escaped = _PUNCTUATION.sub(r"\\\1", parted)
    return f"{_ISOLATED[0]}{escaped}{_ISOLATED[1]}" if _is_right_to_left(line) else escaped


def one_line(text: str, most: int | None = None) -> str:
    """`text` as one line where nothing is markdown, as in options; cut after `most` characters."""
    line = " ".join(whole_characters(_BIDI_CONTROLS.sub("", text)).split())
    line = _CONTROLS.sub("\ufffd", line)
    if most is not None and len(line) > most:
        line = f"{line[: most - 1].rstrip()}…"
    return line


def blocks(text: str) -> list[str]:
    """`text` in consecutive pieces that end at a line break, or else at a space, if there is one.

    A browser draws each of them only when it is scrolled into view.
    """
    pieces, start = [], 0
    while len(text) - start > _BLOCK:
        limit = start + _BLOCK
        breaks = (text.rfind(space, start, limit) for space in "\n ")
        end = next((found + 1 for found in breaks if found >= start), limit)
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]] if start < len(text) else pieces


def whole_characters(text: str) -> str:
    """`text` with lone surrogates, which cannot be sent to a browser, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _parted(pair: str) -> str:
    return f"{pair}{_WORD_JOINER}" if len(pair) == 1 else f"{pair[:-1]}{_WORD_JOINER}{pair[-1]}"


def _is_right_to_left(line: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in line)


def passage(text: str, start: int, end: int) -> str:
    """A long passage in words: its length and how it begins, for markdown."""
    begins = plain(text[start:end], 60)
    return f"{end - start:,} of {len(text):,} characters, from “{begins}” on"
