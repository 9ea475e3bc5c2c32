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
TITLE = r"(?:(?:Dr|Mr|Mrs|Ms|Mx|Prof|Sir|Sra|Sr|Dña|Don|Frau|Herr|Mme)\.?[ \t]{1,3})"

TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)"
ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
TEENS = r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
AGE_WORD = rf"(?:{TENS}(?:[- ]{ONES})?|eighteen|nineteen)"
COUNT = rf"(?:\d{{1,2}}|{TENS}(?:[- ]{ONES})?|{TEENS}|{ONES})"

EMPLOYER = (
    rf"(?P<company>(?:{WORD}|[{UPPER}]{{2,10}}|[{UPPER}]\w{{1,20}})"
    rf"(?:\s{{1,2}}(?:&\s|of\s(?=[{UPPER}]))?(?:{WORD}|[{UPPER}]{{2,10}})){{0,3}})"
)

BE = r"(?:'m|'s|'re|\sam|\sis|\sare)\s"

_PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "″": '"',
        "\u00a0": " ",
        "\u2007": " ",
        "\u202f": " ",
        "\t": "\t",
        "\u2028": "\n",
        "\u2029": "\n",
        "\x85": "\n",
        "\x0b": "\n",
        "\x0c": "\n",
        "\r": "\n",
    }
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
