"""Skills, tools and languages the main person uses."""

from __future__ import annotations

import re
from functools import cache

from services.engines.offline import lexicon
from services.engines.offline.clauses import parts, value_span
from services.engines.offline.document import Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import UPPER

SKILL_LENGTH = 48
SKILL_WORDS = 6
_FRAMES: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            r"\b(?:good at|(?:good|great|decent|confident|comfortable) (?:with|in|at)|great at"
            r"|best at|brilliant at|strong in|proficient (?:in|with)"
            r"|skilled (?:in|at|with)"
            r"|expert (?:in|at|with|on)|experienced (?:in|with|at)|adept at|versed in"
            r"|handy with|fluent in"
            r"|specialis(?:es|ing|e) in|specializ(?:es|ing|e) in|expertise in|competent in"
            r"|comfortable with"
            r"|know my way around|knows (?:her|his|their) way around|sharp on|manejo bien"
            r"|maneja bien|domino|domina"
            r"|se me da bien|je maîtrise|elle maîtrise|il maîtrise|je me débrouille bien avec"
            r"|ich beherrsche|sehr gut in|gut mit)\s"
        ),
        0.75,
    ),
    (re.compile(r"\bworks? (?:mainly|mostly|primarily) (?:in|with)\s"), 0.72),
    (re.compile(r"\bskills (?:are|include|such as)\s"), 0.8),
)
_FRAME_STOP = re.compile(
    r"\s(?:because|when|than|every|for the|for all|for my|para|but|so|if|that|where|while|pour"
    r"|which)\b"
    r"|\s(?:and|et|und|y)\s(?:i|she|he|they|we|je|il|elle|ich|spreche|spricht|hablo|parle)\b"
    r"|,\s(?:knows|is|has|uses|does|can|works|loves|hates|wants)\b|,\s(?:i|and i|and is"
    r"|and does|but|she|he|and she|and he|which|so)\b"
)
_SPEAKS = re.compile(
    r"\b(?:(?P<who>i|she|he|they)\s)?(?:also\s)?(?:speaks?|je parle|elle parle|il parle|hablo"
    r"|habla|ich spreche|spricht)\s"
)
_USES = re.compile(
    r"\b(?P<who>I|She|He|They|she|he|they|We|we|[Ww]ho)?\s?(?:[Uu]ses?|using|[Ww]orks? in"
    r"|[Ww]orks? with|live in|lives in)\s"
    r"(?:an?\s|the\s|old\s|mostly\s|mainly\s){0,2}"
    rf"(?P<tool>[{UPPER}][\w+#./-]{{1,24}}(?:\s[{UPPER}][\w+#./-]{{1,20}}){{0,2}})"
)
_AND_TOOL = re.compile(
    rf"(?:,\s(?:and\s)?|\sand\s|\s[+&]\s)(?P<tool>[{UPPER}][\w+#./-]{{1,24}}(?<!\.))"
)
_USE_WORDS = re.compile(
    r"\b(?:use[sd]?|using|in|with|into|via|through|on|python|sql|languages?|work|tools?"
    r"|know)\s(?:\w{1,12},?\s(?:and|or)?\s?)?$"
)
_NOT_MINE = re.compile(
    r"\b(?:never|don't|doesn't|not|without|no|hate|hates|instead of|replace|cannot|can't|like"
    r"|ex-)\b[^,.;]{0,24}$"
)
_DOING = re.compile(
    r"\b(?:best at|good at|skill\w*|experience\w*|do|does|doing|did|know\w*|learn\w*|trained|strong"
    r"|expert\w*|speciali\w+|background|proficient|enjoy\w*|responsible for|leads?|led|using"
    r"|works? (?:in|on|with))\b"
)
_NOUNLESS = re.compile(
    r"\b(?:the|a|an|my|his|her|their|this|it|them|people|things|when|what|who|is|are|was|me|you)\b"
)


