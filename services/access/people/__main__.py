"""python -m services.access.people add ann@example.org --role admin

Makes somebody a member with a role, and prints a one-time link with which they choose a password.
The first admin is made like this; later ones on the People page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from services.access.people.invitations import add, new_link
from services.access.people.links import SECONDS
from services.access.people.members import members
from services.access.roles import Role
from services.database import close_database, get_supabase_client
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
