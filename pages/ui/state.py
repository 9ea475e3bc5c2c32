"""What a page remembers between runs: one typed object a page, under one key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any
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


def _new_name() -> str:
    return uuid4().hex


@dataclass
class GenerateState:
    """The generate page.

    `composition` names what is being composed: a second click with the same text and engine is the
    same request. `loaded` is the request whose text was put into the box; `set_aside` is what
    stood there before. `wanted` is to be read, `taken` was read and goes into the box, and
    `source_notes` tell how it was read. `draft` names the draft of the text in the box, `seen` is
    that text at the last run.
    """

    composition: UUID = field(default_factory=uuid4)
    fault: DashboardError | None = None
    loaded: str | None = None
    set_aside: str = ""
    wanted: Wanted | None = None
    taken: SourceText | None = None
    source_notes: tuple[str, ...] = ()
    draft: str = field(default_factory=_new_name)
    seen: str = ""

    def new_draft(self) -> None:
        """What is typed from now on is another draft; the one so far stays as it is."""
        self.draft = _new_name()

    def request_id(self, text: str, engine: str) -> UUID:
        """The id under which this text and engine are submitted; the same for every click."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return uuid5(self.composition, f"{engine}:{digest}")


@dataclass(frozen=True)
class Opened:
    """The version of a persona that somebody began to edit."""

    version: int
    persona: dict[str, Any]


@dataclass(frozen=True)
class Conflict:
    """Two edits of `base` that touched the same fields: theirs is stored, mine is not."""

    base: Opened
    theirs: Opened
    author: str
    mine: dict[str, Any]


@dataclass
class PersonaState:
    """The persona page: the fault of the last action, the note of the last success.

    `active` is the JSON Pointer of the chosen claim, `message` the number of its list's last one.
    `opened` is what the editor began with, while something in it is unsaved; `conflict` waits for
    the analyst's choice. `seen` is the version on the screen; `status_fault` and `comment_fault`
    stand beside the moves and the comments.
    """

    fault: DashboardError | None = None
    note: str = ""
    active: str | None = None
    message: int = 0
    opened: Opened | None = None
    conflict: Conflict | None = None
    seen: int = 0
    status_fault: DashboardError | None = None
    comment_fault: DashboardError | None = None


@dataclass
class ReviewState:
    """The review page: the note of the last success."""

    note: str = ""


@dataclass
class TrashState:
    """The trash page: the fault of the last action, the note of the last success, rows shown."""

    fault: DashboardError | None = None
    note: str = ""
    shown: int = 0


@dataclass
class ImportState:
    """The import page: the fault of the last action, and which import each given file is."""

    fault: DashboardError | None = None
    jobs: dict[str, UUID] = field(default_factory=dict)

    def job_id(self, file_id: str) -> UUID:
        """The id of the file's import; the same for every click."""
        return self.jobs.setdefault(file_id, uuid4())


def generate_state() -> GenerateState:
    """The state of the generate page in this session."""
    return st.session_state.setdefault("generate-state", GenerateState())


def persona_state(persona_id: str) -> PersonaState:
    """The state of the persona page for one persona in this session."""
    return st.session_state.setdefault(f"persona-state-{persona_id}", PersonaState())


def review_state() -> ReviewState:
    """The state of the review page in this session."""
    return st.session_state.setdefault("review-state", ReviewState())


def trash_state() -> TrashState:
    """The state of the trash page in this session."""
    return st.session_state.setdefault("trash-state", TrashState())


def import_state() -> ImportState:
    """The state of the import page in this session."""
    return st.session_state.setdefault("import-state", ImportState())
