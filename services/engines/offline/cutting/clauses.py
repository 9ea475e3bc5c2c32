"""Where a statement's value ends, and the clause around a wording."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document, Sentence

VALUE_WORDS_LIMIT = 200  # characters
_VALUE_END = lexicon.pattern(
    "clauses",
    "value end",
    r'[;:](?=\s)|\s[–—-]{1,2}\s|\s\(|[.!?](?=\s)|\.\.\.|…|"(?=[\s,.]|$)',
)
_CLAUSE_END = lexicon.pattern("clauses", "clause end", r"[;:](?=\s)|\s(?:[–—]|-{1,2})\s")
_BREATH = lexicon.pattern("clauses", "breath", r"[,;:.](?=\s)")
_OPENER = re.compile(rf"\W{{0,4}}(?:{lexicon.source('clauses', 'opener')}[ ,]{{1,3}}){{0,2}}")
_CLOSING = " \t\r\n.,;:!?\"'“”«»–—-"


def value_span(
    sentence: Sentence, offset: int, ends: re.Pattern[str] | None = None
) -> tuple[int, int]:
    """The value that starts at `offset` in the sentence, as a span of the text.

    Values end with a clause; `ends` says what else ends this kind of value.
    """
    match = _VALUE_END.search(sentence.lower, offset)
    end = match.start() if match else len(sentence.lower)
    if end - offset > VALUE_WORDS_LIMIT:
        comma = sentence.lower.rfind(",", offset + 20, offset + VALUE_WORDS_LIMIT)
        end = comma if comma > 0 else offset
    if ends and (found := ends.search(sentence.lower, offset, end)):
        end = found.start()
    return tight(sentence, offset, end)


def clause_span(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """The clause around sentence[start:end], without "And" before it, as a span of the text."""
    left = 0
    for match in _CLAUSE_END.finditer(sentence.lower, 0, start):
        if "which" not in match[0]:  # "…, which drives me mad": what comes before it does
            left = match.end()
    found = _CLAUSE_END.search(sentence.lower, end)
    right = found.start() if found else len(sentence.lower)
    if opener := _OPENER.match(sentence.lower, left, right):
        left = min(opener.end(), start)
    return tight(sentence, left, right)


def narrow_clause(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """The shorter clause around sentence[start:end], for sentences that run on and on."""
    left = 0
    for match in _BREATH.finditer(sentence.lower, 0, start):
        left = match.end()
    found = _BREATH.search(sentence.lower, end)
    return tight(sentence, left, found.start() if found else len(sentence.lower))


def tight(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """sentence[start:end] without punctuation at its edges, as a span of the text."""
    lower = sentence.lower
    while end > start and lower[end - 1] in _CLOSING:
        end -= 1
    while start < end and lower[start] in _CLOSING:
        start += 1
    return sentence.start + start, sentence.start + end


_AND = re.compile(r"\s(?:and|or|&|y|e|et|und)\s")


def parts(document: Document, start: int, end: int, split_and: bool) -> list[tuple[int, int]]:
    """The members of an enumeration in a span; brackets stay whole, "and" splits if asked."""
    found: list[tuple[int, int]] = []
    for low, high in _split_outside_brackets(document.lower, start, end):
        if not split_and:
            found.append((low, high))
            continue
        for match in _AND.finditer(document.lower, low, high):
            found.append((low, match.start()))
            low = match.end()
        found.append((low, high))
    return [(_skip_and(document.lower, low, high), high) for low, high in found if high > low]


def _split_outside_brackets(lower: str, start: int, end: int) -> list[tuple[int, int]]:
    spans, low, depth = [], start, 0
    for position in range(start, end):
        letter = lower[position]
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth = max(0, depth - 1)
        elif letter in ",;•|·" and not depth:
            spans.append((low, position))
            low = position + 1
    spans.append((low, end))
    return spans


_LEADING_AND = re.compile(r"\s{0,3}(?:and|or|&|y|et|und|also|at|some|un poco de)\s")


def _skip_and(lower: str, low: int, high: int) -> int:
    match = _LEADING_AND.match(lower, low, high)
    return match.end() if match else low
