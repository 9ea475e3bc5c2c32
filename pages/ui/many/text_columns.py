"""Which column of a table holds the texts, with its first values beside it."""

from __future__ import annotations

import streamlit as st

from pages.ui.inert import one_line, plain
from pages.ui.table_warnings import warn_of_head, warn_of_table
from services.importing.held_file import Preview
from services.importing.texts.columns import TextColumns, guess_columns

_NONE = ""


def choose_text_columns(name: str, preview: Preview) -> TextColumns:
    """Draw the choice for one table, guessed beforehand."""
    guess = guess_columns(preview.columns)
    st.markdown(f"**{plain(name, 100)}**")
    warn_of_table(preview)
    left, middle, right = st.columns(3)
    with left:
        text = _choose("Column with the texts", name, preview, guess.text, "– choose –")
    with middle:
        label = _choose("What each is called", name, preview, guess.label, "its row")
    with right:
        about = _choose("Who it is about", name, preview, guess.about, "not said")
    warn_of_head(text)
    if sample := preview.samples.get(text):
        st.caption(f"Begins with: {plain(sample, 200)}")
    return TextColumns(text, label, about)


def _choose(label: str, name: str, preview: Preview, guess: str, nothing: str) -> str:
    options = [_NONE, *preview.columns]
    return str(
        st.selectbox(
            label,
            options,
            index=options.index(guess) if guess in options else 0,
            format_func=lambda head: one_line(head, 60) if head else nothing,
            key=f"{label}-{name}",
        )
    )
