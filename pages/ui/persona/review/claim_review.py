"""What the review shows, worked out from a persona: rows for the claims, spans for the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pages.ui.components.claim_list import ClaimRow
from pages.ui.components.evidence_view import Span
from pages.ui.wording import as_text, label
from services.evidence.claims import Evidence
from services.evidence.pointers import claims_of_persona, tokens
from services.evidence.review import Review
from services.evidence.schema import in_field_order
from services.personas.source_spans import SourceSpan, source_at

LABELS = {
    "stated": "stated",
    "inferred": "inferred",
    "approximate": "approximate",
    "human": "by hand",
    "none": "no source",
}

BY_HAND = "set by a person"


def support_of(found: list[Evidence]) -> str:
    """How a claim with this evidence is supported: a key of LABELS, the firmest first."""
    if not found:
        return "none"
    kinds = {_kind(item) for item in found}
    return next(kind for kind in LABELS if kind in kinds)


def claim_rows(
    review: Review, texts: Sequence[SourceSpan] = (), origins: Mapping[str, str] | None = None
) -> list[ClaimRow]:
    """One row a claim, in the order people read a persona.

    `texts` are what the source text is made of: with several, each claim names its own. `origins`
    says who set each value.
    """
    by_path: dict[str, list[Evidence]] = {}
    for item in review.evidence:
        by_path.setdefault(item.path, []).append(item)
    rows = []
    for path, value in claims_of_persona(in_field_order(review.persona)):
        found = by_path.get(path, [])
        support = support_of(found)
        accepted = any(item.accepted for item in found)
        field = field_label(path)
        by_hand = support != "human" and (origins or {}).get(path) == "human"
        told = " · ".join([LABELS[support], *_names(found, texts), *[BY_HAND] * by_hand])
        rows.append(ClaimRow(path, field, as_text(value), support, told, accepted))
    return rows


def text_spans(review: Review, texts: Sequence[SourceSpan] = ()) -> list[Span]:
    """The passages of the text that claims rest on; with several `texts`, each names its own."""
    return [
        Span(
            item.path,
            item.start,
            item.end,
            _kind(item),
            " · ".join([field_label(item.path), *_names([item], texts)]),
        )
        for item in review.evidence
    ]


def field_label(path: str) -> str:
    """`/pain_points/0` as "Pain points"; deeper names joined by an arrow."""
    names = [label(token) for token in tokens(path) if not token.isdecimal()]
    return " › ".join(names) or path


def _names(found: list[Evidence], texts: Sequence[SourceSpan]) -> list[str]:
    """The texts that the evidence stands in, if there are several to tell apart."""
    if len(texts) < 2:
        return []
    spans = (source_at(texts, item.start) for item in found)
    return list(dict.fromkeys(span.label for span in spans if span))


def _kind(item: Evidence) -> str:
    if item.origin == "human":
        return "human"
    return "approximate" if item.approximate else item.support
