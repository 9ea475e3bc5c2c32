"""What the main person does for a living."""

from __future__ import annotations

import re

from services.engines.offline import lexicon
from services.engines.offline.document import Block, Document, Sentence
from services.engines.offline.findings import Findings
from services.engines.offline.patterns import AGE_WORD, EMPLOYER, UPPER

OPENING_LINES = 5
_INTROS: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            r"\b(?P<who>[^\W\d_]{1,20})(?:\s?\(\d{2}\)|,\s\d{2},)?(?:'m|'s|\sam"
            r"|\sis)\s(?:(?:also|now|currently|still"
            r"|both)\s){0,2}"
            r"(?:an?|the|our|one of the)\s(?:(?:\d{2}|\w{3,10}(?:-\w{3,6})?)[ -]years?[ -]old\s)?"
        ),
        0.87,
    ),
    (
        re.compile(r"\b(?P<who>[^\W\d_]{1,20})\s(?:was|became|have been|has been)\s(?:an?|the)\s"),
        0.6,
    ),
    (
        re.compile(
            r"\b(?:(?P<who>[^\W\d_]{1,20})\s)?(?:currently\s|now\s)?(?:works?|working|employed"
            r"|serves?|serving|arbeite|arbeitet|travaille)\s(?:as|als|comme)\s"
            r"(?:an?\s|the\s)?"
        ),
        0.9,
    ),
    (re.compile(r"(?P<who>)\b(?:have|has) worked as\s(?:an?\s|the\s)?"), 0.84),
    (re.compile(r"(?:^|,\s|\.\s|\bis\s)(?:an?|the)\s\d{2}[ -]years?[ -]old\s(?P<who>)"), 0.85),
    (
        re.compile(
            r"\b(?P<who>soy|es|trabajo como|trabaja como|trabajo de)\s(?:una?\s|el\s|la\s)?"
        ),
        0.9,
    ),
    (
        re.compile(
            r"\b(?P<who>je suis|elle est|il est|ich bin|sono|sou)\s(?:une?\s|eine?\s|um\s|uma\s)?"
        ),
        0.9,
    ),
    (
        re.compile(
            r"\b(?:my job is|my job as|in (?:my|her|his) role as|role of)\s(?:an?\s)?(?P<who>)"
        ),
        0.8,
    ),
    (re.compile(r"\b(?P<who>[^\W\d_]{2,20}),\s{1,2}(?:an?\s|our\s|the\s)?(?=\w)"), 0.83),
    (re.compile(r"(?P<who>)\((?=[\w&/ -]{2,40}[,)])"), 0.78),
    (re.compile(r"(?P<who>),\s(?:an?\s|the\s)(?=[a-z])"), 0.7),
    (
        re.compile(
            rf"(?P<who>)\b(?:\d{{2}}|{AGE_WORD})(?:\s?y/?o"
            rf"|\syears old)?\s{{0,2}},\s{{1,2}}(?:an?\s)?"
        ),
        0.82,
    ),
    (re.compile(r"(?P<who>)\b(?:nowadays|today|now)\sthe\s"), 0.66),
    (re.compile(r"(?P<who>)(?:->|→|\bturned)\s{0,2}"), 0.84),
)
_WISHED = re.compile(
    r"\b(?:become|becoming|want|wants|hire|hiring|dream|need|needs|like"
    r"|used) (?:to )?(?:be )?(?:an? )?$"
)
_WORDS = re.compile(r"[^\W_][\w&/'’-]{0,24}")
_OF = re.compile(
    r"\s{1,2}(?:of|de)\s(?!a\b|an\b|the\b|my\b|la\b|el\b)[\w-]{2,20}(?:\s(?:and|&)\s[\w-]{2,20})?"
)
_ADJECTIVE_AFTER = re.compile(r"\s[a-zà-ÿ]{3,14}(?:ale?|aux|elle|ière?|ique|aire)\b")
_DOES = re.compile(
    r"\b(?P<who>i|she|he|we)(?:\s\(\w{2,4}\))?\s(?P<verb>(?:run|runs|lead|leads|manage|manages"
    r"|oversee|oversees"
    r"|head up|heads up"
    r"|teach|teaches|coach|coaches|do"
    r"|does)\s(?P<what>[a-z][\w-]{1,20}(?:\s[a-z0-9][\w-]{0,20}){0,2}?))"
    r"(?=\s(?:for|at|in|and|of|out|across|with|to|on)\b|[,.])"
)
_ACTIVITIES = frozenset(
    {"run", "runs", "lead", "leads", "manage", "manages", "oversee", "oversees", "head", "heads"}
    | {"teach", "teaches", "coach", "coaches", "do", "does", "own", "owns"}
)
_LEADING = frozenset({"teach", "teaches", "run", "runs", "coach", "coaches", "do", "does"})
_NOT_WORK = re.compile(
    r"\b(?:a|an|the|my|our|his|her|it|this|that|them|everything|all|most|not|n't|so|to|some"
    r"|errands|late|out)\b"
)

