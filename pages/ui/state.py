"""What a page remembers between runs: one typed object a page, under one key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from uuid import UUID, uuid4, uuid5

import streamlit as st

from services.errors import DashboardError
from services.sources.files import SourceText


@dataclass(frozen=True)
class Wanted:
    """A web address or a file whose text was asked for."""

    url: str = ""
    name: str = ""
    content: bytes = b""


@dataclass
class GenerateState:
    """The generate page.

    `composition` names what is being composed: a second click with the same text and engine is the
    same request. `loaded` is the request whose text was put into the box; `set_aside` is what
    stood there before. `wanted` is to be read, `taken` was read and goes into the box, and
    `source_notes` tell how it was read.
    """

    composition: UUID = field(default_factory=uuid4)
    fault: DashboardError | None = None
    loaded: str | None = None
    set_aside: str = ""
    wanted: Wanted | None = None
    taken: SourceText | None = None
    source_notes: tuple[str, ...] = ()

    def request_id(self, text: str, engine: str) -> UUID:
        """The id under which this text and engine are submitted; the same for every click."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return uuid5(self.composition, f"{engine}:{digest}")


@dataclass
class PersonaState:
    """The persona page: the fault of the last action, the note of the last success.

    `active` is the JSON Pointer of the chosen claim.
    """

    fault: DashboardError | None = None
    note: str = ""
    active: str | None = None


def generate_state() -> GenerateState:
    """The state of the generate page in this session."""
    return st.session_state.setdefault("generate-state", GenerateState())


def persona_state(persona_id: str) -> PersonaState:
    """The state of the persona page for one persona in this session."""
    return st.session_state.setdefault(f"persona-state-{persona_id}", PersonaState())
