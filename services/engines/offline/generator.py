"""The engine that needs no model and no network: drafts by rules, and quotes what it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from services.engines.generator import Draft, Progress, ProgressListener, Task, ignore_progress
from services.engines.offline.cutting.document import FIRST, THIRD, Document
from services.engines.offline.cutting.segmentation import segment
from services.engines.offline.fields.character import find_character
from services.engines.offline.fields.companies import find_companies
from services.engines.offline.fields.facts import find_age, find_education, find_years
from services.engines.offline.fields.labels import find_labelled
from services.engines.offline.fields.lists import find_lists
from services.engines.offline.fields.places import find_places
from services.engines.offline.fields.roles import find_roles
from services.engines.offline.fields.sayings import find_sayings
from services.engines.offline.fields.skills import find_skills
from services.engines.offline.fields.statements import find_statements
from services.engines.offline.findings import Findings
from services.engines.offline.main_person.chosen import is_same_person, read_about
from services.engines.offline.main_person.people import find_names, settle_name
from services.engines.offline.main_person.subject import mark_subjects, pronouns_of_main
from services.engines.stopping import NEVER, Stop
from services.evidence.schema import FIELDS

RULES_VERSION = "offline-3"
LEAST_LETTERS = 12
_RULES_IN = (".py", ".txt")
NOTHING_FOUND = "No person was recognised in this text."
NOT_NAMED = "The text names nobody as “{about}”: the draft is about whom it speaks of first."

Rule = Callable[[Document, Findings], None]
_RULES: tuple[Rule, ...] = (
    find_age,
    find_roles,
    find_companies,
    find_places,
    find_years,
    find_education,
    find_lists,
    find_statements,
    find_skills,
    find_character,
    find_sayings,
)


class OfflineGenerator:
    """Drafts claims by rules. Every value and every quote is a slice of the text."""

    name = "offline"
    model: str | None = None

    @property
    def fingerprint(self) -> str:
        """What a draft depends on beside its text: every rule and every word of the lexicons."""
        return _rules_digest()

    def most(self, text: str) -> None:  # noqa: ARG002 - nothing is paid for
        """None: no tokens are taken."""
        return

    def estimate(self, text: str) -> None:
        """Rules take no tokens."""

    def generate(
        self,
        text: str,
        on_progress: ProgressListener = ignore_progress,
        stop: Stop = NEVER,
        task: Task | None = None,
    ) -> Draft:
        """Draft claims about the person in `text`, or the one of its people that `task` names; the
        same text always gives the same draft."""
        steps = len(_RULES) + 1
        on_progress(Progress(0, steps))
        about = task.about if task else ""
        document, findings = read_person(text, about)
        for done, rule in enumerate(_RULES, start=1):
            stop.check()
            on_progress(Progress(done, steps))
            rule(document, findings)
        on_progress(Progress(steps, steps))
        claims = findings.claims() if _has_person(document, findings) else ()
        notes = () if claims else (NOTHING_FOUND,)
        if about and claims and not is_named(document, findings, about):
            notes = (NOT_NAMED.format(about=about),)
        return Draft(claims, self.name, prompt_version=RULES_VERSION, notes=notes)


@cache
def _rules_digest() -> str:
    files = sorted(path for path in Path(__file__).parent.rglob("*") if path.suffix in _RULES_IN)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def read_person(text: str, about: str = "") -> tuple[Document, Findings]:
    """The text with its main person: the one called `about`, if it names such a one."""
    document = segment(text)
    findings = Findings(document)
    find_labelled(document, findings)
    find_names(document, findings)
    settle_name(document, findings)
    document.pronouns = pronouns_of_main(document)
    mark_subjects(document)
    if not about or is_named(document, findings, about):
        return document, findings
    return read_about(text, about) or (document, findings)


def is_named(document: Document, findings: Findings, name: str) -> bool:
    """Whether the main person can be called so."""
    best = findings.best("name")
    return best is not None and is_same_person(document.plain[best.start : best.end], name)


def _has_person(document: Document, findings: Findings) -> bool:
    """Whether the text is about a person at all: named, spoken of, or listed under headings."""
    if sum(map(str.isalpha, document.text[:10_000])) < LEAST_LETTERS:
        return False
    if any(findings.best(field) for field in ("name", "age", "role")):
        return True
    if any(block.section not in (None, "other") for block in document.blocks):
        return any(findings.best(spec.name) for spec in FIELDS)
    people = FIRST | THIRD | {"i'm", "i've", "i'd", "my", "her", "his"}
    return any(not people.isdisjoint(sentence.words) for sentence in document.sentences)
