"""Pieces that the rules' patterns are built of, and the copies of a text that they read."""

from __future__ import annotations

import unicodedata

_LETTERS = [chr(point) for point in range(0x41, 0x530)]
UPPER = "".join(letter for letter in _LETTERS if unicodedata.category(letter) in ("Lu", "Lt"))
LOWER = "".join(letter for letter in _LETTERS if unicodedata.category(letter) == "Ll")

SPACE = r"[ \t\n]{1,3}"
WORD = rf"(?<!\w)[{UPPER}][{UPPER}{LOWER}'\-]{{0,24}}[{UPPER}{LOWER}](?!\w)"
"""A capitalised word: Adeyemi-Holt, O'Neill, LUND."""

_LINK = rf"(?:{WORD}|[{UPPER}]\.|de|da|dos|del|van|von|der|den|bin|al|la|le|di)"
FULL_NAME = rf"{WORD}(?:[ \t]{{1,3}}{_LINK}){{0,3}}[ \t]{{1,3}}{WORD}"
ANY_NAME = rf"(?:{FULL_NAME}|{WORD})"
TITLE = (
    r"(?:(?:Dr|Mr|Mrs|Ms|Mx|Prof|Rev|Sir|Sra|Sr|Dña|Don|Frau|Herr|Mme|Dipl\.-Ing|Ing|Dott|Dott\.ssa)"
    r"\.?[ \t]{1,3})"
)

TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)"
ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
TEENS = r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
AGE_WORD = rf"(?:{TENS}(?:[- ]{ONES})?|eighteen|nineteen)"
COUNT = rf"(?:\d{{1,2}}|{TENS}(?:[- ]{ONES})?|{TEENS}|{ONES})"

EMPLOYER = (
    rf"(?P<company>(?:{WORD}|[{UPPER}]{{2,10}}|[{UPPER}]\w{{1,20}})"
    rf"(?:\s{{1,2}}(?:&\s|of\s(?=[{UPPER}]))?(?:{WORD}|[{UPPER}]{{2,10}})){{0,3}})"
)

PLACE = (
    rf"(?P<place>(?:{WORD}|[{UPPER}]{{2,3}}\b)(?:\s{{1,2}}(?:de\s|of\s|upon\s|am\s)?{WORD}){{0,2}}"
    rf"(?P<more>\s{{0,2}},\s{{0,3}}(?:in\s)?(?:{WORD}|[{UPPER}]{{2,3}}\b)(?:\s{WORD}){{0,2}})?)"
)
YEARS = rf"(?P<years>{COUNT}\+?\s{{1,2}}(?:years?|yrs?))\b"

PIECES = {
    "who": r"(?P<who>[^\W\d_]{1,20})",
    "they": r"(?P<who>i|she|he|they)",
    "owner": r"(?P<owner>my|his|her|their|the|our)",
    "be": r"(?:'m|'s|'re|\sam|\sis|\sare|(?<=\bi)m)\s",
    "is": r"(?:'m|'s|\sam|\sis|(?<=\bi)m)\s",
    "word": r"[\w'-]{1,14}",
    "words": r"[\w' -]{2,30}?",
    "long": r"[a-z]{4,20}",
    "adjective": r"[a-z-]{3,18}",
    "what": r"(?P<what>[a-z][\w-]{1,20}(?:\s[a-z0-9][\w-]{0,20}){0,2}?)",
    "rest": r"\b[^.;,\n]{0,50}",
    "earlier": r"\b[^.;]{0,50}$",
    "near": r"\b[^.;,]{0,24}$",
    "age": rf"(?P<age>\d{{2}}|{AGE_WORD})",
    "years": YEARS,
    "aside": r"(?:\s?\((?:\d{2}|\w{2,4})\)|,\s\d{2},|,\swho)?",
    "stop": r"(?=\s{0,2}(?:[,.;!?)]|$|-\s))",
    "comma": r"(?=[,.])",
    "closed": r"(?=\s?(?:\)|$))",
}
"""What stands for a subject, a few words or a number in the phrases of the lexicon."""

_PLAIN = str.maketrans(
    "’‘ʼ´`“”„«»″\u00a0\u2007\u202f\u2028\u2029\x85\x0b\x0c\r",
    "'" * 5 + '"' * 6 + " " * 3 + "\n" * 6,
)


def plain_copy(text: str) -> str:
    """`text` with one kind of quote, apostrophe, space and line end; the same length as `text`."""
    return text.replace("\r\n", " \n").translate(_PLAIN)


def lower_copy(plain: str) -> str:
    """`plain` in lower case with the same length (a few letters grow when lowered; they stay)."""
    lowered = plain.lower()
    if len(lowered) == len(plain):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in plain)
