"""Traits, communication style, motivations, values, interests and habits that are said plainly."""

from __future__ import annotations

import re
from functools import cache

from services.engines.offline import lexicon
from services.engines.offline.clauses import parts, value_span
from services.engines.offline.document import Document, Sentence
from services.engines.offline.findings import Findings

_DEGREE = (
    r"(?:(?:very|quite|pretty|fairly|really|rather|a bit|naturally|generally|extremely"
    r"|also|always|too|such)\s){0,2}"
)
_DESCRIBED = re.compile(
    r"\b(?:describes? (?:her|him|them|me|her|him|my)(?:self)? as|known (?:for being|as)"
    r"|(?:colleagues|friends|people|everyone) (?:say|says)"
    r" (?:that )?(?:i'm|she's|he's|i am|she is|he is))\s(?:an?\s)?"
)
_PERSON = re.compile(
    r"\b(?P<who>[^\W\d_]{1,20})(?:'m|'s|\sam|\sis)\s(?:an?\s)?"
    + _DEGREE
    + r"(?:an?\s)?"
    + r"(?P<trait>[a-z-]{3,18})(?:\s(?:and|but|,)\s"
    + _DEGREE
    + r"(?P<second>[a-z-]{3,18}))?(?P<noun>\s(?:person|guy|woman|man|type|soul))?"
)
_CHANNELS = (
    r"(?:e-?mails?|phone|calls?|text(?:s|ing)?|messages?|messaging|meetings?|voice notes|chat"
    r"|whatsapp|slack|face[- ]to[- ]face"
    r"|in person|in writing|written|video calls?|bullet points|short updates|letters?)"
)
_PREFERS = re.compile(
    rf"\b(?:(?P<who>i|she|he|they)\s)?(?:(?:much|strongly|usually"
    rf"|generally)\s)?(?P<style>prefers?\s(?:to\s)?(?:[\w'-]{{1,14}}\s){{0,5}}{_CHANNELS}\b[^.;,\n]{{0,50}})"
)
_TELLING = frozenset(
    {"prefer", "prefers", "communicate", "communicates", "write", "writes", "speak", "speaks"}
)
_DIRECT = re.compile(
    r"\b(?P<who>i|she|he)\s(?:communicates?|writes?|speaks?)\s(?P<style>(?:very |quite |mostly "
    r"|mainly )?(?:directly|briefly|bluntly|openly|formally|informally"
    r"|clearly|by \w{3,10}|in short \w{3,12}|through \w{3,12})[^.;,\n]{0,40})"
)

_FRAMES: tuple[tuple[str, re.Pattern[str], float], ...] = (
    (
        "motivations",
        re.compile(
            r"\b(?:driven|motivated|inspired|fuelled|fueled) by\s|\bwhat (?:drives|motivates) (?:me"
            r"|her|him|them) is\s|\bgets (?:me|her|him) out of bed (?:is\s)?"
            r"|\bpassionate about\s|\bproud(?:est)? of\s(?!is\b)|\bme motiva\s|\bme apasiona\s"
            r"|\bce qui me motive,? c'est\s|\bmich motiviert\s"
        ),
        0.8,
    ),
    (
        "values",
        re.compile(
            r"\b(?:cares?|cared) (?:deeply |a lot |most |mostly |passionately )?about\s?:?\s"
            r"|\b(?:believes?) (?:in|that)\s|\b(?:what )?matters most (?:to (?:me|her|him) )?is\s"
            r"|\bmost important (?:thing )?(?:to|for) (?:me|her|him) is\s|\b(?:i|she|he) values?\s"
            r"|\bstands? for\s(?=[a-z]{4,})"
        ),
        0.75,
    ),
    (
        "interests",
        re.compile(
            r"\bin (?:my|his|her|their) (?:free|spare) time,?\s(?:(?:i|she|he|they)(?:'m| am"
            r"| is)?\s)?(?:also\s)?(?:(?:enjoys?|likes?|loves?) (?:to )?)?"
            r"|\b(?:outside (?:of )?work|away from work|off duty|when (?:i'm|she's"
            r"|he's) not working),?\s(?:(?:i|she|he|they)\s)(?:(?:enjoys?|likes?|loves?) (?:to )?)?"
            r"|\b(?:i|she|he)\s(?:also\s|really\s)?(?:enjoys?|loves?)\s(?=[a-z]{3,14}ing\b)"
            r"|\b(?:keen|avid|passionate|amateur|hobby)\s(?=[a-z]{3,14}(?:er|ist|or)\b)"
            r"|^\W{0,3}(?:enjoys|loves)\s(?!to\b)|\b(?:hobbies|interests) (?:are|include)\s"
            r"|\bme gusta\s(?=\w+[aei]r\b)"
            r"|\bin meiner freizeit\s"
        ),
        0.78,
    ),
)
_SKIPPED = frozenset({"skills", "goals", "pain_points", "education", "experience", "quotes"})
_INTEREST_STOP = re.compile(
    r"\s(?:with|when|because|whenever|on|at|and (?:is|has|lives|works|wants|she|he|i))\b"
    r"|,\s(?:(?:and )?(?:i|she|he)|but|which|usually)\b"
)
_NOT_A_VALUE = re.compile(r"(?:and|or|but|is|that's|it|me|him|her|you|them)\b(?! \w+ing\b)")
_HABIT_LIMIT = 180
_OWN_HABIT = re.compile(r"\b(?:i|i'm|my|she|he|they|je|mi|reviso|ich|corrijo|mon|ma)\b")


