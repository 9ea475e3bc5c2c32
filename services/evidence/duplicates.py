"""One persona from many supported claims: repeats merged, one value for a single field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from services.evidence.claims import Reason, Rejected
from services.evidence.schema import FIELD_BY_NAME
from services.evidence.support import Supported
from services.evidence.text.folding import fold, words
from services.evidence.text.meaning import negation_flipped, same_numbers

_SAME = 92  # token-set ratio of two ways to say one thing
_SAME_WORDS_USED = 60  # enough if both rest on the same words
_SHORT = 2  # words; "Java" and "Java EE" share all words of one and are two things


def merge(found: Iterable[Supported], field: str) -> tuple[list[Supported], list[Rejected]]:
    """The claims of one field that stay, in text order, and those that repeat or compete.

    Of a repeated claim the stated one stays, else the first. A single field keeps the value that
    stands first in the text: people introduce themselves before they speak of others.
    """
    kept: list[_Entry] = []
    rejected: list[Rejected] = []
    for claim in sorted(found, key=lambda claim: (claim.value_start, claim.value_end)):
        entry = _entry(claim)
        index = _repeated(entry, kept)
        if index is None:
            kept.append(entry)
            continue
        better, other = _ranked(entry, kept[index])
        rejected.append(other.claim.rejected(Reason.DUPLICATE))
        kept[index] = better
    claims = [entry.claim for entry in kept]
    if FIELD_BY_NAME[field].kind == "single":
        rejected += [claim.rejected(Reason.OTHER_VALUE_KEPT) for claim in claims[1:]]
        claims = claims[:1]
    return claims, rejected


@dataclass(frozen=True)
class _Entry:
    """A claim with its value made comparable once."""

    claim: Supported
    folded: str
    plain: str
    size: int  # words


def _entry(claim: Supported) -> _Entry:
    folded = fold(claim.claim.value)
    parts = words(folded)
    return _Entry(claim, folded, " ".join(parts), len(parts))


def _repeated(entry: _Entry, kept: list[_Entry]) -> int | None:
    for index, other in enumerate(kept):
        if _same(entry, other):
            return index
    return None


def _same(one: _Entry, other: _Entry) -> bool:
    if one.folded == other.folded:
        return True
    return (
        _similar(one, other)
        and same_numbers(one.folded, other.folded)
        and not negation_flipped(one.folded, other.folded)
    )


def _similar(one: _Entry, other: _Entry) -> bool:
    first, second = one.claim, other.claim
    overlap = first.value_start < second.value_end and second.value_start < first.value_end
    if not overlap and first.claim.field != "name" and min(one.size, other.size) <= _SHORT:
        return fuzz.token_sort_ratio(one.folded, other.folded) >= _SAME
    needed = _SAME_WORDS_USED if overlap else _SAME
    return fuzz.token_set_ratio(one.plain, other.plain) >= needed


def _ranked(new: _Entry, old: _Entry) -> tuple[_Entry, _Entry]:
    """(better, other): stated beats inferred, a full name its part, else the earlier stays."""
    if new.claim.support != old.claim.support:
        return (new, old) if new.claim.support == "stated" else (old, new)
    fuller = new.claim.claim.field == "name" and new.size > old.size
    return (new, old) if fuller else (old, new)
