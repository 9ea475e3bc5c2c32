"""Skills, tools and languages the main person uses."""

from __future__ import annotations

import re
from functools import cache

from services.engines.offline import lexicon
from services.engines.offline.cutting.clauses import parts, value_span
from services.engines.offline.cutting.document import Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import UPPER

SKILL_LENGTH = 48
SKILL_WORDS = 6
SURE_LENGTH = 6  # of a tool in lower case that is hardly another word: "capcut"
_SKILL_END = lexicon.pattern("skills", "skill end")
_NO_SKILL = lexicon.pattern("skills", "no skill")
_NOT_MINE = lexicon.pattern("skills", "not mine")
_BESIDE_TOOLS = lexicon.pattern("skills", "beside tools")
_BESIDE_TOOLS_LOWER = lexicon.pattern("skills", "beside tools in lower case")
_DOING = lexicon.pattern("skills", "doing")
_SPEAKS = lexicon.pattern("skills", "speaks")
_USES = lexicon.pattern("skills", "uses")
_TOOL = re.compile(rf"(?P<tool>[{UPPER}][\w+#./-]{{1,24}}(?:\s[{UPPER}][\w+#./-]{{1,20}}){{0,2}})")
_AND_TOOL = re.compile(
    rf"(?:,\s(?:and\s)?|\s(?:and|y|et|und)\s|\s[+&]\s)(?P<tool>[{UPPER}][\w+#./-]{{1,24}}(?<!\.))"
)


@cache
def _lower_tools() -> re.Pattern[str]:
    """A pattern for the tools in lower case, without those of less than four letters."""
    names = (name.lower() for name in lexicon.entries("tools") if not name.endswith("?"))
    joined = "|".join(
        map(re.escape, sorted({name for name in names if len(name) > 3}, key=len, reverse=True))
    )
    return re.compile(rf"(?<![\w/.+#@-])(?:{joined})(?![\w/+#-]|\.\w)")


@cache
def _tools() -> tuple[re.Pattern[str], frozenset[str]]:
    """A pattern for every tool, and the everyday words among them."""
    names = [entry.rstrip("?") for entry in lexicon.entries("tools")]
    ambiguous = frozenset(entry[:-1] for entry in lexicon.entries("tools") if entry.endswith("?"))
    longest_first = sorted(names, key=len, reverse=True)
    joined = "|".join(re.escape(name).replace(r"\ ", r"\s{1,2}") for name in longest_first)
    pattern = re.compile(rf"(?<![\w/.+#@-])(?:{joined})(?![\w/+#-]|\.\w)")
    return pattern, ambiguous


def find_skills(document: Document, findings: Findings) -> None:
    """Skills named in prose. Those under a heading of skills are found in `lists`."""
    for sentence in document.main_sentences:
        if findings.is_full("skills"):
            return
        if sentence.block.section in ("skills", "education"):
            continue
        _named_tools(findings, sentence)
        if sentence.block.section in ("goals", "pain_points"):
            continue
        _phrases(findings, sentence)
        _framed(document, findings, sentence)
        _used(document, findings, sentence)
        _languages(document, findings, sentence)


def add_skill(
    findings: Findings, start: int, end: int, score: float, around: Sentence | tuple[int, int]
) -> None:
    """Add a skill unless it is too long to be one; "Excel (pivot tables)" becomes "Excel"."""
    plain = findings.document.plain
    bracket = plain.find(" (", start, end)
    end = bracket if bracket > start else end
    start, end = findings.trimmed(start, end)
    while end > start and plain[end - 1] in ".!?":
        start, end = findings.trimmed(start, end - 1)
    value = plain[start:end]
    if len(value) <= SKILL_LENGTH and len(value.split()) <= SKILL_WORDS:
        findings.add("skills", start, end, score, around)


def _add(findings: Findings, sentence: Sentence, span: tuple[int, int], score: float) -> None:
    add_skill(findings, sentence.start + span[0], sentence.start + span[1], score, sentence)


def _named_tools(findings: Findings, sentence: Sentence) -> None:
    pattern, ambiguous = _tools()
    if sentence.plain == sentence.lower:
        _uncapitalised_tools(findings, sentence)
        return
    for match in pattern.finditer(sentence.plain):
        before = sentence.lower[max(0, match.start() - 40) : match.start()]
        asked = sentence.block.asked == "skills"
        sure = asked or match[0] not in ambiguous or _BESIDE_TOOLS.search(before)
        if sure and not _NOT_MINE.search(before):
            _add(findings, sentence, match.span(), 0.8)


def _uncapitalised_tools(findings: Findings, sentence: Sentence) -> None:
    """Tools in a sentence without capitals: beside a word of use, or where it is asked for them."""
    asked = sentence.block.asked == "skills"
    used = asked or _BESIDE_TOOLS_LOWER.search(sentence.lower)
    for match in _lower_tools().finditer(sentence.lower):
        before = sentence.lower[max(0, match.start() - 40) : match.start()]
        sure = used or len(match[0]) >= SURE_LENGTH
        if sure and not _NOT_MINE.search(before):
            _add(findings, sentence, match.span(), 0.7)


def _phrases(findings: Findings, sentence: Sentence) -> None:
    """Skills that are common words: only where somebody does, knows or is good at something."""
    if not _DOING.search(sentence.lower):
        return
    for match in lexicon.cues("skill_phrases").finditer(sentence.lower):
        if not _NOT_MINE.search(sentence.lower, 0, match.start()):
            _add(findings, sentence, match.span(), 0.7)


def _framed(document: Document, findings: Findings, sentence: Sentence) -> None:
    for frame, match in document.told_of_main(sentence, lexicon.frames("skills")):
        if _NOT_MINE.search(sentence.lower, max(0, match.start() - 24), match.start()):
            continue
        if not sentence.lower[match.end() : match.end() + 1].isalnum():
            continue
        start, end = value_span(sentence, match.end(), _SKILL_END)
        for low, high in parts(document, start, end, split_and=True):
            if not _NO_SKILL.match(document.lower[low:high].strip()):
                add_skill(findings, low, high, frame.score, sentence)


def _used(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Capitalised products after "I use …", whether or not the lexicon has them."""
    for uses in _USES.finditer(sentence.lower):
        match, who = _TOOL.match(sentence.plain, uses.end()), uses["who"] or ""
        if match is None or not document.means_main(who, sentence):
            continue
        tool = match["tool"].rstrip(".")
        place = "live" in uses[0] or tool in lexicon.words("places")
        if place or tool.lower() in lexicon.words("departments"):
            continue
        if _NOT_MINE.search(sentence.lower, 0, match.start("tool")):
            continue
        following: re.Match[str] | None = match
        while following:
            _add(findings, sentence, following.span("tool"), 0.7)
            following = _AND_TOOL.match(sentence.plain, following.end("tool"))


def _languages(document: Document, findings: Findings, sentence: Sentence) -> None:
    match = _SPEAKS.search(sentence.lower)
    if match is None or not document.means_main(match["who"] or "", sentence):
        return
    start, end = value_span(sentence, match.end())
    for low, high in parts(document, start, end, split_and=True):
        if named := _language_names().match(document.lower, low, high):
            add_skill(findings, named.start("name"), named.end("name"), 0.75, sentence)


@cache
def _language_names() -> re.Pattern[str]:
    longest_first = sorted(lexicon.entries("languages"), key=len, reverse=True)
    names = "|".join(map(lexicon.wording, longest_first))
    return re.compile(rf"\s{{0,4}}(?P<name>{names})(?!\S)")
