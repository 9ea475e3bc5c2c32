"""python -m services.access.people add ann@example.org --role admin

Makes somebody a member with a role, and prints a one-time link with which they choose a password.
The first admin is made like this; later ones on the People page.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from services.access import auth_client
from services.access.people.links import SECONDS, make_link
from services.access.people.members import add_member, members
from services.access.roles import Role
from services.access.sealing import new_secret
from services.database import close_database, get_supabase_client
from services.database.client import get_local_supabase
from services.database.local import local_account
from services.errors import DashboardError, SettingsError
from services.settings import get_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        if not get_settings().signs_in:
            raise SettingsError("Nobody signs in here.", "Set SIGN_IN=supabase, then run it again.")
        get_supabase_client()
        if asked.command == "list":
            for member in members():
                print(f"{member.role or 'waits':9} {member.email or member.user_id}  {member.name}")
            return 0
        if asked.command == "link":
            link: str | None = new_link(asked.email)
        else:
            link = add(asked.email, Role(asked.role))
            print(f"{asked.email} has the role {asked.role}.")
        if link is None:
            print("They have an account already and sign in with it (`link` for a new password).")
        else:
            print(f"Within {SECONDS // 3600} hours they open, once, and choose a password:")
            print(f"{asked.address.rstrip('/')}/sign-in/link/{link}")
        return 0
    except DashboardError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        close_database()


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.access.people", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="make somebody a member, or change their role")
    adding.add_argument("email")
    adding.add_argument("--role", choices=[role.value for role in Role], required=True)
    again = commands.add_parser("link", help="a link for who has forgotten their password")
    again.add_argument("email")
    for one in (adding, again):
        one.add_argument("--address", default="http://127.0.0.1:8501", help="of the dashboard")
    commands.add_parser("list", help="who has which role")
    return parser


if __name__ == "__main__":
    sys.exit(main())