_OWNS = re.compile(
    r"\b(?P<who>i|she|he|we)\s(?:also\s)?(?P<role>(?:runs?|owns?|manages?)\s(?:a|an|my|her|his"
    r"|our)\s"
    r"(?:[a-z][\w-]{1,16}\s){0,3}?(?:shop|store|bakery|business|company|firm|agency|studio|farm"
    r"|café"
    r"|cafe|restaurant|practice|workshop|garage|brewery|hotel|salon|nursery|dairy|startup))\b"
)
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
            for pattern, score in _INTROS:
                _introduced_role(document, findings, sentence, pattern, score)
        if _ACTIVITIES.isdisjoint(sentence.words):
            continue
        for match in _DOES.finditer(sentence.lower):
            _activity(document, findings, sentence, match)
        if (own := _OWNS.search(sentence.lower)) and document.means_main(own["who"], sentence):
            start = sentence.start + own.start("role")
            findings.add("role", start, sentence.start + own.end("role"), 0.61, sentence)
    _headlines(document, findings)


def has_job(sentence: Sentence) -> bool:
    """Whether a sentence holds a word for an occupation."""
    jobs = lexicon.words("jobs")
    return any(word in jobs or word.rpartition("-")[2] in jobs for word in sentence.words)


def _introduced_role(
    document: Document,
    findings: Findings,
    sentence: Sentence,
    pattern: re.Pattern[str],
    score: float,
) -> None:
    for match in pattern.finditer(sentence.lower):
        who = (match["who"] or "").split(" ")[0]
        if " " not in (match["who"] or "") and who not in ("soy", "es", "sono", "sou"):
            if not document.means_main(who, sentence):
                continue
        elif who in ("es", "elle", "il") and document.first_person:
            continue
        if _WISHED.search(sentence.lower, max(0, match.start() - 24), match.start()):
            continue
        if end := job_end(sentence.plain, match.end()):
            start = sentence.start + match.end()
            findings.add("role", start, sentence.start + end, score - start / 1_000_000, sentence)


def job_end(plain: str, start: int, most_words: int = 6) -> int | None:
    """Where the job title that begins at `start` ends, None if no job title begins there."""
    jobs = lexicon.words("jobs")
    end = None
    position = start
    for _ in range(most_words):
        match = _WORDS.match(plain, position)
        if match is None or match[0].lower() in lexicon.words("title_stops"):
            break
        word = match[0].lower()
        if word in jobs or word.rpartition("-")[2] in jobs:
            end = match.end()
        position = match.end()
        if plain[position : position + 1] != " ":
            break
        position += len(plain[position : position + 4]) - len(
            plain[position : position + 4].lstrip(" ")
        )
    if end is None:
        return None
    for pattern in (_OF, _ADJECTIVE_AFTER):
        if after := pattern.match(plain, end):
            return after.end()
    return end


def _activity(
    document: Document, findings: Findings, sentence: Sentence, match: re.Match[str]
) -> None:
    """ "I run procurement", "she teaches chemistry": the whole phrase is the role."""
    if not document.means_main(match["who"], sentence) or _NOT_WORK.search(match["what"]):
        return
    strong = match["verb"].split()[0] in _LEADING
    start, end = sentence.start + match.start("verb"), sentence.start + match.end("what")
    findings.add("role", start, end, (0.7 if strong else 0.62) - start / 1_000_000, sentence)


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
        if end and re.match(r"\s{0,3}(?:$|[@|·,(–—-]|at\s)", line[end:]):
            score = 0.9 if 0 < number < OPENING_LINES else 0.66
            findings.add(
                "role",
                block.start + lead,
                block.start + end,
                score - number / 1_000,
                (block.start, block.start + len(line)),
            )
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
            company = offset + match.start("company")
            findings.add(
                "company",
                company,
                company + len(match["company"]),
                0.85 - start / 1_000_000,
                around,
            )
