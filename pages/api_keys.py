"""Keys for programs that use the REST API: made, shown once, revoked."""

from __future__ import annotations

import streamlit as st

from pages.ui.clock import when
from pages.ui.faults import show_fault
from pages.ui.identity import current_author
from pages.ui.inert import plain
from pages.ui.keys.state import KeysState, keys_state
from services import cached
from services.access.keys.stored import DAYS, LONGEST_DAYS, LONGEST_NAME, ApiKey
from services.access.roles import Role
from services.errors import DashboardError

ROLES = {
    Role.VIEWER: "Viewer: reads and exports",
    Role.ANALYST: "Analyst: also drafts, edits, comments, imports",
    Role.REVIEWER: "Reviewer: also approves and rejects",
    Role.ADMIN: "Admin: also erases",
}
ENDS = (7, 30, DAYS, 180, 365, LONGEST_DAYS)  # days
SCOPES = {"read": "Read only", "write": "Read and write"}


def make(state: KeysState) -> None:
    values = st.session_state
    try:
        state.made = cached.make_key(
            values["key-name"],
            values["key-role"],
            values["key-scope"],
            values["key-days"],
            current_author(),
        )
        state.fault = None
    except DashboardError as error:
        state.fault = error


def revoke(key: ApiKey, state: KeysState) -> None:
    try:
        cached.revoke_key(key.id)
        state.fault = None
    except DashboardError as error:
        state.fault = error
    if state.made and state.made.key.id == key.id:
        state.made = None


def key_form(state: KeysState) -> None:
    with st.form("make-key", clear_on_submit=False):
        st.text_input(
            "Name of the program",
            key="key-name",
            max_chars=LONGEST_NAME,
            placeholder="Nightly export",
            help="Its changes are recorded under this name.",
        )
        left, middle, right = st.columns(3)
        left.selectbox("Role", cached.key_roles(), format_func=ROLES.__getitem__, key="key-role")
        middle.selectbox("Scope", list(SCOPES), format_func=SCOPES.__getitem__, key="key-scope")
        right.selectbox(
            "Ends after",
            ENDS,
            index=ENDS.index(DAYS),
            format_func=lambda days: f"{days} days",
            key="key-days",
        )
        st.form_submit_button(
            "Make a key", icon=":material/key:", on_click=make, args=(state,), key="make-key-button"
        )


def new_key(state: KeysState) -> None:
    if state.made is None:
        return
    st.success(
        "Copy the key now. It is not shown again: only its fingerprint is stored.",
        icon=":material/key:",
    )
    st.code(state.made.text, language=None, wrap_lines=True)


def row(key: ApiKey, state: KeysState) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(key.name, 100)}** · `{key.hint}…`")
            used = f"last used {when(key.used_at)}" if key.used_at else "never used"
            by = f"by {plain(key.owner, 60)}, " if key.owner else ""
            st.caption(
                f"{key.role.capitalize()}, {SCOPES[key.scope].lower()} · made {by}"
                f"{when(key.created_at)} · {used} · {ending(key)}"
            )
        if key.is_valid:
            st.button(
                "Revoke",
                icon=":material/block:",
                on_click=revoke,
                args=(key, state),
                key=f"revoke-{key.id}",
            )


def ending(key: ApiKey) -> str:
    if key.revoked_at:
        return f"revoked {when(key.revoked_at)}"
    return f"{'ends' if key.is_valid else 'ended'} {key.expires_at:%Y-%m-%d}"


state = keys_state()
st.title("API keys", anchor=False)
st.write(
    "Programs use the dashboard through its REST API, each with a key of its own. "
    "What they can do stands in the [documentation of the API](api/docs)."
)
if state.fault:
    show_fault(state.fault)
key_form(state)
new_key(state)
keys = cached.api_keys()
if not keys:
    st.info("No keys yet.", icon=":material/key:")
for key in keys:
    row(key, state)
