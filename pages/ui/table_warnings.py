"""What of a given table is not read as whoever gave it may think, said before it is read."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.inert import plain
from services.importing.held_file import Preview
from services.importing.mapping import is_like_text

_SHOWN_SHEETS = 10


def warn_of_table(preview: Preview) -> None:
    """Draw what is left out, and whether the head may be no head; nothing if all is well."""
    if preview.narrow:
        st.warning(
            "The rows have more cells than the head. Is the head in the first row? Take away what "
            "stands above it, and give the file again. In a CSV, a text with commas in it stands "
            "in quotation marks.",
            icon=":material/table:",
        )
    if preview.unread:
        is_one = len(preview.sheets) == 1
        st.warning(
            f"Only the {'sheet' if is_one else 'sheets'} {_quoted(preview.sheets)} "
            f"{'is' if is_one else 'are'} read. The file also has: {_quoted(preview.unread)}. "
            "Save what you need of it as a file of its own.",
            icon=":material/tab:",
        )


def warn_of_head(head: str) -> None:
    """Draw that the head of the texts may be a text itself, if it looks like one."""
    if is_like_text(head):
        st.warning(
            f"The first row was read as the head: “{plain(head, 120)}”. If it is a text, put a "
            "head such as “text” above it and give the file again.",
            icon=":material/view_headline:",
        )


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{plain(name, 60)}”" for name in names[:_SHOWN_SHEETS])
    more = len(names) - _SHOWN_SHEETS
    return f"{shown} and {more:,} more" if more > 0 else shown
