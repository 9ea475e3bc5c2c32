"""python -m services.access.keys make --name NAME --role ROLE

Makes, lists and revokes keys from the command line; see --help.
"""

from __future__ import annotations

import argparse
import sys
from uuid import UUID

from services.access.keys.stored import DAYS, ApiKey, get_api_keys
from services.access.roles import Role
from services.database import close_database
from services.errors import DashboardError


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked; 0, or 1 with a message if it cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        options.act(options)
    except DashboardError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        close_database()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.access.keys", description="Keys for programs that use the API."
    )
    commands = parser.add_subparsers(required=True)
    make = commands.add_parser("make", help="make a key, and print it once")
    make.add_argument("--name", required=True, help="the program that will use it")
    make.add_argument("--role", required=True, choices=[role.value for role in Role])
    make.add_argument("--scope", choices=["read", "write"], default="write")
    make.add_argument("--days", type=int, default=DAYS, help=f"how long it lives ({DAYS})")
    make.add_argument("--owner", default="", help="for whom it acts")
    make.set_defaults(act=_make)
    listing = commands.add_parser("list", help="list the keys, without their texts")
    listing.set_defaults(act=_list)
    revoke = commands.add_parser("revoke", help="end a key at once")
    revoke.add_argument("id", type=UUID)
    revoke.set_defaults(act=_revoke)
    return parser


def _make(options: argparse.Namespace) -> None:
    made = get_api_keys().make(
        options.name, Role(options.role), options.scope, options.days, options.owner
    )
    print(made.text)  # alone on standard output, so that a script can take it
    print(
        f"{made.key.name}: {made.key.role}, {made.key.scope}, until "
        f"{made.key.expires_at:%Y-%m-%d}. It is not shown again.",
        file=sys.stderr,
    )


def _list(_: argparse.Namespace) -> None:
    for key in get_api_keys().list():
        print(f"{key.id}  {key.hint}…  {_state(key):8}  {key.role}, {key.scope}  {key.name}")


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    return "valid" if key.is_valid else "ended"


def _revoke(options: argparse.Namespace) -> None:
    get_api_keys().revoke(options.id)


if __name__ == "__main__":
    sys.exit(main())
