"""Columns that follow from a write, so that no writer can forget them."""

from __future__ import annotations

from typing import Any

from services.evidence.claims import evidence_from_json
from services.evidence.value_origins import Origins, follow_origins, origins_of
from services.personas.models import Persona


def known_origins(stored: Persona) -> Origins:
    """Who set each value of a stored persona, also of one from before origins were kept."""
    evidence = evidence_from_json(stored.evidence)
    generated = stored.generation is not None
    return origins_of(stored.origins, stored.persona, evidence, generated=generated)


def derived(stored: Persona, columns: dict[str, Any]) -> dict[str, Any]:
    """What `columns`, about to replace those of `stored`, leave to be worked out.

    A changed persona without origins was changed by a person; a changed text without sources is
    one text again.
    """
    found: dict[str, Any] = {}
    if "persona" in columns and "origins" not in columns:
        known = known_origins(stored)
        found["origins"] = follow_origins(stored.persona, columns["persona"], known)
    if columns.get("raw_text", stored.raw_text) != stored.raw_text and "sources" not in columns:
        found["sources"] = []
    return found
