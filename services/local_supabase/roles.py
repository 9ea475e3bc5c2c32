"""The roles of a hosted Supabase database, for the local one: see local_roles.sql."""

from __future__ import annotations

from pathlib import Path

import psycopg

ROLES = Path(__file__).with_name("local_roles.sql")
AUTH = Path(__file__).with_name("local_auth.sql")


def prepare_roles(db_url: str, *, sign_in: bool = False) -> None:
    """Create the roles and default grants that a hosted Supabase database has. Idempotent.

    `sign_in`: with what Supabase Auth needs.
    """
    with psycopg.connect(db_url) as connection:
        connection.execute(ROLES.read_bytes())
        if sign_in:
            connection.execute(AUTH.read_bytes())