def find_character(document: Document, findings: Findings) -> None:
    """Everything about what the main person is like, where the text says so in so many words."""
    troubled = {one.quote[0] for one in findings.all("pain_points") + findings.all("goals")}
    for sentence in document.main_sentences:
        if sentence.block.section in _SKIPPED or sentence.lower.endswith("?"):
            continue
        _traits(document, findings, sentence)
        _communication(document, findings, sentence)
        _framed(document, findings, sentence)
        if sentence.start not in troubled:
            _habits(document, findings, sentence)


def _traits(document: Document, findings: Findings, sentence: Sentence) -> None:
    known = lexicon.words("traits")
    for match in _DESCRIBED.finditer(sentence.lower):
        start, end = value_span(sentence, match.end())
        for low, high in parts(document, start, end, split_and=True):
            if len(document.lower[low:high].split()) <= 5:
                findings.add("traits", low, high, 0.8, sentence)
    if known.isdisjoint(sentence.words):
        return
    for match in _PERSON.finditer(sentence.lower):
        if not document.means_main(match["who"], sentence):
            continue
        for group in ("trait", "second"):
            if match[group] in known and _stands_alone(sentence, match, group):
                start = sentence.start + match.start(group)
                findings.add("traits", start, start + len(match[group]), 0.75, sentence)


def _stands_alone(sentence: Sentence, match: re.Match[str], group: str) -> bool:
    """ "I'm patient" is a trait, "I'm patient number four" is none."""
    if match["noun"] or (group == "trait" and match["second"]):
        return True
    return (
        re.match(
            r"\s?(?:[.,;:!?)]|$|and\b|but\b|about\b|with\b|when\b|by nature)",
            sentence.lower[match.end(group) :],
        )
        is not None
    )


def _communication(document: Document, findings: Findings, sentence: Sentence) -> None:
    if _TELLING.isdisjoint(sentence.words):
        return
    for pattern in (_PREFERS, _DIRECT):
        match = pattern.search(sentence.lower)
        if match and document.means_main(match["who"] or "", sentence):
            start, end = sentence.start + match.start("style"), sentence.start + match.end("style")
            findings.add("communication_style", start, end, 0.8 - start / 10_000_000, sentence)


def _framed(document: Document, findings: Findings, sentence: Sentence) -> None:
    if lexicon.words("character_words").isdisjoint(sentence.words):
        return
    for field, pattern, score in _FRAMES:
        if (match := pattern.search(sentence.lower)) is None:
            continue
        if re.search(r"\b(?:not|n't|never|they|you|we)\s?$", sentence.lower[: match.start()]):
            continue
        start, end = value_span(sentence, match.end())
        if field == "interests":
            _interests(document, findings, sentence, (start, end))
        elif end - start > 3 and not _NOT_A_VALUE.match(sentence.lower, match.end()):
            findings.add(field, start, end, score, sentence)


def _interests(
    document: Document, findings: Findings, sentence: Sentence, span: tuple[int, int]
) -> None:
    start, end = span
    if stop := _INTEREST_STOP.search(document.lower, start, end):
        end = stop.start()
    for low, high in parts(document, start, end, split_and=True):
        if 3 <= high - low <= 60:
            findings.add("interests", low, high, 0.75, sentence)


@cache
def _habit_pattern() -> re.Pattern[str]:
    return lexicon.cues("habit_cues")


def _habits(document: Document, findings: Findings, sentence: Sentence) -> None:
    if '"' in sentence.plain or len(sentence.lower) > _HABIT_LIMIT:
        return
    if not _habit_pattern().search(sentence.lower):
        return
    note = sentence.block.bullet or not document.first_person
    if note or _OWN_HABIT.search(sentence.lower):
        end = sentence.end
        while end > sentence.start and sentence.plain[end - 1 - sentence.start] in ".!":
            end -= 1
        findings.add("behaviours", sentence.start, end, 0.6, sentence)
