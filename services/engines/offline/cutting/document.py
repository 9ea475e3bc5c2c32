"""A text cut up: blocks (a line, a bullet, a paragraph) and their sentences, as offsets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Literal

from services.engines.offline import lexicon
from services.engines.offline.lexicon import Frame

QUOTE_LIMIT = 300
WORDS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+){0,3}|\d+")
_QUOTED = re.compile(r'"[^"\n]{1,2000}"')
FIRST = frozenset({"i", "we", "je", "j", "yo", "ich", "eu", "io"})
THIRD = frozenset({"he", "she", "they", "él", "ella", "il", "elle", "er", "sie"})
HE = frozenset({"he", "his", "him", "él", "il", "er"})
SHE = frozenset({"she", "her", "hers", "ella", "elle", "sie"})


@dataclass(slots=True)
class Block:
    """A stretch of text under one heading, said by one speaker. `kind` meta: a header of mail."""

    start: int
    end: int
    section: str | None = None
    speaker: str | None = None
    bullet: bool = False
    kind: Literal["text", "meta"] = "text"
    under_heading: bool = False
    asked: str | None = None
    """The field that the question above it asks for."""


@dataclass(slots=True)
class Sentence:
    """One sentence. `lower` and `plain` are its text; `words` the words in it, lower case."""

    start: int
    end: int
    block: Block
    plain: str
    lower: str
    words: frozenset[str]
    about_main: bool = True


@dataclass
class Document:
    """The cut-up text, and what is known of its main person once `main_person` has run."""

    text: str
    plain: str
    lower: str
    blocks: list[Block]
    speaker: str | None = None
    """Label of the main speaker of a transcript."""
    sentences: list[Sentence] = field(default_factory=list)
    name_words: frozenset[str] = frozenset()
    family_name: str = ""
    """The last word of the main person's name, if it has several."""
    pronouns: frozenset[str] = frozenset()
    """he or she words that mean the main person, empty if not known."""
    chosen: bool = False
    """Whether the main person is not the one that the text is first about, and does not speak."""

    def call(self, name: str) -> None:
        """The main person is called so (in lower case)."""
        words = name.replace(".", " ").split()
        parts = [part for word in words for part in (word, word.rpartition("-")[2])]
        initials = "".join(word[0] for word in words)  # "VP asked for …" in minutes
        if initials not in lexicon.words("not_names"):
            parts.append(initials)
        self.name_words = frozenset(part for part in parts if len(part) > 1)
        self.family_name = words[-1] if len(words) > 1 else ""

    @cached_property
    def first_person(self) -> bool:
        """Whether the main person is the one who speaks."""
        if self.speaker is not None:
            return True
        if self.chosen:
            return False
        begin = self.lower[:200_000]
        # "I" between quotation marks is not the one who tells of somebody else.
        words = WORDS.findall(_QUOTED.sub(" ", begin))
        if not any(map(_is_third, words)):
            words = WORDS.findall(begin)
        mine = sum(word in lexicon.words("first_person") for word in words)
        return mine >= 2 and mine >= sum(map(_is_third, words))

    @cached_property
    def uncapitalised(self) -> frozenset[str]:
        """The words that stand somewhere in the text in lower case, so are hardly names."""
        return frozenset(word for word in WORDS.findall(self.plain) if word.islower())

    @property
    def main_sentences(self) -> list[Sentence]:
        return [sentence for sentence in self.sentences if sentence.about_main]

    def means_main(self, who: str, sentence: Sentence) -> bool:
        """Whether the subject `who` (lower case, "" for none) of a statement is the main person."""
        if who in FIRST:
            return self.first_person or sentence.plain.lstrip()[:1] == '"'
        if who in THIRD:
            return not self.first_person and (not self.pronouns or who in self.pronouns)
        return who in _NO_SUBJECT or who in self.name_words

    def told_of_main(
        self, sentence: Sentence, frames: Iterable[Frame], most: int | None = None
    ) -> Iterator[tuple[Frame, re.Match[str]]]:
        """The (first `most`) matches of each frame whose subject is the main person."""
        for frame in frames:
            for match in islice(frame.pattern.finditer(sentence.lower), most):
                if self.means_main(subject_of(match), sentence):
                    yield frame, match

    def quote_around(self, start: int, end: int, outer: tuple[int, int]) -> tuple[int, int]:
        """The span to quote for text[start:end]: `outer`, cut at words if it is too long."""
        low, high = min(outer[0], start), max(outer[1], end)
        while low < start and self.plain[low].isspace():
            low += 1
        while high > end and self.plain[high - 1].isspace():
            high -= 1
        if high - low <= QUOTE_LIMIT:
            return low, high
        spare = max(0, QUOTE_LIMIT - (end - start)) // 2
        left, right = max(low, start - spare), min(high, end + spare)
        if left > low:
            left = min(start, self._after_space(left))
        if right < high:
            right = max(end, self.plain.rfind(" ", end, right))
        return left, right

    def _after_space(self, position: int) -> int:
        found = self.plain.find(" ", position, position + 40)
        return position if found < 0 else found + 1


def named_after(
    sentence: Sentence, frames: Iterable[Frame], name: re.Pattern[str]
) -> Iterator[tuple[Frame, re.Match[str]]]:
    """Every match of a pattern that looks for capitals right behind a frame in a sentence."""
    for frame in frames:
        for before in frame.pattern.finditer(sentence.lower):
            if match := name.match(sentence.plain, before.end()):
                yield frame, match


_OWNERS = {"my": "i", "his": "he", "her": "she", "their": "they"}
_NO_SUBJECT = frozenset(
    {
        "",
        "really",
        "just",
        "still",
        "honestly",
        "mostly",
        "and",
        "but",
        "und",
        "et",
        "y",
        "also",
        "then",
        "now",
        "currently",
    }
)


def _is_third(word: str) -> bool:
    return word.split("'")[0] in HE | SHE


def subject_of(match: re.Match[str]) -> str:
    """The subject or owner ("my" is "i") that a phrase has found, "" for none."""
    groups = match.groupdict("")
    return groups.get("who") or _OWNERS.get(groups.get("owner", ""), "")


def words_of(lower: str) -> frozenset[str]:
    """The words of lower-case text."""
    return frozenset(WORDS.findall(lower))


def is_empty_value(value: str) -> bool:
    """Whether a value says nothing ("n/a", "unknown", punctuation only)."""
    folded = " ".join(value.casefold().split()).strip(" .()[]*_")
    return folded in lexicon.words("not_values") or not any(map(str.isalnum, folded))
