"""A document as a form of fields: one value, or a list with one item a line, each with its words.

The form sends what was typed in each field that was touched, and the text of the document that it
began with; `Buffer.read` makes a text of both. Which field is chosen is between the form and the
text beside it, in the browser, as with the list of claims.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from pages.ui.components.draft_buffer import BUFFER_JS, Buffer

LABEL = "Persona, field by field"
_HERE = Path(__file__).parent
_render = st.components.v2.component(
    "persona_form",
    html='<div class="form"></div>',
    css=(_HERE / "style.css").read_text("utf-8"),
    js=BUFFER_JS + (_HERE / "frontend.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class FormRow:
    """One field. `value` is its text, or the texts of its items; of kind "json" only a preview.

    `fixed` fields are part of the form though empty; the others may be taken out. `numeric` asks
    for a keyboard of digits.
    """

    name: str
    label: str
    kind: Literal["one", "list", "json"]
    value: str | list[str]
    fixed: bool
    numeric: bool = False


@dataclass(frozen=True)
class Words:
    """What the value at `path` (a JSON Pointer) rests on. `picked` is the number of words that
    were picked and are not saved yet."""

    path: str
    quote: str
    support: str
    label: str
    picked: int | None = None


def persona_form(
    buffer: Buffer,
    rows: Sequence[FormRow],
    words: Sequence[Words],
    hints: Mapping[str, str],
    *,
    text: str,
    height: int,
    on_json: Callable[[], None],
    on_leave_out: Callable[[int], None],
    read_only: bool = False,
) -> str:
    """Show the document as a form and return its text now.

    `text` is the key of the evidence view beside it, `hints` are sentences by field. `on_json`
    hears that a value is to be edited as JSON, `on_leave_out` the number of picked words to drop.
    """

    def asked() -> None:
        wish = (st.session_state.get(buffer.element) or {}).get("asked")
        if wish and wish["kind"] == "json":
            on_json()
        elif wish:
            on_leave_out(int(wish["number"]))

    data: dict[str, Any] = {
        "text": "",  # nothing is touched yet
        "key": buffer.key,
        "token": buffer.token,
        "base": buffer.text if buffer.text != buffer.stored else None,
        "label": LABEL,
        "view": text,
        "rows": [asdict(row) for row in rows],
        "words": [asdict(one) for one in words],
        "hints": dict(hints),
        "height": height,
        "readOnly": read_only,
    }
    result = _render(
        key=buffer.element,
        data=data,
        on_doc_change=buffer.heard,
        on_asked_change=asked,
        height="content",
    )
    return buffer.settle(result.doc)


def sent_edits(sent: str) -> tuple[str | None, list[tuple[str, str | list[str] | None]]]:
    """What the form sent: the text that it began with (None: the stored one), and what stands in
    each field that was touched since; None where it was taken out."""
    told = json.loads(sent) if sent else {"base": None, "edits": []}
    return told["base"], [(name, value) for name, value in told["edits"]]
