"""The pages of the demo. What Python received is shown by st.code, which alters nothing."""

from __future__ import annotations

import json

import streamlit as st

from pages.ui.components.claim_list import ClaimMessage, ClaimRow, claim_list, claim_list_done
from pages.ui.components.draft_buffer import Buffer, discard_draft, has_draft, replace_draft
from pages.ui.components.evidence_view import Span, evidence_view
from pages.ui.components.json_editor import editor_script_url, json_editor
from pages.ui.inert import inert_text, plain
from services.errors import InvalidPersonaError
from services.personas.validation import parse_persona

STORED = {
    "name": "Ada Lovelace",
    "age": 36,
    "mathematician": True,
    "company": None,
    "skills": ["analysis", "poetry"],
    "goals": [{"text": "Weave algebra", "year": 1843}],
}
SCRIPTS = {"missing": "vendor/missing/standalone.js", "none": None}


def shown(label: str, text: str) -> None:
    """For the tests: `text` as it is, under a label that they can find."""
    with st.container(key=label):
        st.code(text, language=None)


def editor_page() -> None:
    version = st.session_state.setdefault("version", 1)
    stored = st.session_state.setdefault("stored", json.dumps(STORED, indent=2))
    if "long" in st.query_params:
        stored = json.dumps({**STORED, "notes": "Long. " * 20_000}, indent=2)
    script = SCRIPTS.get(st.query_params.get("script", ""), editor_script_url())
    text = json_editor(
        Buffer("editor", f"ada:{version}", stored),
        height=420,
        read_only="readonly" in st.query_params,
        script_url=script,
    )
    left, middle, right = st.columns(3)
    if left.button("Save"):
        st.session_state.saved = text
    if middle.button("Discard"):
        discard_draft("editor", f"ada:{version}")
        st.rerun()
    if right.button("Replace"):
        replace_draft("editor", f"ada:{version}", '{"replaced": true}')
        st.rerun()
    if left.button("Next version"):
        st.session_state.version = version + 1
        st.session_state.stored = '{"next": true}'
        st.rerun()
    if middle.button("Rerun"):
        st.session_state.runs = st.session_state.get("runs", 0) + 1
    shown("received", text)
    shown("saved", st.session_state.get("saved", "nothing"))
    shown("draft", "unsaved" if has_draft("editor", f"ada:{version}") else "stored")
    try:
        parse_persona(text)
        shown("verdict", "valid")
    except InvalidPersonaError as error:
        shown("verdict", str(error))


def other_page() -> None:
    shown("other", "another page")


STRANGE = """# Not a heading **bold** :red[not red] $x^2$
[link](javascript:window.hit=1)
<script>window.hit=1</script> <img src=x onerror="window.hit=2"> <style>body{display:none}</style>
&lt;b&gt; a -> b -- c www.example.com 😀👩‍👩‍👧 e\u0301  two  spaces
עדה לבלייס היא מתמטיקאית מלונדון
"""
INTERVIEW = (
    "I am Ada Lovelace, and I work as a mathematician in London.\r\n\r\n"
    "Most mornings I write to Mr Babbage about the engine. "
    "What I want is to make it weave algebraic patterns, as the Jacquard loom weaves flowers.\r\n"
    "Nobody here has the patience for long calculations, and that holds me back.\r\n"
)
CLAIMS = (
    ("/name", "Ada Lovelace", "stated"),
    ("/role", "work as a mathematician", "stated"),
    ("/location", "mathematician in London", "inferred"),
    ("/goals/0", "make it weave algebraic patterns", "approximate"),
    ("/pain_points/0", "patience for long calculations", "human"),
    ("/skills/0", "long calculations, and that", "rejected"),
    ("/interests/0", "😀👩‍👩‍👧 e\u0301", "stated"),
    ("/languages/0", "מתמטיקאית", "stated"),
    ("/odd/0", "<style>body", "inferred"),
    ("/last", "the very last words", "stated"),
)


def evidence_page() -> None:
    filler = "Nobody used this sentence for anything at all. " * 12 + "\n"
    long = int(st.query_params.get("long", "1"))
    text = INTERVIEW + STRANGE + filler * 4 * long + "Here are the very last words."
    spans = [
        Span(claim, text.index(words), text.index(words) + len(words), support, claim.split("/")[1])
        for claim, words, support in CLAIMS
    ]
    step = len(text) // 500
    spans += [
        Span(f"/more/{i}", i * step, i * step + 20, "inferred") for i in range(500) if long > 1
    ]

    def hear(message: ClaimMessage) -> None:
        st.session_state.heard = message

    left, right = st.columns(2)
    with left:
        rows = [
            ClaimRow(path, path.split("/")[1], path, support, "") for path, _, support in CLAIMS
        ]
        claim_list(rows, text="evidence", active=None, on_message=hear, key="claims", height=500)
    with right:
        evidence_view(text, spans, key="evidence")
    message = st.session_state.get("heard")
    with left:
        shown("chosen", str(message and message.active))
    claim_list_done("claims", message.number if message else 0)


def inert_page() -> None:
    size = int(st.query_params.get("size", "0"))
    inert_text(STRANGE + "word " * size, height=300)
    st.title(plain(STRANGE), anchor=False)
    st.button(plain(STRANGE[:90]))
    shown("drawn", "yes")
