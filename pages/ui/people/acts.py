"""What an admin's clicks on the page People do, and what the next run tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.ui.account import link_address
from pages.ui.faults import show_fault
from pages.ui.inert import plain
from services import cached
from services.access.people.links import SECONDS
from services.access.people.members import Member
from services.access.roles import Role
from services.errors import DashboardError

_FAULT, _LINK = "people-fault", "people-link"


def give_role(member: Member, role: Role | None) -> None:
    """Give a role, or take it."""
    with _faults_kept():
        cached.give_role(member.user_id, role)


def end_sessions(member: Member) -> None:
    """Sign somebody out on all devices."""
    with _faults_kept():
        cached.end_sessions(member.user_id)


def invite_again(member: Member) -> None:
    """Make another link for who has not come in yet."""
    with _faults_kept():
        secret = cached.invite_again(member.user_id)
        st.session_state[_LINK] = (member.email, link_address(secret))


def show_told() -> None:
    """Draw what came of the last click, once."""
    if fault := st.session_state.pop(_FAULT, None):
        show_fault(fault)
    if link := st.session_state.pop(_LINK, None):
        email, address = link
        st.success(
            f"Send this link to {plain(email, 120)}. It works once, within {SECONDS // 3600} "
            "hours, and is not shown again.",
            icon=":material/link:",
        )
        st.code(address, language=None, wrap_lines=True)


@contextmanager
def _faults_kept() -> Iterator[None]:
    try:
        yield
    except DashboardError as error:
        st.session_state[_FAULT] = error
