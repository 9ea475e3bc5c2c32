"""What a draft depends on, as one key: with the same key, an engine is asked the same again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from services.engines.generator import Generator
from services.engines.parts import Span
from services.evidence.text.equality import normalised


@runtime_checkable
class HasFingerprint(Protocol):
    """An engine that tells what its answers depend on beside the text."""

    @property
    def fingerprint(self) -> str:
        """Model, prompt, form of the answer and settings: whatever changes an answer."""
        ...


def draft_key(
    text: str, generator: Generator, about: str = "", spans: Sequence[Span] = ()
) -> str | None:
    """SHA-256 in hex over text, whom it is about, engine, model, prompt, fields and settings.

    None for what cannot be compared: several texts in one, an engine without a fingerprint.
    """
    if len(spans) > 1 or not isinstance(generator, HasFingerprint):
        return None
    parts = [generator.name, generator.fingerprint, about, normalised(text)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
