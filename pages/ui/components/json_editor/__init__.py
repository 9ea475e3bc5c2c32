"""A JSON editor for one document: text and tree.

The editor is npm's vanilla-jsoneditor, loaded by the browser from our own server (route.py). Where
it is not installed, or does not load, a plain text area takes its place and gives the same text.
The text is returned as it stands in the buffer, valid or not: services.personas.validation decides.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.components.draft_buffer import BUFFER_JS, Buffer
from pages.ui.components.json_editor.route import editor_routes, editor_script_url

__all__ = ["editor_routes", "editor_script_url", "json_editor"]

LABEL = "Persona as JSON"
_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "json_editor",
    html='<div class="json-editor"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=BUFFER_JS + (_HERE / "frontend.js").read_text("utf-8"),
    isolate_styles=False,  # the editor adds its own styles to the page's head
)


def json_editor(
    buffer: Buffer, *, height: int = 480, read_only: bool = False, script_url: str | None
) -> str:
    """Show the document for editing and return what stands in its buffer now.

    A new version puts its stored text into the buffer, the same one never touches what is being
    typed. With `script_url=None` it is a `st.text_area` under the key of the document, which is
    also how AppTest types into it. Do not put it into `st.form`.
    """
    if script_url is None:
        return _plain_editor(buffer, height, read_only)
    result = _render(
        key=buffer.element,
        data={
            "text": buffer.text,
            "key": buffer.key,
            "token": buffer.token,
            "label": LABEL,
            "height": height,
            "readOnly": read_only,
            "script": script_url,
        },
        on_doc_change=buffer.heard,
        height=height,
    )
    return buffer.settle(result.doc)


def _plain_editor(buffer: Buffer, height: int, read_only: bool) -> str:
    key, token = buffer.element, buffer.token
    if key not in st.session_state or st.session_state.get(f"{key}_shows") != token:
        st.session_state[key] = buffer.text
        st.session_state[f"{key}_shows"] = token
    st.text_area(
        LABEL,
        key=key,
        height=height,
        disabled=read_only,
        on_change=buffer.heard,
        help="Press Ctrl+Enter, or click elsewhere, to check what you wrote.",
    )
    return buffer.text
