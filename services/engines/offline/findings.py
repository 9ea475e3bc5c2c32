"""What the rules have found, and the choice among it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from services.engines.offline.cutting.document import Document, Sentence, is_empty_value
from services.evidence.schema import FIELDS, Claim

AT_MOST = {
    "skills": 30,
    "goals": 12,
    "pain_points": 14,
    "motivations": 6,
    "behaviours": 8,
    "interests": 10,
    "values": 6,
    "education": 6,
    "quotes": 6,
    "traits": 8,
}
CANDIDATE_LIMIT = 400  # a field; bounds the work on texts that repeat themselves
VALUE_LIMIT = 240
COST_OF_PLACE = {  # what standing later in the text costs, a character
    **dict.fromkeys(("role", "company", "location"), 1e-6),
    **dict.fromkeys(("age", "years_experience", "communication_style"), 1e-7),
}
EDGE = ' \t\r\n\u00a0,;:|·•"“”„«»~*_`'
CLOSING = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Candidate:
    """text[start:end] could be a value of `field`; `quote` is the span of the words around it."""

    field: str
    start: int
    end: int
    score: float
    quote: tuple[int, int]


class Findings:
    """Candidates by field. `add` refuses what cannot be a value, `claims` picks the best."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[str, list[Candidate]] = defaultdict(list)

    def add(
        self,
        field: str,
        start: int,
        end: int,
        score: float,
        around: Sentence | tuple[int, int] | None = None,
    ) -> bool:
        """Note text[start:end] for `field`; False if it is no value. Best scores near 1."""
        if self.is_full(field):
            return False
        start, end = self.trimmed(start, end)
        text = self.document.text
        if not 0 < end - start <= VALUE_LIMIT or is_empty_value(text[start:end]):
            return False
        outer = (around.start, around.end) if isinstance(around, Sentence) else around
        quote = self.document.quote_around(start, end, outer or (start, end))
        self._found[field].append(Candidate(field, start, end, score, quote))
        return True

    def add_match(
        self,
        match: re.Match[str],
        sentence: Sentence,
        field: str,
        score: float,
        group: str | None = None,
    ) -> bool:
        """Note a group (named like the field, if not told) of a match; the earlier, the better."""
        low, high = match.span(group or field)
        start = sentence.start + low
        score -= start * COST_OF_PLACE.get(field, 0)
        return self.add(field, start, sentence.start + high, score, sentence)

    def is_full(self, field: str) -> bool:
        """Whether `add` would refuse any further value for the field."""
        return len(self._found.get(field, ())) >= CANDIDATE_LIMIT

    def trimmed(self, start: int, end: int) -> tuple[int, int]:
        """The span without white space, quotes, emphasis and stray brackets at its edges."""
        text = self.document.text
        while start < end and (text[start] in EDGE or not text[start].isprintable()):
            start += 1
        while end > start and (text[end - 1] in EDGE or not text[end - 1].isprintable()):
            end -= 1
        last = text[end - 1 : end]
        if last in CLOSING and CLOSING[last] not in text[start:end]:
            return self.trimmed(start, end - 1)
        return start, end

    def best(self, field: str) -> Candidate | None:
        """The candidate with the best score, the earliest of equals."""
        found = self._found.get(field)
        return min(found, key=lambda one: (-one.score, one.start)) if found else None

    def all(self, field: str) -> list[Candidate]:
        """Every candidate of a field in the order found."""
        return list(self._found.get(field, ()))

    def is_taken(self, start: int, end: int) -> bool:
        """Whether one of the last goals or pain points stands in the span."""
        taken = self._found.get("goals", [])[-12:] + self._found.get("pain_points", [])[-12:]
        return any(start < one.end and one.start < end for one in taken)

    def claims(self) -> tuple[Claim, ...]:
        """The chosen claims in the order of FIELDS, list values in the order of the text."""
        chosen: list[Candidate] = []
        for spec in FIELDS:
            if spec.kind == "list":
                chosen += self._distinct(spec.name)
            elif best := self.best(spec.name):
                chosen.append(best)
        return tuple(map(self._claim, chosen))

    def _distinct(self, field: str) -> list[Candidate]:
        kept: list[Candidate] = []
        seen: set[str] = set()
        for one in sorted(self.all(field), key=lambda one: (-one.score, one.start)):
            value = " ".join(self.document.text[one.start : one.end].casefold().split())
            overlaps = any(one.start < other.end and other.start < one.end for other in kept)
            if value in seen or overlaps:
                continue
            seen.add(value)
            kept.append(one)
            if len(kept) == AT_MOST[field]:
                break
        return sorted(kept, key=lambda one: one.start)

    def _claim(self, one: Candidate) -> Claim:
        text = self.document.text
        return Claim(one.field, text[one.start : one.end], text[one.quote[0] : one.quote[1]])
