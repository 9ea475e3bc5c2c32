"""A text cut at the edges of its evidence, so that overlapping spans become pieces in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from pages.ui.inert import blocks, whole_characters

# From the firmest to the weakest: a piece of several claims is drawn as the firmest of them.
SUPPORTS = {
    "stated": "stated",
    "human": "by hand",
    "inferred": "inferred",
    "approximate": "approximate",
    "rejected": "not accepted",
}


@dataclass(frozen=True)
class Span:
    """The words [start, end) of one claim, in code points; `claim` is its id.

    `support` is one of SUPPORTS (any other word is shown as it is); `label` names the claim to
    people, for example "role".
    """

    claim: str
    start: int
    end: int
    support: str
    label: str = ""


@dataclass(frozen=True)
class Piece:
    """Consecutive characters with the same spans; `ending` are those of them that end here."""

    start: int
    end: int
    spans: tuple[Span, ...]
    ending: tuple[Span, ...]


def pieces(length: int, spans: Iterable[Span], cuts: Iterable[int] = ()) -> Iterator[Piece]:
    """Cut 0…length at every edge of a span and at `cuts`. Spans outside the text are left out."""
    inside = [span for span in spans if 0 <= span.start < span.end <= length]
    edges = {0, length, *cuts}
    edges.update(edge for span in inside for edge in (span.start, span.end))
    opening: dict[int, list[Span]] = {}
    for span in inside:
        opening.setdefault(span.start, []).append(span)
    current: list[Span] = []
    for start, end in pairwise(sorted(edges)):
        current = [span for span in current if span.end > start] + opening.get(start, [])
        yield Piece(start, end, tuple(current), tuple(s for s in current if s.end == end))


def marked_blocks(raw_text: str, spans: Sequence[Span]) -> list[list[Any]]:
    """Blocks of the text for the browser: a str where nothing is marked, else a dictionary."""
    order = {span: number for number, span in reversed(list(enumerate(spans)))}
    ends = list(accumulate(len(block) for block in blocks(raw_text)))
    drawn: list[list[Any]] = [[] for _ in ends]
    block = 0
    for piece in pieces(len(raw_text), spans, ends):
        while piece.end > ends[block]:
            block += 1
        text = _shown(raw_text, piece)
        drawn[block].append(_mark(text, piece, order) if piece.spans else text)
    return drawn


def raw_offset(raw_text: str, block: int, shown: int) -> int:
    """Where in `raw_text` the character stands that is drawn as number `shown` of its block.

    A carriage return before a line feed is not drawn. Places beyond the text are its end.
    """
    offset = sum(len(piece) for piece in blocks(raw_text)[:block])
    while offset < len(raw_text) and (shown > 0 or raw_text[offset : offset + 2] == "\r\n"):
        shown -= raw_text[offset : offset + 2] != "\r\n"
        offset += 1
    return offset


def raw_end(raw_text: str, block: int, shown: int) -> int:
    """Where in `raw_text` words end before the character drawn as number `shown` of its block: a
    carriage return that follows them is none of theirs."""
    if not shown:
        return sum(len(piece) for piece in blocks(raw_text)[:block])
    return min(raw_offset(raw_text, block, shown - 1) + 1, len(raw_text))


def legend(spans: Iterable[Span]) -> list[dict[str, str]]:
    """The kinds of support in use, firmest first."""
    used = {span.support for span in spans}
    return [{"support": kind, "label": _name(kind)} for kind in sorted(used, key=_rank)]


def _mark(text: str, piece: Piece, order: dict[Span, int]) -> dict[str, Any]:
    inner = sorted(piece.spans, key=order.__getitem__)
    kinds = sorted({span.support for span in inner}, key=_rank)
    # what is stated needs no word in the text: the exceptions stand out
    ending = sorted({span.support for span in piece.ending} - {"stated"}, key=_rank)
    return {
        "text": text,
        "claims": list(dict.fromkeys(span.claim for span in inner)),
        "support": kinds[0],
        "label": " · ".join(map(_name, ending)),
        "title": "\n".join(
            dict.fromkeys(f"{_name(s.support)}: {s.label or s.claim}" for s in inner)
        ),
    }


def _shown(raw_text: str, piece: Piece) -> str:
    """The piece with line breaks as the browser draws them, also where a span cuts CR from LF."""
    text = raw_text[piece.start : piece.end]
    if text.endswith("\r") and raw_text[piece.end : piece.end + 1] == "\n":
        text = text[:-1]
    return whole_characters(text.replace("\r\n", "\n").replace("\r", "\n"))


def _rank(support: str) -> tuple[int, str]:
    kinds = list(SUPPORTS)
    return (kinds.index(support) if support in kinds else len(kinds), support)


def _name(support: str) -> str:
    return SUPPORTS.get(support, support)
