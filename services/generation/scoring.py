"""How good a draft is: its claims against values labelled by hand.

A label is a list of values. For single fields they are alternatives, any of which is right (none:
the field must stay blank); for list fields each is one value to be found. Wording may differ a
little: a value counts if it shares most words with a label, or holds it with little around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from services.evidence.schema import FIELD_BY_NAME, Claim

Labels = Mapping[str, list[str]]
"""Field → values, for one text."""

SAME_FACT = 0.6  # share of words in common (F1) for names of things
SAME_STATEMENT = 0.5  # for goals and pain points, which can be cut in several right ways
STATEMENTS = frozenset({"goals", "pain_points", "motivations", "behaviours", "values", "quotes"})


@dataclass(frozen=True)
class Tally:
    """Values found that are labelled, found but not labelled, and labelled but not found."""

    hits: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.hits + other.hits, self.extra + other.extra, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 if nothing was found."""
        found = self.hits + self.extra
        return self.hits / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is labelled that was found; 1 if nothing is labelled."""
        labelled = self.hits + self.missed
        return self.hits / labelled if labelled else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies."""
    return reduce(add, tallies, Tally())


def score(claims: Iterable[Claim], labels: Labels) -> dict[str, Tally]:
    """A tally for every labelled field; claims in other fields are not looked at."""
    values: dict[str, list[str]] = {field: [] for field in labels}
    for claim in claims:
        if claim.field in values:
            values[claim.field].append(claim.value)
    return {field: tally(field, values[field], labels[field]) for field in labels}


def tally(field: str, values: list[str], labels: list[str]) -> Tally:
    """Count one field of one text."""
    spec = FIELD_BY_NAME.get(field)
    if spec is not None and spec.kind == "single":
        return _tally_single(field, values, labels)
    return _tally_list(field, values, labels)


def _tally_single(field: str, values: list[str], labels: list[str]) -> Tally:
    if not values:
        return Tally(missed=1 if labels else 0)
    if any(same_value(field, values[0], label) for label in labels):
        return Tally(hits=1)
    return Tally(extra=1, missed=1 if labels else 0)


def _tally_list(field: str, values: list[str], labels: list[str]) -> Tally:
    """A value that says again what another one said counts neither way."""
    open_labels = list(labels)
    hits = extra = 0
    for value in values:
        match = next((label for label in open_labels if same_value(field, value, label)), None)
        if match is not None:
            open_labels.remove(match)
            hits += 1
        elif not any(same_value(field, value, label) for label in labels):
            extra += 1
    return Tally(hits, extra, len(open_labels))


def same_value(field: str, value: str, label: str) -> bool:
    """Whether a value says what the label says."""
    found, wanted = _words(value), _words(label)
    if found == wanted:
        return True
    if field == "age":
        return False
    if field == "name":
        return _holds(found, wanted) and len(found) <= len(wanted) + 1
    if field in STATEMENTS:
        return _same_statement(found, wanted)
    return overlap(value, label) >= SAME_FACT


def _same_statement(found: list[str], wanted: list[str]) -> bool:
    if _overlap(found, wanted) >= SAME_STATEMENT:
        return True
    if _holds(found, wanted):
        return len(found) <= 3 * len(wanted) + 4
    return _holds(wanted, found) and len(found) >= len(wanted) / 2


def overlap(one: str, other: str) -> float:
    """F1 of the words two texts share, 0 to 1; case, punctuation and order do not count."""
    return _overlap(_words(one), _words(other))


def _overlap(one: list[str], other: list[str]) -> float:
    shared = sum((Counter(one) & Counter(other)).values())
    return 2 * shared / (len(one) + len(other)) if shared else 0.0


def _holds(words: list[str], part: list[str]) -> bool:
    """Whether `part` stands in `words` as a run of words."""
    if not part:
        return False
    return f" {' '.join(part)} " in f" {' '.join(words)} "


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[^\w]+", " ", folded).split()
