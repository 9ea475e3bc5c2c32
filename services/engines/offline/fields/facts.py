"""Age, years of experience and education."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.cutting.clauses import value_span
from services.engines.offline.cutting.document import Block, Document, Sentence
from services.engines.offline.cutting.job_titles import has_job
from services.engines.offline.findings import Findings
from services.engines.offline.lexicon import Frame
from services.engines.offline.patterns import AGE_WORD, ANY_NAME, TENS

_SEX_AND_AGE = tuple(
    Frame("age", score, re.compile(marked))
    for score, marked in (
        (0.85, r"(?:^|[\s(])[fm](?P<age>[1-9]\d)(?=\s{0,2}[,.;/)]|\shere)"),
        (0.8, r"\b(?P<age>[1-9]\d)\s?/?\s?[fm](?=\s{0,2}[,.;)])"),
    )
)
_AFTER_NAME = re.compile(
    rf"(?P<name>{ANY_NAME})\s{{0,2}}[,(]\s{{0,2}}(?P<age>[1-9]\d|{AGE_WORD})\s{{0,2}}[,)]"
)
_BETWEEN_COMMAS = re.compile(r"(?:,\s|\()(?P<age>[1-9]\d)(?=[,)]|$)")
_OWN_JOB = re.compile(r"\W{0,3}(?:i'm|i am|im)\b")
_NOT_OWN_AGE = lexicon.pattern("facts", "not own age")
_NUMBER = re.compile(r"\d+")
_AGE_WORDS = re.compile(rf"\d{{2}}|\b(?:{TENS}|eighteen|nineteen|(?:[a-z]{{3,6}})ties|eighties)\b")

_YEAR_WORDS = ("year", "yrs", "años", " ans", "jahre")
_YEARS = (("of experience", 0.9), ("years in", 0.8), ("years at", 0.75), ("years since", 0.8))
_AT_WORK = lexicon.pattern("facts", "at work")
_NO_WORK = lexicon.pattern("facts", "no work")
_STUDIED = lexicon.pattern("facts", "studied")
_STUDY_OF = lexicon.pattern("facts", "study of")
_STUDY_END = lexicon.pattern("facts", "study end", r"[.;](?=\s|$)")
_ARTICLE = re.compile(r"(?:an?|the|my|his|her)\s")
_LEADING_YEAR = re.compile(
    r"\s{0,4}(?:19|20)\d{2}(?:\s{0,2}[-–]\s{0,2}(?:19|20)?\d{2,4})?[\s:,]{1,8}"
)
_EDUCATION_ENTRY = 160


def find_age(document: Document, findings: Findings) -> None:
    """Ages that are stated of the main person, never of a relative."""
    for sentence in document.main_sentences:
        if not _AGE_WORDS.search(sentence.lower):
            continue
        frames = (*lexicon.frames("facts"), *_SEX_AND_AGE)
        for frame, match in document.told_of_main(sentence, frames):
            if not _NOT_OWN_AGE.search(sentence.lower, 0, match.start()):
                _add_age(findings, match, sentence, frame.score)
        _age_beside_name(document, findings, sentence)


def _age_beside_name(document: Document, findings: Findings, sentence: Sentence) -> None:
    """ "Fairweather, 47, lives …" and, in a sentence that names the person, a "…, 51, …"."""
    between = _BETWEEN_COMMAS.search(sentence.lower)
    own = has_job(sentence) and _OWN_JOB.match(sentence.lower)
    if between and (own or not document.name_words.isdisjoint(sentence.words)):
        _add_age(findings, between, sentence, 0.7)
    for match in _AFTER_NAME.finditer(sentence.plain):
        if document.name_words.intersection(match["name"].lower().split()):
            _add_age(findings, match, sentence, 0.85)


def _add_age(findings: Findings, match: re.Match[str], sentence: Sentence, score: float) -> None:
    if is_age(match["age"]):
        findings.add_match(match, sentence, "age", score)


def is_age(words: str) -> bool:
    """Whether what stands where ages stand ("38", "25-30", "forty") can be one."""
    return all(5 <= int(number) <= 110 for number in _NUMBER.findall(words))


def find_years(document: Document, findings: Findings) -> None:
    """Years of experience: "nine years of experience", "for eleven years" of work."""
    for sentence in document.main_sentences:
        if not any(word in sentence.lower for word in _YEAR_WORDS):
            continue
        for key, score in _YEARS:
            if key != "of experience" and _NO_WORK.search(sentence.lower):
                break
            match = lexicon.pattern("facts", key).search(sentence.lower)
            if match is None or (key == "years at" and not _AT_WORK.search(sentence.lower)):
                continue
            if key == "years in" and sentence.lower[match.end() :].strip()[:1] in ("", ")"):
                score = 0.6
            findings.add_match(match, sentence, "years_experience", score, "years")


def find_education(document: Document, findings: Findings) -> None:
    """Entries under a heading of education, and degrees named in prose."""
    degrees = lexicon.cues("degrees")
    for sentence in document.main_sentences:
        if sentence.block.section == "education":
            _degree_entry(document, findings, sentence.block)
        elif match := degrees.search(sentence.lower):
            _degree_in_prose(findings, sentence, match)
        elif match := _STUDY_OF.search(sentence.lower):
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
    start, end = value_span(sentence, match.end(), _STUDY_END)
    if 3 < end - start <= _EDUCATION_ENTRY:
        findings.add("education", start, end, 0.7, sentence)


def _degree_in_prose(findings: Findings, sentence: Sentence, degree: re.Match[str]) -> None:
    verbs = [match.end() for match in _STUDIED.finditer(sentence.lower, 0, degree.start())]
    start = verbs[-1] if verbs else degree.start()
    if article := _ARTICLE.match(sentence.lower, start):
        start = article.end()
    stop = _STUDY_END.search(sentence.lower, degree.end())
    end = stop.start() if stop else len(sentence.lower)
    if end - start <= _EDUCATION_ENTRY:
        findings.add("education", sentence.start + start, sentence.start + end, 0.75, sentence)
