"""Age, years of experience and education."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.clauses import value_span
from services.engines.offline.document import Block, Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import AGE_WORD, ANY_NAME, COUNT, TENS

_STOPS = (
    r"(?=\s{0,2}(?:[,.;!?)]|$|and\b|but\b|so\b|now\b|this\b|next\b|with\b|from\b|or so\b"
    r"|years?[ -]old|y/?o\b|-\s))"
)
_OF_SUBJECT: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            r"\b(?P<who>[^\W\d_]{1,20})(?:'m|'s|\sam|\sis)\s(?:(?:now|currently|already|only"
            r"|just|about)\s)?"
            rf"(?P<age>\d{{2}}|{AGE_WORD})\b{_STOPS}"
        ),
        0.9,
    ),
    (
        re.compile(
            r"\b(?P<who>[^\W\d_]{1,20})\s(?:(?:just|recently|have|has)\s){0,2}turned\s"
            rf"(?P<age>\d{{2}}|{AGE_WORD})\b"
        ),
        0.9,
    ),
)
_PLAIN: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(rf"\b(?P<age>\d{{2}}|{AGE_WORD})[ -]years?[ -]old\b"), 0.93),
    (re.compile(r"\b(?P<age>\d{2})\s?(?:y/?o|yrs old)\b"), 0.93),
    (re.compile(r"\baged?\s{0,2}:?\s{0,2}(?P<age>\d{2})\b(?!\s?(?:-|–|to|and)\s?\d)"), 0.9),
    (re.compile(r"\bj'ai\s(?P<age>\d{2})\sans\b"), 0.95),
    (re.compile(r"\b(?P<age>\d{2})\sjahre\salt\b"), 0.95),
    (re.compile(r"\bt(?:engo|iene|enho)\s(?P<age>\d{2})\sa(?:ños|nos)\b"), 0.95),
    (re.compile(r"\b(?:at|and at|now)\s(?P<age>\d{2})\s(?=(?:she|he|they|i)\b)"), 0.75),
    (re.compile(r"(?:^|[\s(])[fm](?P<age>[1-9]\d)(?=\s{0,2}[,.;/)]|\shere)"), 0.85),
    (re.compile(r"\b(?P<age>[1-9]\d)\s?/?\s?[fm](?=\s{0,2}[,.;)])"), 0.8),
)
_AFTER_NAME = re.compile(
    rf"(?P<name>{ANY_NAME})\s{{0,2}}[,(]\s{{0,2}}(?P<age>[1-9]\d)\s{{0,2}}[,)]"
)
_BETWEEN_COMMAS = re.compile(r",\s(?P<age>[1-9]\d)(?=,|$)")
_AGE_WORDS = re.compile(rf"\d{{2}}|\b(?:{TENS}|eighteen|nineteen)\b")

_YEARS_OF = re.compile(
    rf"\b(?P<years>{COUNT}\+?\s(?:years?|yrs))\b(?=(?:'"
    rf"|\sof)?\s(?:[\w-]{{2,20}}\s){{0,3}}experience\b)"
)
_YEARS_IN = re.compile(
    rf"\b(?P<years>{COUNT}\+?\s(?:years?|yrs?))(?=\s(?:in|as|on|running|teaching|working|doing"
    rf"|now)\b|\s?\)|\s?$)"
)
_YEARS_SPAN = re.compile(
    r"\b(?:for|after|past|last|over|about|almost|nearly)\s(?:the\s)?(?:(?:past|last|over|about"
    r"|almost|nearly"
    rf"|more than)\s){{0,2}}(?P<years>{COUNT}\+?\syears)\b(?!\s(?:ago|old|later))"
)
_YEARS_FOREIGN = re.compile(
    r"\bllevo\s(?P<years>[\w-]{1,14}\saños)|\bdepuis\s(?P<ans>[\w-]{1,14}\sans)"
    r"|\bseit\s(?P<jahre>[\w-]{1,14}\sjahren)"
)
_AT_WORK = re.compile(
    r"\b(?:work\w*|doing|done|been in|been an?|been the|in this|running|run|teach\w*|taught"
    r"|profession|trade|career"
    r"|industry|experience|job|wards|sector|field|business|organised|organized|practi\w+|sewed"
    r"|taken"
    r"|built|led|managed|sold|driv\w+|since|retrained|joined)\b"
)
_NOT_WORK = re.compile(
    r"\b(?:lived?|living|married|known|together|customer|subscri\w+|rent\w*|waiting|old|ago)\b"
)

_STUDIED = re.compile(
    r"\b(?:studied|graduated (?:in|from|with)|finished|completed|trained (?:as|in|at)"
    r"|majored in|holds|has|have"
    r"|earned|got|did|doing|studying)\s"
)


def find_age(document: Document, findings: Findings) -> None:
    """Ages that are stated of the main person, never of a relative."""
    for sentence in document.main_sentences:
        if not _AGE_WORDS.search(sentence.lower):
            continue
        for pattern, score in _OF_SUBJECT:
            for match in pattern.finditer(sentence.lower):
                if document.means_main(match["who"], sentence):
                    _add_age(findings, match, sentence, score)
        for pattern, score in _PLAIN:
            if stated := pattern.search(sentence.lower):
                _add_age(findings, stated, sentence, score)
        _age_beside_name(document, findings, sentence)


def _age_beside_name(document: Document, findings: Findings, sentence: Sentence) -> None:
    """ "Fairweather, 47, lives …" and, in a sentence that names the person, a "…, 51, …"."""
    between = _BETWEEN_COMMAS.search(sentence.lower)
    if between and not document.name_words.isdisjoint(sentence.words):
        _add_age(findings, between, sentence, 0.7)
    for match in _AFTER_NAME.finditer(sentence.plain):
        if document.name_words.intersection(match["name"].lower().split()):
            _add_age(findings, match, sentence, 0.85)


def _add_age(findings: Findings, match: re.Match[str], sentence: Sentence, score: float) -> None:
    value = match["age"]
    if value.isdigit() and not 5 <= int(value) <= 110:
        return
    start = sentence.start + match.start("age")
    findings.add("age", start, start + len(value), score - start / 10_000_000, sentence)


def find_years(document: Document, findings: Findings) -> None:
    """Years of experience: "nine years of experience", "for eleven years" of work."""
    for sentence in document.main_sentences:
        lower = sentence.lower
        if not (
            "year" in lower
            or "yrs" in lower
            or "años" in lower
            or " ans" in lower
            or "jahre" in lower
        ):
            continue
        if match := _YEARS_OF.search(lower):
            _add_years(findings, match, "years", sentence, 0.9)
        if _NOT_WORK.search(lower):
            continue
        if match := _YEARS_IN.search(lower):
            bare = lower[match.end() :].strip()[:1] in ("", ")")
            _add_years(findings, match, "years", sentence, 0.6 if bare else 0.8)
        if _AT_WORK.search(lower) and (match := _YEARS_SPAN.search(lower)):
            _add_years(findings, match, "years", sentence, 0.75)
        if foreign := _YEARS_FOREIGN.search(lower):
            _add_years(findings, foreign, foreign.lastgroup or "years", sentence, 0.8)


def _add_years(
    findings: Findings, match: re.Match[str], group: str, sentence: Sentence, score: float
) -> None:
    start, end = sentence.start + match.start(group), sentence.start + match.end(group)
    findings.add("years_experience", start, end, score - start / 10_000_000, sentence)


_STUDIED_SUBJECT = re.compile(
    r"\b(?:(?P<who>i|she|he|they)\s)?"
    r"(?:studied|graduated in|majored in|trained as|retrained (?:as|in))\s"
)
_ARTICLE = re.compile(r"(?:an?|the|my|his|her)\s")
_DEGREE_END = re.compile(
    r"[.;](?=\s|$)|,\s(?:and|but|which|where|before|then)\b|\s(?:and|before|but|after)\s(?:now"
    r"|has|is|she|he|i|have|been|then)\b"
)
_LEADING_YEAR = re.compile(
    r"\s{0,4}(?:(?:19|20)\d{2})(?:\s{0,2}[-–]\s{0,2}(?:19|20)?\d{2,4})?[\s:,]{1,8}"
)
_EDUCATION_ENTRY = 160


def find_education(document: Document, findings: Findings) -> None:
    """Entries under a heading of education, and degrees named in prose."""
    degrees = lexicon.cues("degrees")
    for sentence in document.main_sentences:
        if sentence.block.section == "education":
            _degree_entry(document, findings, sentence.block)
        elif match := degrees.search(sentence.lower):
            _degree_in_prose(findings, sentence, match)
        elif match := _STUDIED_SUBJECT.search(sentence.lower):
            _subject_of_study(document, findings, sentence, match)


def _degree_entry(document: Document, findings: Findings, block: Block) -> None:
    if block.end - block.start <= _EDUCATION_ENTRY:
        year = _LEADING_YEAR.match(document.lower, block.start, block.end)
        start = year.end() if year else block.start
        findings.add("education", start, block.end, 0.9, (block.start, block.end))


def _subject_of_study(
    document: Document, findings: Findings, sentence: Sentence, match: re.Match[str]
) -> None:
    if not document.means_main(match["who"] or "", sentence):
        return
    start, end = value_span(sentence, match.end())
    if stop := _DEGREE_END.search(findings.document.lower, start, end):
        end = stop.start()
    if 3 < end - start <= _EDUCATION_ENTRY:
        findings.add("education", start, end, 0.7, sentence)


def _degree_in_prose(findings: Findings, sentence: Sentence, degree: re.Match[str]) -> None:
    verbs = [match.end() for match in _STUDIED.finditer(sentence.lower, 0, degree.start())]
    start = verbs[-1] if verbs else degree.start()
    if article := _ARTICLE.match(sentence.lower, start):
        start = article.end()
    stop = _DEGREE_END.search(sentence.lower, degree.end())
    end = stop.start() if stop else len(sentence.lower)
    if end - start <= _EDUCATION_ENTRY:
        findings.add("education", sentence.start + start, sentence.start + end, 0.75, sentence)
