"""Whether the text supports one claim: located words, and what its value has to do with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from services.evidence.claims import Reason, Rejected, Support
from services.evidence.schema import FIELD_BY_NAME, Claim
from services.evidence.text.alignment import Aligner, Match, Miss
from services.evidence.text.folding import fold, words
from services.evidence.text.meaning import (
    holds_numbers,
    negated_before,
    negations,
    numbers,
)

# In these fields a "not" before the value does not deny the claim: a hindrance is often something
# missing, a quote may begin anywhere, and "No, I'm Priya" is a name.
_NEGATION_ALLOWED = frozenset({"pain_points", "quotes", "name", "age"})
_VERBATIM = "quotes"

_NO_VALUE = """
    null none nil na nan unknown undefined unspecified unstated undisclosed tbd unclear missing
    unbekannt inconnu desconocido desconocida desconhecido nothing
"""
_PLACEHOLDERS = frozenset(_NO_VALUE.split()) | {
    "n a",
    "no answer",
    "not sure",
    "keine angabe",
}
_NOTHING_KNOWN = re.compile(
    r"(?:(?:the )?(?:text|value|information|it|age|name|role|company|location)? ?"
    r"(?:is|was|does|are)? ?)?"
    r"(?:not|never|non|nicht|no) (?:been )?(?:explicitly |clearly |directly )?"
    r"(?:specified?|stated?|mention(?:ed)?|given|give|provided?|available|applicable|disclosed?"
    r"|known|found|indicated?|clear|say|said|présent|précisé|angegeben|especificado|indicado)"
    r"(?: (?:in|by|within) (?:the )?(?:text|source|notes|document))?"
    r"|no (?:information|data|details?)(?: (?:given|provided|available|found))?"
)
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_VALUE_WORD = re.compile(r"[\w+#]+")
_SIMILAR_WORD = 75
_SMALL = """
    a an the to of in on at for and or with by is are be as it i he she we they you
    do does did has have had will would can could
"""
_SMALL_WORDS = frozenset(_SMALL.split())


@dataclass(frozen=True)
class Supported:
    """A claim whose words were found. `value_start`/`value_end` are the value's own place."""

    claim: Claim
    match: Match
    support: Support
    value_start: int
    value_end: int

    def rejected(self, reason: Reason) -> Rejected:
        """This claim as a proposal that keeps its place in the text."""
        claim, match = self.claim, self.match
        return Rejected(claim.field, claim.value, claim.quote, reason, match.start, match.end)


def check(
    aligner: Aligner, claim: Claim, within: tuple[int, int] | None = None
) -> Supported | Rejected:
    """The claim with its words, or why the text does not support it.

    `within` is where the quote is looked for first (the chunk a model was shown).
    """
    value = " ".join(_clean(claim.value).split())
    claim = Claim(claim.field, value, _clean(claim.quote))
    reason = _no_claim(claim)
    if reason:
        return Rejected(claim.field, claim.value, claim.quote, reason)
    found = _located(aligner, claim.quote, within)
    if isinstance(found, Miss):
        reason = Reason.NO_SOURCE if found.fault == "not found" else Reason(found.fault)
        return Rejected(claim.field, claim.value, claim.quote, reason)
    return _read(aligner, claim, found)


def is_placeholder(value: str) -> bool:
    """True for the ways of saying "nothing known": null, none, n/a, "not specified" …"""
    plain = " ".join(words(fold(value)))
    return not plain or plain in _PLACEHOLDERS or _NOTHING_KNOWN.fullmatch(plain) is not None


def _clean(text: str) -> str:
    """Without what a database cannot hold (NUL, controls, lone surrogates) and outer space."""
    return _UNSTORABLE.sub("", text).strip()


def _no_claim(claim: Claim) -> Reason | None:
    if claim.field not in FIELD_BY_NAME:
        return Reason.UNKNOWN_FIELD
    return Reason.PLACEHOLDER if is_placeholder(claim.value) else None


def _located(aligner: Aligner, quote: str, within: tuple[int, int] | None) -> Match | Miss:
    if within:
        found = aligner.find(quote, within=within)
        if found:
            return found
    return aligner.locate(quote, near=within[0] if within else None)


