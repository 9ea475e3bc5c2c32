"""What can be a person's name."""

from __future__ import annotations

import re
from functools import cache

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import TITLE

LEAST_SCORE = 0.55
_TITLE = re.compile(TITLE)


@cache
def _impossible() -> frozenset[str]:
    return lexicon.words("not_names") | lexicon.words("languages") | lexicon.words("traits")


def is_name(name: str) -> bool:
    """Whether capitalised words can be a person's name."""
    words = name.lower().split()
    if not words or not _impossible().isdisjoint({words[0].strip("."), words[-1]}):
        return False
    if any(word.endswith("'s") for word in words) or _is_occupation(words):
        return False
    return name not in lexicon.words("tools") and lexicon.words("places").isdisjoint(
        {name, name.title()}
    )


def _is_occupation(words: list[str]) -> bool:
    """Whether the words are a job title: "Head Cook", and not "Sarah Cook"."""
    *first, last = (word.strip(".,") for word in words)
    jobs = lexicon.words("jobs")
    if first and last in lexicon.words("job_surnames"):
        return first[0] in lexicon.words("before_jobs") or not jobs.isdisjoint(first)
    return not jobs.isdisjoint((*first, last))


def add_name(
    findings: Findings,
    match: re.Match[str],
    offset: int,
    score: float,
    around: Sentence | None = None,
) -> None:
    """Note the group "name" of a match in the text from `offset` on, if it can be a name."""
    name = _without_title(match["name"])
    if not is_name(name):
        return
    start = offset + match.end("name") - len(name)
    bonus = 0.03 if " " in name else -0.1
    lateness = min(start, 100_000) / 1_000_000
    if score + bonus >= LEAST_SCORE:
        findings.add("name", start, start + len(name), score + bonus - lateness, around)


def _without_title(name: str) -> str:
    """ "Anna Brown" of "Chef Anna Brown" and "Dr. Anna Brown"."""
    if title := _TITLE.match(name):
        return _without_title(name[title.end() :])
    first, _, others = name.partition(" ")
    if others and first.lower() in lexicon.words("jobs"):
        return _without_title(others.lstrip())
    return name
