"""What the review shows, worked out from a persona: rows for the claims, spans for the text."""

from __future__ import annotations

from pages.ui.claim_list import ClaimRow
from pages.ui.evidence_view import Span
from pages.ui.wording import as_text, label
from services.generation.claims import Evidence
from services.generation.pointers import claims_of_persona, tokens
from services.generation.review import Review
from services.generation.schema import in_field_order

LABELS = {
    "stated": "stated",
    "inferred": "inferred",
    "approximate": "approximate",
    "human": "by hand",
    "none": "no source",
}


def support_of(found: list[Evidence]) -> str:
    """How a claim with this evidence is supported: a key of LABELS, the firmest first."""
    if not found:
        return "none"
    kinds = {_kind(item) for item in found}
    return next(kind for kind in LABELS if kind in kinds)


def claim_rows(review: Review) -> list[ClaimRow]:
    """One row a claim, in the order people read a persona."""
    by_path: dict[str, list[Evidence]] = {}
    for item in review.evidence:
        by_path.setdefault(item.path, []).append(item)
    rows = []
    for path, value in claims_of_persona(in_field_order(review.persona)):
        found = by_path.get(path, [])
        support = support_of(found)
        accepted = any(item.accepted for item in found)
        field = field_label(path)
        rows.append(ClaimRow(path, field, as_text(value), support, LABELS[support], accepted))
    return rows


def text_spans(review: Review) -> list[Span]:
    """The passages of the text that claims rest on."""
    return [
        Span(item.path, item.start, item.end, _kind(item), field_label(item.path))
        for item in review.evidence
    ]


def field_label(path: str) -> str:
    """`/pain_points/0` as "Pain points"; deeper names joined by an arrow."""
    names = [label(token) for token in tokens(path) if not token.isdecimal()]
    return " › ".join(names) or path


def _kind(item: Evidence) -> str:
    if item.origin == "human":
        return "human"
    return "approximate" if item.approximate else item.support
