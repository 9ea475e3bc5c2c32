"""Plain text: how its bytes become characters, and how many of them are taken."""

from __future__ import annotations

import codecs
import re

from services.errors import InvalidTextError

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What pages are written in (https://encoding.spec.whatwg.org/#names-and-labels). Python has codecs
# beyond these that do other things than decode letters, so a page may not name just any.
_ENCODINGS = re.compile(
    r"ascii|utf-8|utf-16(-le|-be)?|iso8859-\d+|cp(125\d|874|932|949)|koi8-[ru]|mac-roman|tis-620"
    r"|gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|euc_jp|iso2022_jp|euc_kr"
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.I)
_META_WITHIN = 4096  # bytes; the standard asks for the first 1024


def decode_text(content: bytes, encoding: str | None = None) -> str:
    """The text of a .txt or .md file: by its byte order mark, `encoding`, UTF-8, Windows-1252.

    A character cut in half at the end is dropped. Raises InvalidTextError for files that are not
    text.
    """
    marked = next((name for bom, name in _BOMS if content.startswith(bom)), None)
    if marked is None and encoding == "utf-16":
        encoding = _unmarked_utf16(content)
    text = _decode(content, marked or encoding or "utf-8")
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


def decode_page(content: bytes, charset: str | None = None) -> str:
    """The characters of an HTML page: by its byte order mark, the server's `charset`, its <meta>.

    Raises InvalidTextError for content that is not text.
    """
    meta = _META_CHARSET.search(content[:_META_WITHIN])
    named = known_encoding(charset) or (known_encoding(meta[1].decode("ascii")) if meta else None)
    if meta and named and named.startswith("utf-16"):
        named = "utf-8"  # it could not have been read as ASCII; the standard says the same
    return decode_text(content, named)


def known_encoding(name: str | None) -> str | None:
    """Python's name of an encoding that pages are written in, else None."""
    if not name or not re.fullmatch(r"[\w:.-]{1,40}", name, re.ASCII):
        return None
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    if not _ENCODINGS.fullmatch(found):
        return None
    return "cp1252" if found in ("ascii", "iso8859-1") else found  # as every browser does


def _unmarked_utf16(content: bytes) -> str:
    """What "UTF-16" without its mark means: where the zero bytes of Latin letters stand tells."""
    first, second = content[0::2].count(0), content[1::2].count(0)
    if first == second == 0 and content.isascii():
        return "utf-8"  # the name is wrong
    return "utf-16-be" if first > second else "utf-16-le"


def _decode(content: bytes, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        text = decoder.decode(content)  # not final: an incomplete character at the end is kept back
    except UnicodeError:  # not only UnicodeDecodeError: codecs raise it bare as well
        return content.decode("cp1252" if encoding == "utf-8" else encoding, errors="replace")
    kept_back = decoder.getstate()[0]
    if encoding == "utf-8" and len(kept_back) == 1 and text.isascii():
        return content.decode("cp1252", errors="replace")  # nothing says UTF-8; it is a letter
    return text
