"""A JSON editor for one document: text and tree, with a draft that outlives page switches.

The editor is npm's vanilla-jsoneditor, loaded by the browser from our own server (route.py). Where
it is not installed, or does not load, a plain text area takes its place and gives the same text.
The text is returned as it stands in the buffer, valid or not: services.personas.validation decides.

Drafts live in the session, by key and document version. They are kept until `discard_draft`, so
after saving version 3 as version 4, discard the draft of version 3. The stored text itself is
never a draft: `has_draft` is true only while something is unsaved.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import streamlit as st

from pages.ui.components.json_editor.route import editor_routes, editor_script_url

__all__ = [
    "discard_draft",
    "draft",
    "editor_routes",
    "editor_script_url",
    "has_draft",
    "json_editor",
    "replace_draft",
]

LABEL = "Persona as JSON"
_HERE = Path(__file__).parent
_MOST_DRAFTS = 32  # a session that opens thousands of personas must not keep thousands of texts
_STATE = "json_editor_drafts"
_Document = tuple[str, str]  # key and version
OnDraft = Callable[[str | None, bool], None]

_render = st.components.v2.component(
    "json_editor",
    html='<div class="json-editor"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=(_HERE / "frontend.js").read_text("utf-8"),
    isolate_styles=False,  # the editor adds its own styles to the page's head
)


@dataclass
class _Drafts:
    """Unsaved texts, and how often the text of a buffer was replaced from here."""

    texts: OrderedDict[_Document, str] = field(default_factory=OrderedDict)
    replaced: Counter[_Document] = field(default_factory=Counter)

    def keep(self, document: _Document, text: str, stored: str | None) -> None:
        self.texts.pop(document, None)
        if text != stored:
            self.texts[document] = text
        while len(self.texts) > _MOST_DRAFTS:
            self.texts.popitem(last=False)

    def token(self, document: _Document) -> str:
        """Names what is in the buffer: it changes when the buffer is to take another text."""
        return f"{document[1]}#{self.replaced[document]}"


def json_editor(
    text: str,
    *,
    version: str,
    key: str,
    height: int = 480,
    read_only: bool = False,
    script_url: str | None,
    on_draft: OnDraft = lambda _text, _resumed: None,
) -> str:
    """Show `text` for editing and return what stands in the buffer now.

    `version` names the stored document; a new one puts the new `text` into the buffer, the same
    one never touches what is being typed. With `script_url=None` it is a `st.text_area` under the
    same `key`, which is also how AppTest types into it. Do not put it into `st.form`. `on_draft`
    hears every change: the unsaved text, or None once it is the stored one again; and whether it
    was typed before this session began.
    """
    document = (key, version)
    buffer = _drafts().texts.get(document, text)
    if script_url is None:
        return _plain_editor(buffer, text, document, height, read_only, on_draft)
    token = _drafts().token(document)
    result = _render(
        key=key,
        data={
            "text": buffer,
            "key": key,
            "token": token,
            "label": LABEL,
            "height": height,
            "readOnly": read_only,
            "script": script_url,
        },
        on_doc_change=lambda: _keep_sent(document, token, text, on_draft),
        height=height,
    )
    sent = result.doc
    if sent and sent["token"] == token and sent["text"] != buffer:
        # Typed while the server was away: this session never heard of the change, only its result.
        _keep_typed(document, sent["text"], text, on_draft, resumed=True)
    return _drafts().texts.get(document, text)


def draft(key: str, version: str) -> str | None:
    """The unsaved text of this document, None if there is nothing unsaved."""
    return _drafts().texts.get((key, version))


def has_draft(key: str, version: str) -> bool:
    """Whether the buffer differs from the stored text."""
    return (key, version) in _drafts().texts


def discard_draft(key: str, version: str) -> None:
    """Forget what is unsaved: the buffer shows the stored text again."""
    drafts = _drafts()
    if drafts.texts.pop((key, version), None) is not None:
        drafts.replaced[(key, version)] += 1


def replace_draft(key: str, version: str, text: str) -> None:
    """Put `text` into the buffer as if it had been typed."""
    drafts = _drafts()
    drafts.keep((key, version), text, stored=None)
    drafts.replaced[(key, version)] += 1


def _drafts() -> _Drafts:
    if _STATE not in st.session_state:
        st.session_state[_STATE] = _Drafts()
    return cast(_Drafts, st.session_state[_STATE])


def _keep_sent(document: _Document, token: str, stored: str, on_draft: OnDraft) -> None:
    sent = (st.session_state.get(document[0]) or {}).get("doc")
    if sent and sent["token"] == token:  # else typed before the buffer was replaced
        _keep_typed(document, sent["text"], stored, on_draft, resumed=bool(sent.get("resumed")))


def _keep_typed(
    document: _Document, text: str, stored: str, on_draft: OnDraft, *, resumed: bool = False
) -> None:
    _drafts().keep(document, text, stored)
    on_draft(_drafts().texts.get(document), resumed)


def _plain_editor(
    buffer: str,
    stored: str,
    document: _Document,
    height: int,
    read_only: bool,
    on_draft: OnDraft,
) -> str:
    key, token = document[0], _drafts().token(document)
    if key not in st.session_state or st.session_state.get(f"{key}_shows") != token:
        st.session_state[key] = buffer
        st.session_state[f"{key}_shows"] = token
    st.text_area(
        LABEL,
        key=key,
        height=height,
        disabled=read_only,
        on_change=lambda: _keep_typed(document, st.session_state[key], stored, on_draft),
        help="Press Ctrl+Enter, or click elsewhere, to check what you wrote.",
    )
    return _drafts().texts.get(document, stored)
