"""The small edits that change what a sentence says: another number, a "not" more or less, a name.

All functions take folded text (see folding.py) but `names_in`, which needs the capitals. The word
lists cover English and the commonest words of German, French, Spanish, Portuguese, Italian and
Dutch; words that mean something else in a neighbouring language ("once", "elf") are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from rapidfuzz import fuzz

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_TOKEN = re.compile(r"(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)|(?P<number>\d+(?:[.,]\d+)*)")
_CLAUSE_END = re.compile(
    r"[.,;:!?()\n\"]|\b(?:but|and|however|aber|und|mais|et|pero|y|mas|ma|maar)\b"
)

_UNITS = {
    word: value
    for value, listed in {
        2: "two zwei deux dos dois due twee",
        3: "three drei trois tres três tre drie",
        4: "four vier quatre cuatro quatro quattro",
        5: "five fünf cinq cinco cinque vijf",
        6: "six sechs seis sei zes",
        7: "seven sieben sept siete sete sette zeven",
        8: "eight acht huit ocho oito otto",
        9: "nine neun neuf nueve nove negen",
    }.items()
    for word in listed.split()
}
_TEENS = {
    word: value
    for value, listed in {
        10: "ten zehn dix diez dez dieci tien",
        11: "eleven onze undici",
        12: "twelve zwölf douze doce doze dodici twaalf",
        13: "thirteen dreizehn treize trece",
        14: "fourteen vierzehn quatorze catorce",
        15: "fifteen fünfzehn quinze quince",
        16: "sixteen sechzehn seize dieciséis",
        17: "seventeen siebzehn diecisiete",
        18: "eighteen achtzehn dieciocho",
        19: "nineteen neunzehn diecinueve",
    }.items()
    for word in listed.split()
}
_TENS = {
    word: value
    for value, listed in {
        20: "twenty zwanzig vingt veinte vinte venti twintig",
        30: "thirty dreißig dreissig trente treinta trinta trenta dertig",
        40: "forty vierzig quarante cuarenta quarenta quaranta veertig",
        50: "fifty fünfzig cinquante cincuenta cinquenta cinquanta vijftig",
        60: "sixty sechzig soixante sesenta sessenta sessanta zestig",
        70: "seventy siebzig setenta settanta zeventig",
        80: "eighty achtzig ochenta oitenta ottanta tachtig",
        90: "ninety neunzig noventa novanta negentig",
    }.items()
    for word in listed.split()
}
_NUMBER_WORDS = _UNITS | _TEENS | _TENS | {"hundred": 100, "hundert": 100, "thousand": 1000}
_LOOSE_NUMBERS = {"one": 1, "once": 1, "first": 1, "second": 2, "twice": 2, "third": 3, "fourth": 4}

_NEGATION_WORDS = """
    not no never cannot dont doesnt didnt wont isnt arent wasnt werent havent hasnt hadnt cant
    couldnt shouldnt wouldnt aint without nobody nothing nowhere neither nor none hardly barely
    nicht kein keine keinen keinem keiner nie niemals ohne niemand nichts
    pas jamais sans aucun aucune nunca jamás sin ningún ninguna ninguno tampoco
    não nem sem nenhum nenhuma non senza nessun nessuno niet geen nooit zonder
"""
_NEGATIONS = frozenset(_NEGATION_WORDS.split())
_FLIPPING_PREFIXES = ("un", "in", "im", "dis", "non", "ir")
_NOT_A_NEGATION = re.compile(
    r"\b(?:\w+n't|not|nicht|pas|no|não|non|niet) "
    r"(?:only|just|merely|simply|nur|seulement|sólo|solo|só|alleen)\b"
    r"|\b(?:can't|cannot|can not|couldn't) (?:wait|help)\b"
    r"|\bno (?:doubt|matter|wonder|(?:less|more|later) than)\b"
    r"|\bnot to mention\b|\bnothing (?:but|more than)\b"
)
_WORD_AFTER = re.compile(r"(?<=(?P<before>.)) (?P<word>[^\W\d_]{2,})")
_WITHIN_SENTENCE = frozenset(",;’”»)-–—")
_SIMILAR_NAME = 75
_REACH = 4  # how many words a "not" reaches forward within its clause


def numbers(folded: str, *, loose: bool = False) -> Counter[str]:
    """The numbers in a text, as digits, however written ("1,200", "twenty-five", "٣").

    `loose` also counts "one", "first" and the like, which are often no numbers.
    """
    found: Counter[str] = Counter()
    tens = 0
    for token in _TOKEN.finditer(folded):
        value = _value(token, loose=loose)
        unit = _UNITS.get(token.group(), 1 if token.group() in {"one", "first"} else 0)
        if tens and unit:
            found[str(tens)] -= 1
            value = str(tens + unit)
        tens = _TENS.get(token.group(), 0)
        if value:
            found[value] += 1
    return +found


def same_numbers(one: str, other: str) -> bool:
    """True if both texts hold the same numbers, equally often."""
    return numbers(one) == numbers(other)


def holds_numbers(text: str, value: str) -> bool:
    """True if every number in `value` stands in `text`."""
    return set(numbers(value)) <= set(numbers(text, loose=True))


def negations(folded: str) -> int:
    """How many negating words a text has; "not only" negates nothing."""
    return sum(_is_negation(word) for word in _words(_NOT_A_NEGATION.sub(" ", folded)))


def negation_flipped(one: str, other: str) -> bool:
    """True if one text denies what the other says: by a "not", or by un-, in-, dis-."""
    if negations(one) != negations(other):
        return True
    first, second = set(_words(one)), set(_words(other))
    return _has_opposite(first - second, second) or _has_opposite(second - first, first)


def negated_before(folded: str) -> bool:
    """True if the end of this text negates what follows it: "…, but does not use " does."""
    reach = _NOT_A_NEGATION.sub(" ", folded[-80:])
    clause = _CLAUSE_END.split(reach)[-1]
    return sum(_is_negation(word) for word in _words(clause)[-_REACH:]) % 2 == 1


def names_in(quote: str) -> set[str]:
    """The words of a quote that are capitalised within a sentence, folded: names, by and large."""
    found = _WORD_AFTER.finditer(" ".join(quote.split()))
    return {
        word["word"].casefold()
        for word in found
        if word["word"][0].isupper()
        and (word["before"].isalnum() or word["before"] in _WITHIN_SENTENCE)
    }


def has_names(folded: str, names: set[str]) -> bool:
    """True if every name stands in the text, give or take a typo."""
    there = _words(folded)
    return all(any(fuzz.ratio(name, word) >= _SIMILAR_NAME for word in there) for name in names)


def _value(token: re.Match[str], *, loose: bool) -> str | None:
    if token["number"]:
        return _digits(token["number"])
    word = token["word"]
    value = _NUMBER_WORDS.get(word) or (_LOOSE_NUMBERS.get(word) if loose else None)
    return str(value) if value else None


def _digits(number: str) -> str:
    plain = "".join(str(unicodedata.digit(c, 0)) if c.isdigit() else c for c in number)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "").replace(".", "")
    return plain.replace(",", ".").lstrip("0") or "0"


def _words(folded: str) -> list[str]:
    return [token["word"] for token in _TOKEN.finditer(folded) if token["word"]]


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


def _has_opposite(words: set[str], others: set[str]) -> bool:
    return any(
        len(word) >= 4 and prefix + word in others
        for word in words
        for prefix in _FLIPPING_PREFIXES
    )
