"""Whether a text speaks of several people: who each is, and what they do or want, is told of them.

Whoever is only mentioned ("my boss, Karen Holt, is 60") is not one of them. Each person named as
the subject of a sentence is read about as if the text were about nobody else; what comes of it
decides. It serves every engine, as it needs no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from services.engines.generator import Task
from services.engines.offline import lexicon
from services.engines.offline.cutting.document import Document
from services.engines.offline.cutting.speakers import MIN_PEOPLE, is_interviewer, participant_of
from services.engines.offline.findings import Findings
from services.engines.offline.generator import OfflineGenerator, read_person
from services.engines.offline.main_person.chosen import is_same_person
from services.engines.offline.main_person.names import is_name
from services.engines.offline.main_person.subject import subject_name
from services.evidence.schema import Claim

MOST_LOOKED_AT = 8  # names; each takes as long as a draft
MOST_CHARACTERS = 50_000  # of the text that are looked at: a page waits for it
LEAST_CLAIMS = 3
_ASKS = re.compile(r"\?|\byour\b|(?:^|[.,] )\W{0,3}tell (?:me|us)\b")
_FACTS = frozenset({"age", "role", "company", "location", "education", "years_experience"})
_TELL_NOTHING = frozenset({"name", "quotes", "communication_style"})


def people_in(text: str) -> tuple[str, ...]:
    """The names of those a text speaks of, whom a draft would be about first; () if it names none.

    Names are as the text has them. Mostly it is one person. Of a talk of several whose names are
    not told they are "Participant 1" and so on, numbered as their turns are ("P1:", "Speaker 1:").
    """
    text = text[:MOST_CHARACTERS]
    document, findings = read_person(text)
    best = findings.best("name")
    if several := _participants(document, text):
        name = document.plain[best.start : best.end] if best else several[0]
        return (name, *several[1:])
    if best is None:
        return ()
    main = document.plain[best.start : best.end]
    people = [main]
    for name in _distinct(_named(document, findings), main):
        task = Task(about=name)
        if _is_described(OfflineGenerator().generate(text, task=task).claims):
            people.append(name)
    return tuple(people)


def others_than(name: str, people: Sequence[str]) -> tuple[str, ...]:
    """Those of several people who are not called so; all but the first if `name` is empty."""
    if len(people) < 2:
        return ()
    whom = name or people[0]
    return tuple(one for one in people if not is_same_person(one, whom))


def _named(document: Document, findings: Findings) -> Iterator[str]:
    for candidate in findings.all("name"):
        yield document.plain[candidate.start : candidate.end]
    for speaker in dict.fromkeys(block.speaker for block in document.blocks):
        roles = lexicon.words("respondents")
        if speaker and not is_interviewer(speaker) and speaker.lower() not in roles:
            yield speaker
    for sentence in document.sentences:
        if name := subject_name(sentence.plain):
            yield name


def _participants(document: Document, text: str) -> tuple[str, ...]:
    """Those without a name who tell something of themselves, if they are several; who is the main
    person first."""
    called = {label: participant_of(label) for block in document.blocks if (label := block.speaker)}
    if len(set(called.values()) - {""}) < MIN_PEOPLE:
        return ()
    called = {label: one for label, one in called.items() if one and not _asks(document, label)}
    first = called.get(document.speaker or "", "")
    in_order = sorted(dict.fromkeys(called.values()), key=lambda one: one != first)
    telling = [one for one in in_order[:MOST_LOOKED_AT] if _tells_something(text, one)]
    return tuple(telling) if len(telling) >= MIN_PEOPLE else ()


def _asks(document: Document, label: str) -> bool:
    """Whether who has this label puts the questions, whatever it says."""
    turns = [block for block in document.blocks if block.speaker == label]
    asking = sum(bool(_ASKS.search(document.lower, block.start, block.end)) for block in turns)
    return is_interviewer(label) or 2 * asking >= len(turns)


def _tells_something(text: str, participant: str) -> bool:
    """Who speaks for themselves needs to say less than who is spoken of: a fact, and twice "I"."""
    claims = OfflineGenerator().generate(text, task=Task(about=participant)).claims
    fields = {claim.field for claim in claims} - _TELL_NOTHING
    return bool(fields - _FACTS) or (bool(fields) and _says_i(text, participant) > 1)


def _says_i(text: str, participant: str) -> int:
    document, _ = read_person(text, participant)
    said = [one for one in document.sentences if one.block.speaker == document.speaker]
    return sum(not lexicon.words("first_person").isdisjoint(one.words) for one in said)


def _distinct(names: Iterator[str], main: str) -> Sequence[str]:
    """One name a person, the fullest, without the main person's: of those named first."""
    found: list[str] = []
    for name in names:
        if not is_name(name) or is_same_person(name, main):
            continue
        same = next((known for known in found if is_same_person(known, name)), None)
        if same is None and len(found) < MOST_LOOKED_AT:
            found.append(name)
        elif same is not None and len(name.split()) > len(same.split()):
            found[found.index(same)] = name
    return found


def _is_described(claims: Sequence[Claim]) -> bool:
    """Facts alone are told of many who are only mentioned."""
    telling = [claim for claim in claims if claim.field not in _TELL_NOTHING]
    return len(telling) >= LEAST_CLAIMS and any(claim.field not in _FACTS for claim in telling)
