"""What the preview beside the list says of each persona on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pages.ui.persona.review.claim_review import LABELS, claim_rows
from services import cached
from services.evidence.claims import evidence_from_json
from services.evidence.review import Review
from services.personas.finding.previews import PreviewedPersona

MOST_CLAIMS = 20  # of a persona
MOST_VALUES = 3  # of a field
_SAID_ABOVE = ("/name", "/role")


def previews_of(ids: Sequence[UUID]) -> dict[str, dict[str, Any]]:
    """By id: `fields`, pairs of a label and its values, each with what is to be said of its source
    ("" if it has one); and how many `more` claims there are."""
    return {str(one.id): _preview(one) for one in cached.previews(tuple(ids))}


def _preview(stored: PreviewedPersona) -> dict[str, Any]:
    review = Review("", stored.persona, tuple(evidence_from_json(stored.evidence)), ())
    rows = [row for row in claim_rows(review) if row.path not in _SAID_ABOVE]
    fields: dict[str, list[tuple[str, str]]] = {}
    shown = 0
    for row in rows:
        values = fields.setdefault(row.field, [])
        if shown < MOST_CLAIMS and len(values) < MOST_VALUES:
            values.append((row.value, LABELS["none"] if row.support == "none" else ""))
            shown += 1
    kept = [(field, values) for field, values in fields.items() if values]
    return {"fields": kept, "more": len(rows) - shown}
