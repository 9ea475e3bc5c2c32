"""Texts of stored personas: drafted for the first time where there is only a text, else drafted
anew, so that what comes of it waits beside the persona."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.importing.texts.files import Found, Unread
from services.importing.texts.held import GivenText
from services.personas.finding.finder import get_persona_finder
from services.personas.finding.query import PersonaQuery
from services.personas.source_texts import AT_ONCE, SourceOfPersona, source_texts

_LABEL_CHARACTERS = 80


def stored_texts(selection: PersonaQuery | Iterable[UUID]) -> Found:
    """The texts of all personas that match, or of these ids; one that is gone meanwhile is a
    problem."""
    if isinstance(selection, PersonaQuery):
        parts = get_persona_finder().matching(selection)
    else:
        parts = iter([list(selection)])
    for ids in parts:
        for start in range(0, len(ids), AT_ONCE):
            wanted = ids[start : start + AT_ONCE]
            found = {one.id: one for one in source_texts(wanted)}
            for persona_id in wanted:
                stored = found.get(persona_id)
                if stored is None:
                    yield Unread(str(persona_id), "It is not stored any more.")
                else:
                    yield _given(stored)


def _given(stored: SourceOfPersona) -> GivenText:
    label = " ".join((stored.name or stored.raw_text[:400]).split())[:_LABEL_CHARACTERS]
    return GivenText(
        stored.raw_text,
        label,
        stored.about or "",
        str(stored.id),
        stored.sources,
        kind="fill" if stored.coverage is None else "regenerate",
    )