@cache
def _tools() -> tuple[re.Pattern[str], frozenset[str], frozenset[str]]:
    """A pattern for every tool, the first words to look for, and the everyday words among them."""
    names = [entry.rstrip("?") for entry in lexicon.entries("tools")]
    ambiguous = frozenset(entry[:-1] for entry in lexicon.entries("tools") if entry.endswith("?"))
    longest_first = sorted(names, key=len, reverse=True)
    joined = "|".join(re.escape(name).replace(r"\ ", r"\s{1,2}") for name in longest_first)
    pattern = re.compile(rf"(?<![\w/.+#@-])(?:{joined})(?![\w/+#-]|\.\w)")
    return pattern, frozenset(name[0] for name in names), ambiguous


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
        _framed(findings, sentence)
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


def _named_tools(findings: Findings, sentence: Sentence) -> None:
    pattern, _, ambiguous = _tools()
    if sentence.plain == sentence.lower:
        return
    for match in pattern.finditer(sentence.plain):
        before = sentence.lower[max(0, match.start() - 40) : match.start()]
        if _NOT_MINE.search(before):
            continue
        if match[0] in ambiguous and not _USE_WORDS.search(before):
            continue
        start, end = sentence.start + match.start(), sentence.start + match.end()
        add_skill(findings, start, end, 0.8, sentence)


def _phrases(findings: Findings, sentence: Sentence) -> None:
    """Skills that are common words: only where somebody does, knows or is good at something."""
    if not _DOING.search(sentence.lower):
        return
    for match in lexicon.cues("skill_phrases").finditer(sentence.lower):
        if not _NOT_MINE.search(sentence.lower, 0, match.start()):
            start, end = sentence.start + match.start(), sentence.start + match.end()
            add_skill(findings, start, end, 0.7, sentence)


def _framed(findings: Findings, sentence: Sentence) -> None:
    for pattern, score in _FRAMES:
        for match in pattern.finditer(sentence.lower):
            if _NOT_MINE.search(sentence.lower, max(0, match.start() - 24), match.start()):
                continue
            if not sentence.lower[match.end() : match.end() + 1].isalnum():
                continue
            start, end = value_span(sentence, match.end())
            if stop := _FRAME_STOP.search(findings.document.lower, start, end):
                end = stop.start()
            for low, high in parts(findings.document, start, end, split_and=True):
                if not _NOUNLESS.match(findings.document.lower[low:high].strip()):
                    add_skill(findings, low, high, score, sentence)


def _used(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Capitalised products after "I use …", whether or not the lexicon has them."""
    for match in _USES.finditer(sentence.plain):
        who = (match["who"] or "").lower()
        if who == "who" or not document.means_main("i" if who == "we" else who, sentence):
            continue
        tool = match["tool"].rstrip(".")
        if _NOT_MINE.search(sentence.lower, 0, match.start("tool")):
            continue
        if (
            "live" in match[0]
            or tool in lexicon.words("places")
            or tool.lower() in lexicon.words("departments")
        ):
            continue
        start = sentence.start + match.start("tool")
        add_skill(findings, start, start + len(tool), 0.7, sentence)
        while following := _AND_TOOL.match(sentence.plain, match.end("tool")):
            match = following
            start = sentence.start + match.start("tool")
            add_skill(findings, start, sentence.start + match.end("tool"), 0.7, sentence)


def _languages(document: Document, findings: Findings, sentence: Sentence) -> None:
    match = _SPEAKS.search(sentence.lower)
    if match is None or not document.means_main(match["who"] or "", sentence):
        return
    start, end = value_span(sentence, match.end())
    for low, high in parts(document, start, end, split_and=True):
        words = document.lower[low:high].split()[:3]
        for count in range(len(words), 0, -1):
            if " ".join(words[:count]) in lexicon.words("languages"):
                low = document.lower.index(words[0], low)
                found = re.compile(r"\s{1,3}".join(map(re.escape, words[:count]))).match(
                    document.lower, low
                )
                if found:
                    add_skill(findings, low, found.end(), 0.75, sentence)
                break
