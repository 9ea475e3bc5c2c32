"""Keys for programs; never cached, because a key that was revoked has ended."""

from __future__ import annotations

from uuid import UUID

from services.access.acting import current_actor
from services.access.keys.stored import ApiKey, MadeKey, Scope, get_api_keys
from services.access.needs import needs
from services.access.roles import Role


def api_keys() -> list[ApiKey]:
    """The keys one may see, newest first. Raises DatabaseError."""
    return get_api_keys().list()


def key_roles() -> list[Role]:
    """The roles that a key of whoever acts may have."""
    actor = current_actor()
    return [role for role in Role if actor is None or actor.may(role)]


@needs(Role.VIEWER)
def make_key(name: str, role: Role, scope: Scope, days: int, owner: str) -> MadeKey:
    """A new key, with its text, which is not stored. Raises InvalidInputError, DatabaseError."""
    return get_api_keys().make(name, role, scope, days, owner)


@needs(Role.VIEWER)
def revoke_key(key_id: UUID) -> None:
    """End a key at once, in every process. Raises NotFoundError."""
    get_api_keys().revoke(key_id)
