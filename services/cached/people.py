"""Members, the record of what they did, and their names."""

from __future__ import annotations

import streamlit as st

from services.access import audit
from services.access.audit import ACTIONS, AuditEntry
from services.access.needs import needs
from services.access.people import invitations, members
from services.access.people.members import Member
from services.access.roles import Role
from services.settings import get_settings

_NAMES_SECONDS = 60

__all__ = [
    "ACTIONS",
    "audit_entries",
    "end_sessions",
    "give_role",
    "invite_again",
    "member_names",
    "people",
]


@st.cache_data(ttl=_NAMES_SECONDS, show_spinner=False)
def member_names() -> dict[str, str]:
    """Names by the id under which changes are stored; none where nobody signs in."""
    if not get_settings().signs_in:
        return {}
    return {one.user_id: one.name or one.email for one in members.members()}


@needs(Role.ADMIN)
def people() -> list[Member]:
    """Everybody with their sessions, never cached: those who wait first."""
    return members.members_with_sessions()


@needs(Role.ADMIN)
def give_role(user_id: str, role: Role | None) -> None:
    """Give a role, or take it. Raises ConflictError for the only admin."""
    members.give_role(user_id, role)
    member_names.clear()


@needs(Role.ADMIN)
def end_sessions(user_id: str) -> int:
    """Sign somebody out on all devices; how many sessions that were."""
    return members.end_sessions(user_id)


@needs(Role.ADMIN)
def invite_again(user_id: str) -> str:
    """The secret of a one-time link for who has not signed in yet. Raises InvalidInputError for who
    has, NotFoundError."""
    return invitations.another_link(user_id)


@needs(Role.ADMIN)
def audit_entries(
    action: str | None, actor: str | None, before: int | None = None, size: int = 50
) -> list[AuditEntry]:
    """The newest entries of the record, behind the entry with the id `before`."""
    return audit.audit_entries(action=action, actor=actor, before=before, size=size)
