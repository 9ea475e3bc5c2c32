"""Pain points that are said in sentences: "frustrated by …", "… by hand", "takes three weeks"."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.clauses import clause_span, narrow_clause, parts, value_span
from services.engines.offline.document import Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import BE

LEAST_VALUE = 6  # characters
CLAUSE_LIMIT = 140

_LIKE = r"(?:really |absolutely |truly |just |also |still |especially ){0,2}"
_TROUBLES: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), score)
    for pattern, score in (
        (
            rf"\b(?P<who>[^\W\d_]{{1,20}})\s{_LIKE}(?:hates?|dislikes?|dreads?|can't stand"
            rf"|cannot stand|can't bear|resents?|struggles? with"
            r"|struggles? to|worr(?:y|ies) (?:about|that)|complain(?:s|ed)? (?:about|that"
            r"|of))\s",
            0.8,
        ),
        (
            rf"\b(?P<who>[^\W\d_]{{1,20}}){BE}(?:\w{{2,10}}\s){{0,2}}(?:frustrated|annoyed"
            rf"|irritated|overwhelmed|stressed|worried"
            r"|fed up|bothered|exhausted|tired|sick|afraid|drowning)\s(?:by|with|about|of|that|at"
            r"|in)\s",
            0.82,
        ),
        (
            r"(?P<who>)\b(?:main|biggest|greatest|constant|daily|worst|only|real|top|key|my|her"
            r"|his|their)\s(?:\w{2,12}\s)?(?:frustration|challenge"
            r"|problem|pain point|complaint|headache|worry|issue|obstacle|struggle|concern"
            r"|difficulty|gripe|annoyance|fear|bugbear)s?"
            r"(?:\s(?:with|about|at|in)\s[\w ]{2,30}?)?\s(?:is|are|was|remains)\s(?:that\s)?",
            0.82,
        ),
        (
            r"(?P<who>)\b(?:hardest|worst|trickiest|most (?:frustrating|annoying|tedious|difficult"
            r"|stressful|painful))\s(?:part|thing|bit|moment)"
            r"(?:\s(?:of|about|in)\s[\w' ]{2,30}?)?(?:\sfor (?:me|her|him))?\s(?:is|are"
            r"|was)\s(?:that\s|when\s)?",
            0.82,
        ),
        (
            r"(?P<who>)\bwhat\s(?:really\s|also\s)?(?:annoys|frustrates|bugs|bothers|exhausts"
            r"|irritates|worries|stresses|drives|winds|slows|kills|tires)\s"
            r"(?:me|her|him|them)(?:\s(?:mad|crazy|nuts|up|down|out|most|up the wall)){0,2}\s(?:is"
            r"|are)\s(?:that\s|how\s|when\s)?",
            0.84,
        ),
        (
            r"(?P<who>)^\W{0,3}(?:hates|dislikes|struggles with|struggles to|frustrated (?:by|with"
            r"|that)|worried about|worries about|annoyed (?:by|that|with)"
            r"|tired of|fed up with|moaned(?: \w{2,8}){0,3} about|complains (?:about|that)"
            r"|complained (?:about|that)|can't stand|dreads)\s",
            0.82,
        ),
        (
            r"(?P<who>)(?:\band|\bbut|,)\s(?:hates|dislikes|dreads|struggles with|worries about"
            r"|complains about)\s",
            0.72,
        ),
        (
            r"(?P<who>)\blo (?:que más me cuesta|peor|más difícil"
            r"|que más me molesta) es\s(?:que\s)?",
            0.82,
        ),
        (
            r"(?P<who>)\b(?:ce qui m'(?:agace|énerve|épuise)(?: le plus)?|le (?:pire|plus dur"
            r"|plus difficile)),?\s(?:c'est|est)\s(?:de\s|que\s|quand\s)?",
            0.82,
        ),
        (
            r"(?P<who>)\b(?:am schlimmsten ist|was mich (?:nervt|stört|ärgert),? ist"
            r"|das größte problem ist)\s,?",
            0.82,
        ),
        (
            rf"\b(?P<who>[^\W\d_]{{1,20}}){BE}(?:really |also )?(?:terrible|bad|hopeless"
            rf"|useless|not good"
            r"|no good) (?:at|with)\s",
            0.75,
        ),
        (
            r"(?P<who>)\bwhat (?:i|she|he) finds? (?:the )?(?:hardest|difficult|annoying"
            r"|frustrating|most \w{4,14})(?:\s[\w ]{2,20}?)?\sis\s",
            0.82,
        ),
        (
            r"\b(?P<who>[^\W\d_]{1,20})\s(?:also\s)?gets? (?:\w{2,8}\s)?(?:stressed|annoyed"
            r"|frustrated|angry|nervous|upset|irritated) (?:when|by|about|that|if|with)\s",
            0.78,
        ),
    )
)
_LISTED = re.compile(
    r"\b(?:gripes?|complaints?|frustrations?|pain points?|problems|issues|challenges"
    r"|annoyances)\s?:\s"
)
_NO_TROUBLE = re.compile(
    r"\b(?:not|no|never|without|isn't|aren't|wasn't|don't|no longer|less|hardly|likes?|loves?"
    r"|enjoys?)\s(?:\w{1,10}\s){0,3}$"
)
_DENIED = re.compile(r"\s(?:is|are|was)(?:n't|\snot)\b")
_NOT_A_VALUE = re.compile(r"(?:not\b|it\b(?!s)|this$|that$|them$|him$|you\b)")


def find_troubles(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Add the pain points a sentence states, but none that a goal in it already covers."""
    _stated(document, findings, sentence)
    _listed(document, findings, sentence)
    _wordings_of_trouble(document, findings, sentence)


def _stated(document: Document, findings: Findings, sentence: Sentence) -> None:
    full = findings.is_full("pain_points")
    if full or lexicon.words("trouble_words").isdisjoint(sentence.words):
        return
    for pattern, score in _TROUBLES:
        for match in pattern.finditer(sentence.lower):
            if not document.means_main(match["who"], sentence):
                continue
            if _NOT_A_VALUE.match(sentence.lower, match.end()):
                continue
            start, end = value_span(sentence, match.end())
            if end - start >= LEAST_VALUE and not _is_taken(findings, start, end):
                findings.add("pain_points", start, end, score, sentence)


def _listed(document: Document, findings: Findings, sentence: Sentence) -> None:
    """ "Main gripes: this, that and the other"."""
    if (match := _LISTED.search(sentence.lower)) is None:
        return
    for start, end in parts(document, sentence.start + match.end(), sentence.end, split_and=False):
        findings.add("pain_points", start, end, 0.7, sentence)


def _wordings_of_trouble(document: Document, findings: Findings, sentence: Sentence) -> None:
    """The clause around a wording such as "by hand" or "takes three weeks"."""
    if findings.is_full("pain_points"):
        return
    for match in lexicon.cues("pain_cues").finditer(sentence.lower):
        if _NO_TROUBLE.search(sentence.lower, 0, match.start()):
            continue
        if _DENIED.match(sentence.lower, match.end()):
            continue
        start, end = clause_span(sentence, match.start(), match.end())
        if end - start > CLAUSE_LIMIT:
            start, end = narrow_clause(sentence, match.start(), match.end())
        enough = len(document.lower[start:end].split()) >= 3
        if enough and not _is_taken(findings, start, end):
            findings.add("pain_points", start, end, 0.6, sentence)


def _is_taken(findings: Findings, start: int, end: int) -> bool:
    """Whether a goal or pain point found before stands in the span."""
    taken = findings.recent("goals") + findings.recent("pain_points")
    return any(start < one.end and one.start < end for one in taken)