def _read(aligner: Aligner, claim: Claim, match: Match) -> Supported | Rejected:
    """Decide the support of a claim whose words were located."""
    if claim.field == _VERBATIM:
        return _read_verbatim(aligner, claim, match)
    stands = aligner.find_literal(claim.value, within=(match.start, match.end))
    located = aligner.text[match.start : match.end]
    stated = stands is not None or _same_sequence(claim.value, located)
    place = stands or match
    supported = Supported(claim, match, "stated" if stated else "inferred", place.start, place.end)
    reason = _fault(aligner, supported, located)
    return supported.rejected(reason) if reason else supported


def _read_verbatim(aligner: Aligner, claim: Claim, match: Match) -> Supported | Rejected:
    """A sentence the person said is taken from the text, never from the model."""
    said = aligner.find(claim.value, within=(match.start, match.end)) or aligner.find(claim.value)
    if said is None:
        rejected = Supported(claim, match, "inferred", match.start, match.end)
        return rejected.rejected(Reason.VALUE_NOT_IN_TEXT)
    value = " ".join(aligner.text[said.start : said.end].split())
    exact = Claim(claim.field, value, claim.quote)
    return Supported(exact, said, "stated", said.start, said.end)


def _fault(aligner: Aligner, found: Supported, located: str) -> Reason | None:
    """What keeps a claim out although its words were located."""
    field, value, words_found = found.claim.field, fold(found.claim.value), fold(located)
    if not holds_numbers(words_found, value):
        return Reason.NUMBER_ALTERED
    if found.support == "inferred":
        if FIELD_BY_NAME[field].literal and not _stands(aligner, found.claim):
            return Reason.VALUE_NOT_IN_TEXT
        if _carrying_words_altered(value, fold(found.claim.quote), words_found):
            return Reason.NO_SOURCE
    if field not in _NEGATION_ALLOWED and _denied(aligner.text, found, words_found):
        return Reason.NEGATION_FLIPPED
    return None


def _stands(aligner: Aligner, claim: Claim) -> bool:
    """A literal value stands in the text; an age may be spelt otherwise ("38-year-old")."""
    if claim.field == "age" and numbers(fold(claim.value)):
        return True  # that the located words hold this number is known by now
    return aligner.find_literal(claim.value) is not None


def _same_sequence(value: str, located: str) -> bool:
    """True if the value's words stand in a row, whatever the punctuation between them."""
    wanted, there = _VALUE_WORD.findall(fold(value)), _VALUE_WORD.findall(fold(located))
    size = len(wanted)
    return size > 0 and any(there[i : i + size] == wanted for i in range(len(there) - size + 1))


def _carrying_words_altered(value: str, quote: str, located: str) -> bool:
    """True if the quote holds a word of the value for which the text has nothing alike.

    Such a quote was bent to carry the value: "uses Docker and Kubernetes" for a text that says
    "uses Docker and Podman".
    """
    there = words(located)
    claimed = set(words(quote)) - _SMALL_WORDS
    return any(not _alike(word, there) for word in words(value) if word in claimed)


def _denied(text: str, found: Supported, located: str) -> bool:
    """True if the text denies what the claim affirms, or the other way round."""
    value = fold(found.claim.value)
    if negations(value):
        return not negations(located) and _all_alike(value, located)
    if negated_before(fold(text[max(0, found.value_start - 120) : found.value_start])):
        return True
    return (
        found.support == "inferred"
        and _all_alike(value, located)
        and _denied_inside(value, located)
    )


def _denied_inside(value: str, located: str) -> bool:
    """True if a "not" stands before the first of the located words that the value repeats."""
    content = [word for word in words(value) if word not in _SMALL_WORDS]
    places = [
        located.find(word)
        for word in words(located)
        if word not in _SMALL_WORDS and _alike(word, content)
    ]
    return bool(places) and negated_before(located[: min(places)])


def _all_alike(value: str, located: str) -> bool:
    there = words(located)
    content = [word for word in words(value) if word not in _SMALL_WORDS and not negations(word)]
    return bool(content) and all(_alike(word, there) for word in content)


def _alike(word: str, others: Iterable[str]) -> bool:
    return any(fuzz.ratio(word, other) >= _SIMILAR_WORD for other in others)
