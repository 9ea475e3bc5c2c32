"""Which column of a file becomes what of a persona."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from services.evidence.schema import FIELD_BY_NAME, SUMMARY
from services.exports.options import EVIDENCE, PREFIX

Mapping = dict[str, str]  # head of the file to target; heads that are left out are not imported

TEXT = "raw_text"
PERSONA = "persona"
STORED = ("id", "created_at", "updated_at")
AS_JSON = (PERSONA, "evidence", "generation", "origins", "sources")
_SHOWN = 60  # characters of a name
_LONGEST_HEAD = 200  # characters; questions of a survey are shorter, and texts may be
_SENTENCE = re.compile(r".{15,}[.!…。！]['\"”’»)]*\s*", re.DOTALL)  # shorter may be "Notes etc."
TARGETS = (TEXT, PERSONA, *STORED, *EVIDENCE)
_TEXT_NAMES = ("raw_text", "raw text", "text", "source text", "transcript", "notes", "interview",
               "content", "description", "body", "comment", "feedback")  # fmt: skip


def guess_mapping(columns: Sequence[str]) -> Mapping:
    """A first proposal: our own heads as they are, a column that is called like a text, and
    columns that are called like fields of a persona."""
    mapping = {head: head for head in columns if head in TARGETS or head.startswith(PREFIX)}
    if TEXT not in mapping.values():
        lower = {head.strip().lower(): head for head in columns}
        named = next((lower[name] for name in _TEXT_NAMES if name in lower), None)
        if named is not None:
            mapping[named] = TEXT
    if PERSONA in mapping.values():
        return mapping
    for head in columns:
        key = head.strip().lower().replace(" ", "_")
        if head not in mapping and (key in FIELD_BY_NAME or key == SUMMARY):
            mapping[head] = PREFIX + key
    return mapping


def is_like_text(head: str) -> bool:
    """Whether a head is perhaps no head but the first text, of a file without heads: very long, or
    a sentence. Questions are heads of surveys."""
    return len(head) > _LONGEST_HEAD or _SENTENCE.fullmatch(head) is not None


def gives_texts_only(mapping: Mapping) -> bool:
    """Whether no column becomes anything of a persona: then each row is a text, not drafted."""
    return not any(target == PERSONA or target.startswith(PREFIX) for target in mapping.values())


def mapping_fault(mapping: Mapping, columns: Collection[str]) -> str | None:
    """Why this mapping cannot be used for a file with these columns, None if it can."""
    known = frozenset(columns)
    for head, target in mapping.items():
        if head not in known:
            return f"The file has no column {head[:_SHOWN]}: choose one that it has."
        if target not in TARGETS and not target.startswith(PREFIX):
            return (
                f"Column {head[:_SHOWN]} cannot become {target[:_SHOWN]}: "
                f"choose {', '.join(TARGETS)}, or a field such as persona.role."
            )
    targets = list(mapping.values())
    if TEXT not in targets:
        return "Choose the column that holds the text about the person."
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        return f"Two columns become {twice[0][:_SHOWN]}: choose one."
    return None
