"""Questions of surveys and interviews: what each asks for, and where its answer begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.engines.offline.cutting.headings import asked_field

LEAST_WORDS = 3  # of what is asked without a question mark: "What does not work: the search"
_ASKED = re.compile(
    r"(?P<question>[^\n?:;]{5,140}(?P<stop>[?:;]))(?:\s?\([^)\n]{0,40}\))?[\s*_]{0,8}(?P<answer>\S)?"
)


@dataclass(frozen=True, slots=True)
class Question:
    """The field a line asks for, if any, and where its answer begins in the line, if there."""

    field: str | None
    answer: int | None


def question_of(lower: str) -> Question | None:
    """The question that a line (lower case) begins with, None if it begins with none.

    With a question that asks for nothing known, the whole line is its answer.
    """
    match = _ASKED.match(lower)
    if match is None:
        return None
    answer = match.start("answer") if match["answer"] else None
    field = asked_field(match["question"])
    enough = len(match["question"].split()) >= LEAST_WORDS
    if match["stop"] == "?":
        if field or answer is None:
            return Question(field, answer)
        return Question(None, 0) if enough else None  # "Honestly? It …" asks for nothing
    return Question(field, answer) if field and answer and enough else None
