"""Accounts made for members, and the links by which they come in."""

from __future__ import annotations

import re

from services.access import auth_client
from services.access.people.links import make_link
from services.access.people.members import add_member, member
from services.access.roles import Role
from services.access.sealing import new_secret
from services.database.client import get_local_supabase
from services.database.local import local_account
from services.errors import InvalidInputError, NotFoundError, SettingsError
from services.settings import get_settings


def add(email: str, role: Role) -> str | None:
    """Give whoever has this address a role; an account is made if there is none.

    Returns the secret of a one-time link, None if they have an account. Raises DashboardError.
    """
    name = email.partition("@")[0]
    if not get_settings().uses_local_supabase:
        user_id, token_hash, kind = auth_client.invitation(email)
        add_member(user_id, email, name, role)
        return make_link(hash=token_hash, kind=kind)
    if known := local_account(get_local_supabase().db_url, email):
        add_member(known, email, name, role)
        return None
    password = new_secret()
    tokens = auth_client.new_account(email, password)
    if tokens is None:
        raise SettingsError(f"No account can be made for {email}.", "Check the address.")
    add_member(tokens.user_id, email, name, role)
    return make_link(email=email, password=password)


def new_link(email: str) -> str:
    """The secret of a link for somebody who has forgotten their password. Raises DashboardError."""
    if not get_settings().uses_local_supabase:
        _, token_hash, kind = auth_client.invitation(email)
        return make_link(hash=token_hash, kind=kind)
    auth_client.send_recovery(email)
    code = re.search(r"code: (\d+)", get_local_supabase().last_mail(email))
    if code is None:
        raise SettingsError(f"There is no account of {email}.", "Make one with `add`.")
    tokens = auth_client.with_code(email, code[1], "recovery")
    password = new_secret()
    auth_client.set_password(tokens.access, password)
    return make_link(email=email, password=password)


def gives_links() -> bool:
    """Whether an admin may have a link made for somebody else. Accounts of a hosted Supabase may
    serve other applications, and who gets a link for one can act as its owner there."""
    return get_settings().uses_local_supabase


def another_link(user_id: str) -> str:
    """The secret of a link for a member who has not come in yet: theirs was lost, or is too old.

    Raises NotFoundError, InvalidInputError where no links are given, or for who has signed in (an
    admin who gets a link for them could act as them), DashboardError.
    """
    if not gives_links():
        raise InvalidInputError(
            "Links for accounts of a hosted Supabase are made by the command only.",
            "Who runs the dashboard can print one: `python -m services.access.people link`.",
        )
    found = member(user_id)
    if found is None:
        raise NotFoundError("There is no such member (any more).", "Reload the page.")
    if found.seen_at is not None:
        raise InvalidInputError(
            f"{found.email} has signed in already.",
            "Who has forgotten their password asks for a code at the sign-in, or for a link that "
            "`python -m services.access.people link` prints.",
        )
    return new_link(found.email)
