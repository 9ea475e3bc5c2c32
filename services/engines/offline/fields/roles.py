"""What the main person does for a living."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Block, Document, Sentence, words_of
from services.engines.offline.cutting.job_titles import has_job, job_end
from services.engines.offline.findings import Findings
from services.engines.offline.lexicon import Frame
from services.engines.offline.patterns import EMPLOYER, UPPER

OPENING_LINES = 5
_IN_BRACKETS = Frame("role", 0.78, re.compile(r"\((?=[\w&/ -]{2,40}[,)])"))
_WISHED = lexicon.pattern("roles", "wished")
_DOES = tuple(lexicon.pattern("roles", key) for key in ("does", "manages", "has been", "drives"))
_OWNS = lexicon.pattern("roles", "owns")
_NO_WORK = lexicon.pattern("roles", "no work")
_LEADING = frozenset(
    {"teach", "teaches", "run", "runs", "coach", "coaches", "do", "does", "drive", "drives"}
    | {"farm", "farms", "teaching", "farming", "coordinate", "coordinates", "breed", "breeds"}
)
_ACTIVITIES = _LEADING | frozenset(
    {
        "lead",
        "leads",
        "manage",
        "manages",
        "been",
        "look",
        "looks",
        "oversee",
        "oversees",
        "head",
        "heads",
        "own",
        "owns",
    }
)
_STANDS_ALONE = re.compile(r"\s{0,2}(?:[,.;()]|$)")
_TITLE_ENDS = re.compile(r"\s{0,3}(?:$|[@|·,(–—-]|at\s)")
_CV_LINE = re.compile(
    rf"\s{{0,4}}(?P<company>[{UPPER}][\w&.' -]{{1,40}}?)\s{{1,3}}[–—"
    rf"|-]\s{{1,3}}(?P<role>[^\n]{{3,60}})$"
)
_CV_ENTRY = re.compile(rf"\s{{0,4}}(?P<role>[^\n,]{{3,50}}),\s{{1,2}}{EMPLOYER}\s{{0,3}}$")
_CV_DATED = re.compile(
    r"(?:19|20)\d{2}\s{0,2}(?:-|–|—|to)\s{0,2}(?:present|date|now|today|current)\b[\s:,]{1,10}"
    rf"(?P<role>[^\n,]{{3,60}}),\s{{1,2}}{EMPLOYER}",
    re.I,
)


def find_roles(document: Document, findings: Findings) -> None:
    """Roles of the main person: "is a …", "works as …", headlines, and "I run procurement"."""
    for sentence in document.main_sentences:
        if sentence.block.section in ("goals", "pain_points", "education"):
            continue
        if has_job(sentence):
            _introduced(document, findings, sentence)
        if _ACTIVITIES.isdisjoint(sentence.words):
            continue
        for pattern in _DOES:
            for match in pattern.finditer(sentence.lower):
                _activity(document, findings, sentence, match)
        if (own := _OWNS.search(sentence.lower)) and document.means_main(own["who"], sentence):
            findings.add_match(own, sentence, "role", 0.61)
    _headlines(document, findings)


def _introduced(document: Document, findings: Findings, sentence: Sentence) -> None:
    frames = (*lexicon.frames("roles"), _IN_BRACKETS)
    for frame, match in document.told_of_main(sentence, frames):
        if document.first_person and match.groupdict().get("third"):
            continue
        if _WISHED.search(sentence.lower, max(0, match.start() - 24), match.start()):
            continue
        if end := job_end(sentence.plain, match.end()):
            said = any(map(str.isalnum, match[0]))
            if not said and not _STANDS_ALONE.match(sentence.plain, end):
                continue
            if document.name_words.issuperset(words_of(sentence.lower[match.end() : end])):
                continue  # "VP said": her initials
            start = sentence.start + match.end()
            score = frame.score - start / 1_000_000
            findings.add("role", start, sentence.start + end, score, sentence)


def _activity(
    document: Document, findings: Findings, sentence: Sentence, match: re.Match[str]
) -> None:
    """ "I run procurement", "she teaches chemistry": the whole phrase is the role."""
    who, what = match["who"] or "", match.groupdict().get("what", "")
    if not document.means_main(who, sentence) or _NO_WORK.search(what):
        return
    score = 0.7 if match["verb"].split()[0] in _LEADING else 0.62
    findings.add_match(match, sentence, "role", score, "verb")


def _headlines(document: Document, findings: Findings) -> None:
    """A job title that is a line by itself, near the top or in a CV's list of posts."""
    for number, block in enumerate(document.blocks):
        if number >= OPENING_LINES and block.section != "experience":
            continue
        line = document.plain[block.start : block.end].split("\n")[0][:160]
        if block.bullet or block.kind == "meta" or block.speaker or line.rstrip().endswith("."):
            continue
        lead = len(line) - len(line.lstrip())
        end = job_end(line, lead)
        if end and _TITLE_ENDS.match(line, end):
            score = (0.9 if 0 < number < OPENING_LINES else 0.66) - number / 1_000
            around = (block.start, block.start + len(line))
            findings.add("role", block.start + lead, block.start + end, score, around)
        _posts(findings, line, block)


def _posts(findings: Findings, line: str, block: Block) -> None:
    offset = block.start
    entry = (_CV_ENTRY,) if block.section == "experience" else ()
    for pattern in (_CV_DATED, _CV_LINE, *entry):
        match = pattern.match(line)
        if match and (end := job_end(match["role"], 0)):
            start = offset + match.start("role")
            around = (offset, offset + len(line))
            findings.add("role", start, start + end, 0.86 - start / 1_000_000, around)
            low, high = match.span("company")
            findings.add("company", offset + low, offset + high, 0.85 - start / 1_000_000, around)
