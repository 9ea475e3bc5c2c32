"""Columns that follow from a write, so that no writer can forget them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.evidence.claims import evidence_from_json, evidence_to_json
from services.evidence.edits import follow_edits
from services.evidence.picked_words import PickedWords, with_picked
from services.evidence.value_origins import Origins, follow_origins, origins_of
from services.personas.models import Persona, PersonaUpdate

Columns = dict[str, Any]


def known_origins(stored: Persona) -> Origins:
    """Who set each value of a stored persona, also of one from before origins were kept."""
    evidence = evidence_from_json(stored.evidence)
    generated = stored.generation is not None
    return origins_of(stored.origins, stored.persona, evidence, generated=generated)


def derived(stored: Persona, columns: Columns) -> Columns:
    """What `columns`, about to replace those of `stored`, leave to be worked out.

    A changed persona without origins was changed by a person; a changed text without sources is
    one text again.
    """
    found: Columns = {}
    if "persona" in columns and "origins" not in columns:
        known = known_origins(stored)
        found["origins"] = follow_origins(stored.persona, columns["persona"], known)
    if columns.get("raw_text", stored.raw_text) != stored.raw_text and "sources" not in columns:
        found["sources"] = []
    return found


def followed(stored: Persona, change: PersonaUpdate, picked: Iterable[PickedWords] = ()) -> Columns:
    """The evidence as it follows a change of the stored persona, with what was `picked` for it."""
    new = stored.persona if change.persona is None else change.persona
    raw_text = change.raw_text or stored.raw_text
    evidence = follow_edits(stored.persona, new, evidence_from_json(stored.evidence), raw_text)
    return {"evidence": evidence_to_json(with_picked(evidence, picked, new, raw_text))}
