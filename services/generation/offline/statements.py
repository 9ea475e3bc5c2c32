"""Goals and pain points that are said in sentences."""

from __future__ import annotations

import re

from services.generation.offline import lexicon
from services.generation.offline.clauses import clause_span, narrow_clause, value_span
from services.generation.offline.document import Document, Sentence
from services.generation.offline.findings import Findings

LEAST_VALUE = 6  # characters
CLAUSE_LIMIT = 140
_ADVERBS = (
    r"(?:(?:really|just|also|still|only|always|now|currently|eventually|definitely"
    r"|would|mostly|mainly|secretly)\s){0,2}"
)
_WHO = rf"\b(?P<who>[^\W\d_]{{1,20}})\s{_ADVERBS}"
_BE = r"(?:'m|'s|'re|\sam|\sis|\sare)\s"

_WISHES: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), score)
    for pattern, score in (
        (
            _WHO + r"(?:wants?|hopes?|plans?|aims?|intends?|aspires?|wish(?:es)?|dreams?"
            r"|means)\s(?:to|of|for|that)\s",
            0.82,
        ),
        (_WHO + r"(?:wants?|hopes?)\s(?!to\b|that\b)", 0.7),
        (_WHO + r"needs?\s(?!to\b)", 0.68),
        (_WHO + r"needs?\sto\s", 0.6),
        (
            rf"\b(?P<who>[^\W\d_]{{1,20}})(?:'d|\swould)\s{_ADVERBS}(?:love|like"
            rf"|prefer)\s(?:to\s)?",
            0.8,
        ),
        (
            rf"\b(?P<who>[^\W\d_]{{1,20}}){_BE}{_ADVERBS}(?:hoping|planning|aiming|striving"
            rf"|saving(?:\sup)?|keen|eager"
            r"|determined|desperate|working|looking|trying)\s(?:to|towards?|for)\s",
            0.78,
        ),
        (
            r"\b(?:all|what|the (?:only|one) thing)\s(?P<who>i|she|he|they)(?:'d|'m|'s|'re|\sam"
            r"|\sis|\swould)?\s(?:\w{2,8}\s)?"
            r"(?:want|wants|need|needs|after|like|love|asking for|ask for|wish for"
            r"|hope for)\s(?:most\s|now\s)?(?:is|would be)\s(?:to\s)?",
            0.8,
        ),
        (
            r"(?P<who>)^\W{0,3}(?:and\s|but\s|also\s)?(?:wants|hopes|plans|aims|intends"
            r"|would (?:like|love)|looking|hoping|planning"
            r"|saving(?: up)?|keen|eager|aiming)\s(?:to|for|of)\s",
            0.8,
        ),
        (r"(?P<who>)^\W{0,3}wants\s(?!to\b)", 0.7),
        (
            r"(?P<who>)\b(?:and|but)\s(?:also\s|that she\s|that he\s)?(?:wants|hopes|plans|aims"
            r"|needs)\sto\s",
            0.7,
        ),
        (r"(?P<who>)\basked for\s{0,3}:?\s", 0.74),
        (
            r"(?P<who>)\bwould make (?:me|him|her|them) (?:really |so )?happy\s?(?:is"
            r"|would be)?\s?:?\s?",
            0.72,
        ),
    )
)
_OWN_GOAL = re.compile(
    r"\b(?P<owner>my|his|her|their|the|our)\s(?:[\w-]{2,14}\s){0,2}(?:goal|aim|dream|ambition"
    r"|objective|priority|hope|wish)"
    r"(?:\s(?:for|this|next|right|over|in)\s[\w ]{2,24}?)?\s(?:is|was|remains"
    r"|would be)\s(?:to\s|that\s|for\s)?"
)
_FOREIGN_WISHES = re.compile(
    r"\b(?:je (?:voudrais|veux|souhaite|rêve de|cherche à|compte)|j'(?:aimerais"
    r"|espère)(?: aussi)?|(?:il|elle) (?:voudrait"
    r"|veut|souhaite|aimerait|espère)|(?:mon|son) (?:rêve|objectif|but)(?:, c'| )est (?:de |d')?"
    r"|ich (?:möchte|will|hoffe|würde gerne?)|(?:er|sie) (?:möchte|will)|(?:mein|sein"
    r"|ihr) (?:ziel|traum|wunsch) ist(?: es)?,?"
    r"|(?:mi|su) (?:objetivo|meta|sueño|ambición) es(?: que)?|(?:quiero|quiere|quisiera|espero"
    r"|espera|pretendo|pretende)(?: que)?"
    r"|(?:me|le) (?:gustaría|encantaría)|(?:quero|gostaria de|espero)|(?:vorrei|voglio|spero di)"
    r"|(?:o )?meu (?:objetivo|sonho) é|il mio (?:obiettivo|sogno) è(?: di)?)\s?"
)
_NO_WISH = re.compile(
    r"(?:(?:\w{1,10}ly\s)?(?:thank|say|apologi[sz]e|ask|complain|add|mention|stress"
    r"|emphasi[sz]e|note|point out|speak to|talk to"
    r"|hear from|be clear|know (?:why|if|how|when|whether)|report|believe|think|admit|help you"
    r"|see you)\b"
    r"|(?:this|that|you|your|it (?:helps|works)|me\b|us\b|more than|nothing|one\b)"
    r"|(?:re-?key|rebuild|retype|redo|re-?enter|wait|chase|fix|stitch|copy)\w{0,4}\b)"
)
_NEGATED = re.compile(
    r"(?:\b(?:don|doesn|didn|won|isn|wouldn)'t|\bnot|\bnever|\bno longer|\bif (?:you|i|he"
    r"|she))\s(?:\w{1,10}\s)?$"
)

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
            rf"\b(?P<who>[^\W\d_]{{1,20}}){_BE}(?:\w{{2,10}}\s){{0,2}}(?:frustrated|annoyed"
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
    )
)
_NO_TROUBLE = re.compile(
    r"\b(?:not|no|never|without|isn't|aren't|wasn't|don't|no longer|less|hardly|likes?|loves?"
    r"|enjoys?)\s(?:\w{1,10}\s){0,3}$"
)
_DENIED = re.compile(r"\s(?:is|are|was)(?:n't|\snot)\b")
_NOT_A_VALUE = re.compile(r"(?:not\b|it\b(?!s)|this$|that$|them$|him$|you\b)")
_SKIPPED = frozenset(
    {"goals", "pain_points", "skills", "education", "experience", "quotes", "interests", "values"}
)


