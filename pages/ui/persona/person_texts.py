"""The texts a persona was drawn from, and one more: pasted, or from a file."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.ui.account import allowed
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.notices import tell
from pages.ui.persona.state import PersonaState
from pages.ui.persona.undo import undo_of
from pages.ui.typed_drafts import forget, kept_for, kept_text_area
from services import cached
from services.access.roles import Role
from services.errors import DashboardError, InvalidInputError
from services.personas import Persona
from services.personas.source_spans import LONGEST_LABEL, SourceSpan, source_at, spans_of
from services.sources.files import text_of_file

BOX_LABEL = "New text"
_KIND = "more_text"
_FILES = ["txt", "md", "pdf", "docx", "html", "htm"]


def person_texts(stored: Persona, state: PersonaState) -> None:
    """Draw the list of texts and, folded away, the form for another one."""
    st.header("Texts about this person", anchor=False)
    for span in spans_of(stored.raw_text, stored.sources):
        st.markdown(f":material/description: {_line(span)}")
    typed = has_unadded_text(stored)
    kept = bool(kept_for(_KIND, str(stored.id)))
    with st.expander("Add a text", icon=":material/add:", expanded=typed or kept):
        _form(stored, state)


def has_unadded_text(stored: Persona) -> bool:
    """Whether a text stands in the form and is not one of the person's yet."""
    return bool(st.session_state.get(_key(stored, "text"), "").strip())


def text_label(stored: Persona, offset: int) -> str:
    """Which text the character at `offset` stands in, for markdown."""
    span = source_at(spans_of(stored.raw_text, stored.sources), offset)
    return _named(span) if span else "Between two texts"


def _line(span: SourceSpan) -> str:
    return f"{_named(span)} · {span.end - span.start:,} characters"


def _named(span: SourceSpan) -> str:
    return f"**{plain(span.label)}**" + (f" · {plain(span.added_at)}" if span.added_at else "")


def _form(stored: Persona, state: PersonaState) -> None:
    left, right = st.columns([3, 1])
    left.text_input(
        "What it is (needed)",
        key=_key(stored, "label"),
        max_chars=LONGEST_LABEL,
        placeholder="Call of 4 May, CV, second interview …",
        persist_state="session",
    )
    right.date_input("Date", value="today", key=_key(stored, "date"), persist_state="session")
    kept_text_area(
        BOX_LABEL,
        key=_key(stored, "text"),
        kind=_KIND,
        subject=str(stored.id),
        height=180,
        persist_state="session",
    )
    st.file_uploader(
        "Or drop a file",
        type=_FILES,
        key=_key(stored, "file"),
        on_change=_take_file,
        args=(stored, state),
        help="Its text goes into the box, for you to read through.",
    )
    st.button(
        "Add text",
        type="primary",
        key=_key(stored, "add"),
        **allowed(Role.ANALYST),
        on_click=_add,
        args=(stored, state),
    )


def _add(stored: Persona, state: PersonaState) -> None:
    values = {name: st.session_state.get(_key(stored, name)) for name in ("text", "label", "date")}
    on = values["date"] or datetime.now(UTC).date()
    try:
        added = cached.add_source(
            str(stored.id), values["text"] or "", values["label"] or "", on, current_author()
        )
    except DashboardError as error:
        state.fault = error
        return
    forget(_KIND, str(stored.id))
    st.session_state[_key(stored, "text")] = st.session_state[_key(stored, "label")] = ""
    state.fault = None
    tell("Text added. Regenerate to draw on it.", undo=undo_of(added))


def _take_file(stored: Persona, state: PersonaState) -> None:
    file = st.session_state.get(_key(stored, "file"))
    if file is None:
        return
    try:
        st.session_state[_key(stored, "text")] = text_of_file(file.name, file.getvalue()).text
        state.fault = None
    except InvalidInputError as error:
        state.fault = error


def _key(stored: Persona, name: str) -> str:
    return f"more-{name}-{stored.id}"
