"""A persona to take along: copied or downloaded as text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui.field_values import as_json
from pages.ui.persona.head.in_words import as_markdown, as_plain_text
from services.evidence.schema import in_field_order
from services.personas import Persona

_FORMS: dict[str, tuple[str, str, Callable[[Persona], str]]] = {
    "Text": ("txt", "text/plain", lambda one: as_plain_text(one.persona)),
    "Markdown": ("md", "text/markdown", lambda one: as_markdown(one.persona)),
    "JSON": ("json", "application/json", lambda one: as_json(in_field_order(one.persona))),
}


def copy_or_download(newest: Callable[[], Persona]) -> None:
    """Draw a download for each form, and what opens a box to copy from. `newest` is asked when a
    button is pressed: the review does not draw this part anew."""
    for form, (ending, mime, words) in _FORMS.items():
        st.download_button(
            f"Download {form}",
            lambda words=words: words(newest()),  # type: ignore[misc]
            file_name=f"persona-{newest().id}.{ending}",
            mime=mime,
            icon=":material/download:",
            on_click="ignore",
            key=f"download-{form.lower()}",
            width="stretch",
        )
    if st.button("Copy", icon=":material/content_copy:", key="copy", width="stretch"):
        _copy(newest())


@st.dialog("Copy this persona", width="medium")
def _copy(stored: Persona) -> None:
    form = st.segmented_control("As", list(_FORMS), default="Text", required=True, key="copy-as")
    words = _FORMS[form or "Text"][2](stored)
    st.code(words, language="json" if form == "JSON" else None, wrap_lines=True, height=360)
