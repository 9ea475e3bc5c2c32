"""Comments on a persona and its fields: read, written, resolved."""

from __future__ import annotations

import json

import streamlit as st

from pages.ui.account import allowed, lacks
from pages.ui.clock import when
from pages.ui.faults import show_fault
from pages.ui.identity import current_author, shown_author
from pages.ui.inert import inert_text, plain
from pages.ui.persona.review.claim_review import field_label
from pages.ui.persona.state import PersonaState
from pages.ui.typed_drafts import forget, kept_text_area
from pages.ui.wording import as_text
from services import cached
from services.access.roles import Role
from services.errors import DashboardError
from services.evidence.pointers import claims_of_persona, resolve
from services.evidence.schema import in_field_order
from services.personas import Persona
from services.personas.reviewing.comments import MAX_TEXT, Comment

KIND = "comment"  # of the drafts kept of what is being written
_VALUE = 60  # characters of a value worth showing beside its field


def comment_list(stored: Persona, state: PersonaState) -> None:
    """Draw the comments, folded away while there are none, and the box for another one.

    What is folded away is not drawn: the claims above wait for it.
    """
    found = cached.comments(str(stored.id))
    still_open = sum(comment.resolved_at is None for comment in found)
    label = f"Comments ({still_open} open)" if found else "Comments"
    key = f"comments-{stored.id}"
    # said anew: with another label it is another widget, and would be folded
    st.session_state[key] = st.session_state.get(key, bool(still_open))
    folded = st.expander(label, icon=":material/comment:", key=key, on_change="rerun")
    if not folded.open:
        return
    with folded:
        for comment in found:
            _comment(stored, comment, state)
        if refusal := lacks(Role.ANALYST):
            st.caption(refusal)
        else:
            _new_comment(stored, state)
        if state.comment_fault:
            show_fault(state.comment_fault)


def _comment(stored: Persona, comment: Comment, state: PersonaState) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", border=True, key=f"comment-{comment.id}"
    ):
        with st.container(gap="xsmall"):
            st.caption(_heading(stored, comment))
            inert_text(comment.text, height=None, label="Comment")
        if comment.resolved_at:
            _button("Open again", comment, state, "reopen")
        else:
            _button("Resolve", comment, state, "resolve")
        if comment.author == current_author():
            _button("Delete", comment, state, "delete")


def _heading(stored: Persona, comment: Comment) -> str:
    parts = [
        f"**{_about(stored, comment)}**",
        plain(shown_author(comment.author), 60),
        when(comment.created_at),
    ]
    if comment.resolved_at:
        parts.append(f":green[resolved by {plain(shown_author(comment.resolved_by), 60)}]")
    return " · ".join(parts)


def _about(stored: Persona, comment: Comment) -> str:
    if not comment.path:
        return "Whole persona"
    words = f"{plain(field_label(comment.path))}: {plain(comment.about or '', _VALUE)}"
    return words if _still_there(stored, comment) else f"{words} (changed since)"


def _still_there(stored: Persona, comment: Comment) -> bool:
    try:
        value = resolve(stored.persona, comment.path)
    except (KeyError, ValueError):
        return False
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return bool(written == comment.about)


def _button(label: str, comment: Comment, state: PersonaState, act: str) -> None:
    st.button(
        label,
        key=f"{act}-{comment.id}",
        type="tertiary",
        on_click=_act,
        args=(comment, state, act),
        **allowed(Role.ANALYST),
    )


def _act(comment: Comment, state: PersonaState, act: str) -> None:
    try:
        if act == "resolve":
            cached.resolve_comment(comment, current_author())
        elif act == "reopen":
            cached.reopen_comment(comment)
        else:
            cached.delete_comment(comment, current_author())
        state.comment_fault = None
    except DashboardError as error:
        state.comment_fault = error


def _new_comment(stored: Persona, state: PersonaState) -> None:
    claims = dict(claims_of_persona(in_field_order(stored.persona)))
    places = ["", *claims]

    def words(path: str) -> str:
        if not path:
            return "Whole persona"
        return f"{field_label(path)}: {as_text(claims.get(path))}"

    path_key, text_key = f"comment-path-{stored.id}-{state.active}", f"comment-text-{stored.id}"
    st.selectbox(
        "About",
        places,
        index=places.index(state.active) if state.active in claims else 0,
        format_func=words,
        key=path_key,
    )
    kept_text_area(
        "Comment", key=text_key, kind=KIND, subject=str(stored.id), max_chars=MAX_TEXT, height=90
    )
    st.button(
        "Add comment",
        icon=":material/add_comment:",
        on_click=_add,
        args=(stored, state, path_key, text_key),
        key=f"add-comment-{stored.id}",
    )


def _add(stored: Persona, state: PersonaState, path_key: str, text_key: str) -> None:
    text = str(st.session_state.get(text_key, ""))
    if not text.strip():  # a second click
        return
    try:
        path = str(st.session_state.get(path_key) or "")
        cached.add_comment(str(stored.id), text, current_author(), path)
    except DashboardError as error:
        state.comment_fault = error
        return
    st.session_state[text_key] = ""
    forget(KIND, str(stored.id))
    state.comment_fault = None
