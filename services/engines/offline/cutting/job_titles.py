"""Where a job title begins and ends, word by word: "senior line cook", "head of sales"."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Sentence

_WORDS = re.compile(r"[^\W_][\w&/'’-]{0,24}")
_SPACES = re.compile(r"[ ]{1,4}")
_OF = re.compile(
    r"\s{1,2}(?:of|de)\s(?!a\b|an\b|the\b|my\b|la\b|el\b)[\w-]{2,20}(?:\s(?:and|&)\s[\w-]{2,20})?"
)
_ADJECTIVE_AFTER = re.compile(r"\s[a-zà-ÿ]{3,14}(?:ale?|aux|elle|ière?|ique|aire)\b")


def has_job(sentence: Sentence) -> bool:
    """Whether a sentence holds a word for an occupation."""
    jobs = lexicon.words("jobs")
    return any(word in jobs or word.rpartition("-")[2] in jobs for word in sentence.words)


def job_end(plain: str, start: int, most_words: int = 6) -> int | None:
    """Where the job title that begins at `start` ends, None if no job title begins there."""
    jobs = lexicon.words("jobs")
    end = None
    position = start
    for _ in range(most_words):
        match = _WORDS.match(plain, position)
        if match is None or match[0].lower() in lexicon.words("title_stops"):
            break
        word = match[0].lower()
        if word in jobs or word.rpartition("-")[2] in jobs:
            end = match.end()
        position = match.end()
        spaces = _SPACES.match(plain, position)
        if spaces is None:
            break
        position = spaces.end()
    if end is None:
        return None
    after = _OF.match(plain, end) or _ADJECTIVE_AFTER.match(plain, end)
    return after.end() if after else end
