"""A member by their own access token of Supabase Auth, as programs of theirs send it."""

from __future__ import annotations

from services.access.acting import Actor
from services.access.auth_client import account_of
from services.access.people.members import member
from services.errors import SignInError
from services.settings import get_settings


def member_with_token(access: str) -> Actor | None:
    """Who the token is of, to act with it; None if it has ended, or they have no role.

    Asks Supabase Auth and the members each time. Raises DatabaseError.
    """
    if not get_settings().signs_in:
        return None
    try:
        found = member(account_of(access))
    except SignInError:
        return None
    if found is None or found.role is None:
        return None
    return Actor(found.user_id, found.name, found.role, access)