def find_statements(document: Document, findings: Findings) -> None:
    """Goals and pain points in the main person's sentences, a sentence being one or the other."""
    for sentence in document.main_sentences:
        section = sentence.block.section
        if section in _SKIPPED or sentence.lower.endswith("?"):
            continue
        _wishes(document, findings, sentence)
        _troubles(document, findings, sentence)
        _wordings_of_trouble(document, findings, sentence)


def _wishes(document: Document, findings: Findings, sentence: Sentence) -> None:
    for match in _FOREIGN_WISHES.finditer(sentence.lower):
        _add_wish(findings, sentence, match, 0.8)
    if lexicon.words("wish_words").isdisjoint(sentence.words):
        return
    for pattern, score in _WISHES:
        for match in pattern.finditer(sentence.lower):
            if document.means_main(match["who"], sentence):
                _add_wish(findings, sentence, match, score)
    for match in _OWN_GOAL.finditer(sentence.lower):
        if _owned(document, match["owner"], sentence):
            _add_wish(findings, sentence, match, 0.86)


def _owned(document: Document, owner: str, sentence: Sentence) -> bool:
    """Whether "my" or "her" before a goal is the main person's."""
    if owner in ("the", "our"):
        return True
    return document.means_main({"my": "i", "his": "he", "her": "she"}.get(owner, "they"), sentence)


def _add_wish(findings: Findings, sentence: Sentence, match: re.Match[str], score: float) -> None:
    lower = sentence.lower
    subject_end = match.start() + len(match.groupdict().get("who") or "")
    if _NEGATED.search(lower, max(0, match.start() - 24), subject_end):
        return
    if _NO_WISH.match(lower, match.end()):
        return
    start, end = value_span(sentence, match.end())
    if end - start >= LEAST_VALUE:
        findings.add("goals", start, end, score, sentence)


def _troubles(document: Document, findings: Findings, sentence: Sentence) -> None:
    if lexicon.words("trouble_words").isdisjoint(sentence.words):
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


def _wordings_of_trouble(document: Document, findings: Findings, sentence: Sentence) -> None:
    """The clause around a wording such as "by hand" or "takes three weeks"."""
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
