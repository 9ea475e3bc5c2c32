"""Which list a line heads: "PAIN POINTS", "Goals: a, b", "What stands in his way"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from services.engines.offline import lexicon

LINE_LIMIT = 300
_HEAD = re.compile(
    r"""[ \t]{0,8}(?P<mark>[\#*_]{0,6})[ \t]{0,3}
    (?P<label>[^:|•·\t\n]{2,44}?)[ \t]{0,3}(?:\([^)\n]{0,40}\))?[ \t]{0,3}[*_]{0,3}[ \t]{0,3}
    (?P<stop>:[*_]{0,3}|\t|[ ]{3,8}|[ ][-–—][ ]|$)[ \t]{0,8}
    (?P<rest>.{0,4})""",
    re.VERBOSE,
)
_NUMBERED = re.compile(r"(?<=\w) #?\d{1,2}$")  # "Wish 2"
_PREFIX = rf"(?:{lexicon.source('clauses', 'before headings')}[ -]){{0,3}}"
_PRONOUN_START = re.compile(r"(?:i|we|he|she|they|it|you)\b")


@dataclass(frozen=True, slots=True)
class Heading:
    """The section a line begins, and where the line's own content starts (None: no content)."""

    section: str
    content: int | None


@cache
def _whole_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    by_section: dict[str, list[str]] = {}
    for phrase, section in lexicon.keyed("headings").items():
        by_section.setdefault(section, []).append(lexicon.wording(phrase))
    tail = r"(?:\s?(?:&|/|and|or|y|et|und)\s?(?:[\w-]{2,14}\s?){1,2})?"
    return tuple(
        (section, re.compile(rf"{_PREFIX}(?:{'|'.join(phrases)}){tail}"))
        for section, phrases in by_section.items()
    )


@cache
def _word_patterns(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (field, re.compile(rf"(?<!\w){lexicon.wording(words)}(?!\w)"))
        for words, field in lexicon.keyed(name).items()
    )


def _first_named(name: str, text: str) -> str | None:
    """The field or section of the first entry of a keyed list that stands in lower-case text."""
    return next((field for field, pattern in _word_patterns(name) if pattern.search(text)), None)


def asked_field(question: str) -> str | None:
    """The list field a question (lower case) asks for, None if it asks for nothing special."""
    return _first_named("questions", question)


def _label(raw: str) -> str:
    label = _NUMBERED.sub("", " ".join(raw.split()).strip(" #*_-").lower())
    if any(letter.isalpha() for letter in label):
        label = label.replace("0", "o").replace("1", "i")  # as scanners misread them
    return label


@cache
def section_of(label: str) -> str | None:
    """The section a whole label names, in lower case; None for other words."""
    return next((name for name, pattern in _whole_patterns() if pattern.fullmatch(label)), None)


def heading_of(line: str, after_blank: bool) -> Heading | None:
    """The heading in a line (plain copy), None if it is none."""
    if len(line) > LINE_LIMIT:
        return None
    match = _HEAD.match(line)
    if match is None:
        return None
    label = _label(match["label"])
    stop = match["stop"].strip("*_")
    alone = not match["rest"].strip()
    marked = "#" in match["mark"] or (bool(match["mark"]) and alone)
    section = section_of(label)
    if section is None and stop == ":" and not alone and label in lexicon.keyed("labels"):
        section = "other"
    if section is None and alone and (after_blank or stop == ":" or marked):
        section = _loose_section(label, line, stop, marked)
    if section is None:
        return None
    return Heading(section, None if alone else match.start("rest"))


def _loose_section(label: str, line: str, stop: str, marked: bool) -> str | None:
    """A section for a label that is no known heading but stands where headings stand."""
    if len(label.split()) > 6 or not re.search(r"[^\W\d_]", label):
        return None
    if line.rstrip()[-1:] in ".!?," or _PRONOUN_START.match(label):
        return None
    return _first_named("heading_stems", label) or ("other" if stop == ":" or marked else None)
