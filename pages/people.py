"""Who works here: roles given and taken, sessions ended; for admins."""

from __future__ import annotations

import streamlit as st

from pages.ui.account import acting
from pages.ui.clock import when
from pages.ui.inert import plain
from pages.ui.people.acts import end_sessions, give_role, invite_again, show_told
from pages.ui.wording import counted
from services import cached
from services.access.people.invitations import gives_links
from services.access.people.members import Member
from services.access.roles import Role

NONE = "no role"
CHOICES = (NONE, *(role.value for role in Role))
MEANS = (
    "**viewer** reads and exports · **analyst** also drafts, edits, comments and imports · "
    "**reviewer** also approves and rejects · **admin** also erases and gives roles"
)


def row(member: Member, me: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(
                f"**{plain(member.name or member.email, 100)}**"
                + (" (you)" if member.user_id == me else "")
            )
            seen = (
                f"last seen {when(member.seen_at)}" if member.seen_at else "has not signed in yet"
            )
            st.caption(
                f"{plain(member.email, 120)} · {seen} · {counted(member.sessions, 'session')}"
            )
        key = f"role-{member.user_id}"
        st.session_state.setdefault(key, member.role.value if member.role else NONE)
        st.selectbox(
            "Role",
            CHOICES,
            key=key,
            on_change=change_role,
            args=(member,),
            label_visibility="collapsed",
            width=160,
        )
        if member.seen_at is None and gives_links():
            st.button(
                "New link",
                key=f"link-{member.user_id}",
                help="In place of an invitation that was lost or is too old",
                on_click=invite_again,
                args=(member,),
            )
        st.button(
            "Sign out",
            key=f"end-{member.user_id}",
            help="Ends all their sessions",
            disabled=member.sessions == 0,
            on_click=end_sessions,
            args=(member,),
        )


def change_role(member: Member) -> None:
    chosen = st.session_state.pop(f"role-{member.user_id}")
    give_role(member, None if chosen == NONE else Role(chosen))


st.title("People", anchor=False)
st.markdown(MEANS)
show_told()
everybody = cached.people()
actor = acting()
me = actor.user_id if actor else ""
if waiting := [one for one in everybody if one.role is None]:
    st.header("Waiting for a role", anchor=False)
    for one in waiting:
        row(one, me)
st.header("Members", anchor=False)
for one in everybody:
    if one.role is not None:
        row(one, me)
st.caption(
    "Somebody new signs in once and then stands here without a role. Accounts are made in Supabase "
    "Auth, or by `python -m services.access.people add ann@example.org --role viewer`."
)
