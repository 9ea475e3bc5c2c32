"""From a block to its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Block, Document, Sentence, words_of

SENTENCE_LIMIT = 500
SENTENCE_END = re.compile(r"""[.!?…]{1,4}["')\]]{0,3}(?=\s|$)""")
_ABBREVIATION = re.compile(rf"(?:\b{lexicon.source('clauses', 'abbreviation')}|(?<![\w'])[a-z])\.$")


def sentences_of(document: Document, block: Block) -> Iterator[Sentence]:
    """The sentences of a block that hold a word; long ones are cut."""
    for start, end in _spans(document, block.start, block.end):
        while start < end:
            stop = _cut(document.plain, start, end)
            lower = document.lower[start:stop]
            words = words_of(lower)
            if any(len(word) > 1 for word in words):
                yield Sentence(start, stop, block, document.plain[start:stop], lower, words)
            start = stop


def first_end(lower: str, start: int) -> int | None:
    """Where the first sentence of lower[start:] ends, None if nothing ends it."""
    for match in SENTENCE_END.finditer(lower, start):
        if not _ABBREVIATION.search(lower[max(start, match.end() - 9) : match.end()]):
            return match.end()
    return None


def _cut(plain: str, start: int, end: int) -> int:
    if end - start <= SENTENCE_LIMIT:
        return end
    space = plain.rfind(" ", start + SENTENCE_LIMIT // 2, start + SENTENCE_LIMIT)
    return space + 1 if space > 0 else start + SENTENCE_LIMIT


def _spans(document: Document, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences in a span, without the white space between them."""
    lower = document.lower
    begin = start
    for match in SENTENCE_END.finditer(lower, start, end):
        stop = match.end()
        if match[0][0] in ".…" and not _ends(document, begin, stop, end):
            continue
        if span := _stripped(lower, begin, stop):
            yield span
        begin = stop
    if span := _stripped(lower, begin, end):
        yield span


def _ends(document: Document, begin: int, stop: int, end: int) -> bool:
    """Whether the full stop before `stop` ends a sentence."""
    if _ABBREVIATION.search(document.lower[max(begin, stop - 9) : stop]):
        return False
    following = document.plain[stop : min(end, stop + 6)].lstrip()[:1]
    trailing_off = document.lower[max(begin, stop - 2) : stop] in ("..", " .")
    return not (following.islower() and (trailing_off or document.lower[stop - 1] == "…"))


def _stripped(lower: str, start: int, end: int) -> tuple[int, int] | None:
    inner = lower[start:end]
    left = len(inner) - len(inner.lstrip())
    right = len(inner.rstrip())
    return (start + left, start + right) if left < right else None
