"""Goals that are said in sentences: "I want to …", "her dream is …", "all I'm after is …"."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.clauses import value_span
from services.engines.offline.document import Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import BE

LEAST_VALUE = 4  # characters
_ADVERBS = (
    r"(?:(?:really|just|also|still|only|always|now|currently|eventually|definitely"
    r"|would|mostly|mainly|secretly)\s){0,2}"
)
_WHO = rf"\b(?P<who>[^\W\d_]{{1,20}})\s{_ADVERBS}"

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
            rf"\b(?P<who>[^\W\d_]{{1,20}}){BE}{_ADVERBS}(?:hoping|planning|aiming|striving"
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
        (r"(?P<who>)^\W{0,3}ideally,?\s", 0.7),
        (r"(?P<who>)^\W{0,3}asked for\s{0,3}:?\s", 0.74),
        (_WHO + r"(?:asked|asks) for\s", 0.7),
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
    r"|(?:this|that|you|your|it (?:helps|works)|me\b|us\b|more than|nothing)"
    r"|(?:re-?key|rebuild|retype|redo|re-?enter|wait|chase|fix|stitch|copy)\w{0,4}\b)"
)
_NEGATED = re.compile(
    r"(?:\b(?:don|doesn|didn|won|isn|wouldn)'t|\bnot|\bnever|\bno longer|\bif (?:you|i|he"
    r"|she))\s(?:\w{1,10}\s)?$"
)


def find_wishes(document: Document, findings: Findings, sentence: Sentence) -> None:
    """Add the goals a sentence states."""
    for match in _FOREIGN_WISHES.finditer(sentence.lower):
        _add_wish(findings, sentence, match, 0.8)
    full = findings.is_full("goals")
    if full or lexicon.words("wish_words").isdisjoint(sentence.words):
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
