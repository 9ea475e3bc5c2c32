"""One persona from many supported claims: repeats merged, one value for a single field."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from services.generation.claims import Reason, Rejected
from services.generation.folding import fold, words
from services.generation.meaning import negation_flipped, same_numbers
from services.generation.schema import FIELD_BY_NAME
from services.generation.support import Supported

_SAME = 92  # token-set ratio of two ways to say one thing
_SAME_WORDS_USED = 60  # enough if both rest on the same words
_SHORT = 2  # words; "Java" and "Java EE" share all words of one and are two things


def merge(found: Iterable[Supported], field: str) -> tuple[list[Supported], list[Rejected]]:
    """The claims of one field that stay, in text order, and those that repeat or compete.

    Of a repeated claim the stated one stays, else the first. A single field keeps the value that
    stands first in the text: people introduce themselves before they speak of others.
    """
    kept: list[Supported] = []
    rejected: list[Rejected] = []
    for claim in sorted(found, key=lambda claim: (claim.value_start, claim.value_end)):
        index = _repeated(claim, kept)
        if index is None:
            kept.append(claim)
        elif _better(claim, kept[index]):
            rejected.append(kept[index].rejected(Reason.DUPLICATE))
            kept[index] = claim
        else:
            rejected.append(claim.rejected(Reason.DUPLICATE))
    if FIELD_BY_NAME[field].kind == "single":
        rejected += [claim.rejected(Reason.OTHER_VALUE_KEPT) for claim in kept[1:]]
        kept = kept[:1]
    return kept, rejected


def _repeated(claim: Supported, kept: list[Supported]) -> int | None:
    for index, other in enumerate(kept):
        if _same(claim, other):
            return index
    return None


def _same(one: Supported, other: Supported) -> bool:
    first, second = fold(one.claim.value), fold(other.claim.value)
    if first == second:
        return True
    if not same_numbers(first, second) or negation_flipped(first, second):
        return False
    similarity = fuzz.token_set_ratio(_plain(first), _plain(second))
    if one.value_start < other.value_end and other.value_start < one.value_end:
        return similarity >= _SAME_WORDS_USED
    if one.claim.field != "name" and min(len(words(first)), len(words(second))) <= _SHORT:
        similarity = fuzz.token_sort_ratio(first, second)
    return similarity >= _SAME


def _plain(folded: str) -> str:
    return " ".join(words(folded))


def _better(new: Supported, old: Supported) -> bool:
    """A stated claim beats an inferred one; a full name beats its part."""
    if new.support != old.support:
        return new.support == "stated"
    is_name = new.claim.field == "name"
    return is_name and len(words(fold(new.claim.value))) > len(words(fold(old.claim.value)))
