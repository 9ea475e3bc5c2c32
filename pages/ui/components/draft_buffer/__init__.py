"""Unsaved texts of documents that are edited in the browser: they outlive page switches.

Drafts live in the session, by key and version of the document. They are kept until `discard_draft`,
so after saving version 3 as version 4, discard the draft of version 3. The stored text itself is
never a draft: `has_draft` is true only while something is unsaved. Several editors may show one
document: each takes what another one left. buffer.js is the browser's half.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import streamlit as st

BUFFER_JS = (Path(__file__).parent / "buffer.js").read_text("utf-8")
_MOST_DRAFTS = 32  # a session that opens thousands of personas must not keep thousands of texts
_STATE = "document_drafts"
_Document = tuple[str, str]  # key and version
OnDraft = Callable[[str | None, bool], None]


@dataclass
class _Drafts:
    """Unsaved texts, how often the text of a buffer was replaced from here, and the hash of what
    `on_draft` was told last."""

    texts: OrderedDict[_Document, str] = field(default_factory=OrderedDict)
    replaced: Counter[_Document] = field(default_factory=Counter)
    told: dict[_Document, int] = field(default_factory=dict)

    def keep(self, document: _Document, text: str, stored: str | None) -> None:
        self.texts.pop(document, None)
        if text != stored:
            self.texts[document] = text
        while len(self.texts) > _MOST_DRAFTS:
            self.texts.popitem(last=False)


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


@dataclass(frozen=True)
class Buffer:
    """The document `key` in `version`, whose stored text is `stored`. `on_draft` hears every
    change: the unsaved text, or None once it is the stored one again; and whether it was typed
    before this session began. `read` makes the text of the document of what the editor sends, which
    is the component `editor`, by default under the key of the document."""

    key: str
    version: str
    stored: str
    on_draft: OnDraft = lambda _text, _resumed: None
    read: Callable[[str], str] = lambda sent: sent
    editor: str = ""

    @property
    def text(self) -> str:
        """What stands in the buffer now."""
        return _drafts().texts.get((self.key, self.version), self.stored)

    @property
    def token(self) -> str:
        """Names what is in the buffer: it changes when the buffer is to take another text."""
        return f"{self.version}#{_drafts().replaced[(self.key, self.version)]}"

    @property
    def element(self) -> str:
        """The key of the component that edits it."""
        return self.editor or self.key

    def heard(self) -> None:
        """Keep what the editor sent. Call it first in a callback that needs the newest text."""
        shown = st.session_state.get(self.element)
        if isinstance(shown, str):  # a plain text area
            if shown != self.text:
                self.keep(shown)
                _drafts().replaced[(self.key, self.version)] += 1  # browsers know nothing of it
            return
        sent = (shown or {}).get("doc")
        if sent and sent["token"] == self.token:  # else typed before the buffer was replaced
            text = self.read(sent["text"])
            if text != self.text:
                self.keep(text, resumed=bool(sent.get("resumed")))

    def settle(self, sent: dict[str, Any] | None) -> str:
        """The text, after the editor returned its state `sent`."""
        if sent and sent["token"] == self.token:
            text = self.read(sent["text"])
            if text != self.text:
                # Typed while the server was away: this session never heard of the change.
                self.keep(text, resumed=True)
        drafts, document = _drafts(), (self.key, self.version)
        if document in drafts.told and drafts.told[document] != hash(drafts.texts.get(document)):
            self._tell(drafts, resumed=False)  # a new run had ended the one that was to tell
        return self.text

    def keep(self, text: str, *, resumed: bool = False) -> None:
        """The buffer holds `text` now."""
        drafts = _drafts()
        drafts.keep((self.key, self.version), text, self.stored)
        self._tell(drafts, resumed=resumed)

    def _tell(self, drafts: _Drafts, *, resumed: bool) -> None:
        document = (self.key, self.version)
        text = drafts.texts.get(document)
        drafts.told.setdefault(document, hash(None))
        self.on_draft(text, resumed)
        drafts.told[document] = hash(text)


def _drafts() -> _Drafts:
    if _STATE not in st.session_state:
        st.session_state[_STATE] = _Drafts()
    return cast(_Drafts, st.session_state[_STATE])
