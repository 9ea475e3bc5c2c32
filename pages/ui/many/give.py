"""Giving many texts: files, a ZIP of files, a table, or what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from uuid import UUID

import streamlit as st

from pages.ui.faults import show_fault
from pages.ui.inert import plain
from pages.ui.many.state import new_id, show_given
from pages.ui.many.text_columns import choose_text_columns
from pages.ui.numbers import amount
from pages.ui.wording import counted
from services import cached
from services.errors import DashboardError
from services.importing.texts.columns import TextColumns
from services.importing.texts.names import ENDINGS, given_as
from services.personas.finding.query import PersonaQuery

MAX_MEGABYTES = 500
MOST_FILES = 300  # more go into a ZIP
_NOT_DRAFTED = PersonaQuery(coverage="empty")


def give_texts() -> None:
    """Draw the ways to give them."""
    if fault := st.session_state.pop("many-fault", None):
        show_fault(fault)
    files = st.file_uploader(
        "Files with texts",
        type=list(ENDINGS),
        accept_multiple_files=True,
        max_upload_size=MAX_MEGABYTES,
        key="many-files",
        help="One text a file (text, Markdown, PDF, Word, HTML), a ZIP of such files, or a table "
        "(CSV, Excel, Parquet, JSON Lines) with one text a row.",
    )
    if not files:
        _what_is_taken()
        _offer_stored()
        return
    _given(files)


def _what_is_taken() -> None:
    ways = (
        ("description", "Files", f"One text a file: text, PDF, Word or HTML. Up to {MOST_FILES}."),
        ("folder_zip", "A ZIP of files", "A folder of interviews, packed. Up to 20,000 files."),
        ("table_rows", "A table", "One text a row. You choose the column that holds the texts."),
    )
    for column, (icon, title, told) in zip(st.columns(3), ways, strict=True):
        with column.container(border=True, gap="xsmall", height="stretch"):
            st.markdown(f":material/{icon}: **{title}**")
            st.caption(told)
    st.caption("You see what was read, and what it takes, before anything is drafted.")


def _given(files: Sequence[Any]) -> None:
    names = [file.name for file in files]
    if len(files) > MOST_FILES:
        st.warning(
            f"These are more than {MOST_FILES} files. Pack them into a ZIP, and give that.",
            icon=":material/folder_zip:",
        )
        return
    try:
        columns, usable = _columns_of_tables(files)
    except DashboardError as error:
        show_fault(error)
        return
    st.button(
        f"Read {_named(names)}",
        type="primary",
        icon=":material/rule:",
        on_click=_read,
        args=(new_id(), _title(names), files, columns),
        disabled=not usable,
        key="read-texts",
        help="Nothing is drafted yet."
        if usable
        else "Choose the column that holds the texts first.",
    )


def _columns_of_tables(files: Sequence[Any]) -> tuple[dict[str, TextColumns], bool]:
    """What was chosen of each table, and whether all can be read. Raises ImportFileError."""
    columns = {}
    for file in files:
        if given_as(file.name) == "table":
            preview = cached.table_preview(file.file_id, file.name, file)
            columns[file.name] = choose_text_columns(file.name, preview)
    return columns, all(chosen.text for chosen in columns.values())


def _read(
    intake_id: UUID, title: str, files: Sequence[Any], columns: dict[str, TextColumns]
) -> None:
    try:
        cached.read_texts(intake_id, title, [(file.name, file) for file in files], columns)
    except DashboardError as error:
        st.session_state["many-fault"] = error
        return
    show_given(intake_id)


def _offer_stored() -> None:
    number = cached.found_total(_NOT_DRAFTED)
    if not number.number:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        noun = "text is" if number.number == 1 else "texts are"
        st.markdown(f":material/edit_note: **{amount(number)}** {noun} stored and not drafted yet.")
        st.space("stretch")
        st.button(
            "Draft them",
            on_click=give_stored,
            args=(new_id(), "Texts that were not drafted", _NOT_DRAFTED),
            key="draft-stored",
        )


def give_stored(intake_id: UUID, title: str, query: PersonaQuery) -> None:
    """On click: read the texts of these personas."""
    try:
        cached.read_stored_texts(intake_id, title, query)
    except DashboardError as error:
        st.session_state["many-fault"] = error
        return
    show_given(intake_id)


def _named(names: Sequence[str]) -> str:
    return plain(names[0], 60) if len(names) == 1 else counted(len(names), "file")


def _title(names: Sequence[str]) -> str:
    first = PurePath(names[0]).stem
    return first if len(names) == 1 else f"{first} and {counted(len(names) - 1, 'file')} more"
