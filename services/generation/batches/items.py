"""Requests of a batch made of texts: each says what a try of it takes at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.engines.generator import Generator
from services.engines.parts import Span
from services.evidence.text.equality import text_hash
from services.generation.batches.models import NewItem
from services.generation.spent import most_of


def new_item(
    generator: Generator, position: int, text: str, spans: Sequence[Span] = (), **columns: Any
) -> NewItem:
    """The request to draft this text. `spans`: the texts that it is made of, if several; `columns`
    as NewItem has them. Raises TextTooLongError."""
    usd, tokens = most_of(generator, text, spans)
    return NewItem(
        position=position,
        raw_text=text,
        text_hash=text_hash(text),
        max_usd=usd,
        max_tokens=tokens,
        **columns,
    )
