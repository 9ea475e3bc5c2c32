"""Keys for programs that use the REST API.

A key is shown once, when it is made. What is stored is its SHA-256 (migration 024): 256 random bits
are not found by trying, whatever the hash. It acts for its owner, with a role that may be below
theirs, until it ends or is revoked.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict
from supabase import Client

from services.access.acting import current_actor
from services.access.as_dashboard import as_dashboard, call_as_dashboard
from services.access.roles import Role
from services.database import get_supabase_client
from services.database.faults import expect_rows
from services.errors import InvalidInputError, NotFoundError

TABLE = "api_keys"
PREFIX = "personas_"  # so that a key is known for one wherever it turns up
LONGEST_NAME = 100
DAYS = 90  # a key lives, unless it is made for another time
LONGEST_DAYS = 730
_COLUMNS = "id,name,hint,owner,owner_id,role,scope,created_at,expires_at,used_at,revoked_at"
_FORM = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_HINT = len(PREFIX) + 4

Scope = Literal["read", "write"]
Moment = Annotated[
    datetime, BeforeValidator(lambda value: datetime.fromisoformat(value).astimezone(UTC))
]


class ApiKey(BaseModel):
    """A stored key. `hint` is how the key begins; `used_at` its last use, within a minute."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: UUID
    name: str
    hint: str
    owner: str
    owner_id: str | None = None
    role: Role
    scope: Scope
    created_at: Moment
    expires_at: Moment
    used_at: Moment | None = None
    revoked_at: Moment | None = None

    @property
    def is_valid(self) -> bool:
        """Whether it may be used now."""
        return self.revoked_at is None and self.expires_at > datetime.now(UTC)

    @property
    def author(self) -> str:
        """Under which name its changes are recorded."""
        through = f"through key {self.name}"
        return f"{self.owner}, {through}" if self.owner else through


class UsedKey(ApiKey):
    """A key as somebody uses it: `owner_role` is what its owner has now, None for no role."""

    owner_role: Role | None = None


class MadeKey(BaseModel):
    """A new key and its text, which nobody can be shown again."""

    model_config = ConfigDict(frozen=True)

    key: ApiKey
    text: str


class ApiKeys:
    """Keys over the Supabase client; raises the faults of services.errors."""

    @property
    def _client(self) -> Client:
        return get_supabase_client().client

    def make(
        self, name: str, role: Role, scope: Scope = "write", days: int = DAYS, owner: str = ""
    ) -> MadeKey:
        """A new key for who acts here, or for `owner` where nobody signs in.

        Raises InvalidInputError for a name or time that cannot be used, a name that a valid key of
        theirs has (what either does would be recorded alike), or a role above theirs.
        """
        actor = current_actor()
        if actor is not None and not actor.may(role):
            raise InvalidInputError(
                f"A key cannot have the role {role}: yours is {actor.role or 'none'}.",
                "Choose a role that is not above your own.",
            )
        text = PREFIX + secrets.token_urlsafe(32)
        row: dict[str, Any] = {
            "name": _checked_name(name),
            "hash": hashed(text),
            "hint": text[:_HINT],
            "owner": actor.name if actor else owner.strip(),
            "owner_id": actor.user_id if actor else None,
            "role": role.value,
            "scope": scope,
            "expires_at": (datetime.now(UTC) + timedelta(days=_checked_days(days))).isoformat(),
        }
        self._refuse_second(row["name"], row["owner"])
        with as_dashboard():
            query = self._client.table(TABLE).insert(row).select(_COLUMNS)
            rows = expect_rows(query.execute().data)
        return MadeKey(key=ApiKey.model_validate(rows[0]), text=text)

    def _refuse_second(self, name: str, owner: str) -> None:
        now = datetime.now(UTC).isoformat()
        with as_dashboard():
            query = self._client.table(TABLE).select("id").eq("name", name).eq("owner", owner)
            query = query.is_("revoked_at", "null").gt("expires_at", now).limit(1)
            rows = expect_rows(query.execute().data)
        if rows:
            raise InvalidInputError(
                f"There is a valid key named “{name}” already.",
                "Choose another name, or revoke that key first.",
            )

    def use(self, text: str) -> ApiKey | None:
        """The key of this text if it may be used now, with a role not above what its owner has now.

        Asks the database, so a key that was revoked is refused at once in every process; there it
        is noted that it was used, once a minute.
        """
        if not _FORM.fullmatch(text):
            return None
        found = call_as_dashboard("use_api_key", hash=hashed(text))
        if not isinstance(found, str):
            return None
        key = UsedKey.model_validate_json(found)
        if key.owner_id is None:
            return key
        if key.owner_role is None:
            return None
        return (
            key
            if key.owner_role.includes(key.role)
            else key.model_copy(update={"role": key.owner_role})
        )

    def list(self, limit: int = 200) -> list[ApiKey]:
        """Up to `limit` keys, newest first, with those that ended: one's own, an admin's all."""
        actor = current_actor()
        with as_dashboard():
            query = self._client.table(TABLE).select(_COLUMNS)
            if actor is not None and not actor.may(Role.ADMIN):
                query = query.eq("owner_id", actor.user_id)
            query = query.order("created_at", desc=True)
            rows = expect_rows(query.order("id", desc=True).limit(limit).execute().data)
        return [ApiKey.model_validate(row) for row in rows]

    def revoke(self, key_id: UUID) -> None:
        """End a key for good: one's own, or as an admin any. Raises NotFoundError."""
        actor = current_actor()
        ended = {
            "revoked_at": datetime.now(UTC).isoformat(),
            "revoked_by": actor.user_id if actor else None,
        }
        with as_dashboard():
            query = self._client.table(TABLE).update(ended).eq("id", str(key_id))
            if actor is not None and not actor.may(Role.ADMIN):
                query = query.eq("owner_id", actor.user_id)
            rows = expect_rows(query.select("id").execute().data)
        if not rows:
            raise _gone()


@lru_cache(maxsize=1)
def get_api_keys() -> ApiKeys:
    """The keys over this process's Supabase client."""
    return ApiKeys()


def hashed(text: str) -> str:
    """As a key is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def _gone() -> NotFoundError:
    return NotFoundError("There is no such key.", "Reload the page.")


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(
            f"The name of a key holds 1 to {LONGEST_NAME} characters.",
            "Name the program that will use it.",
        )
    return name


def _checked_days(days: int) -> int:
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInputError(f"A key lives 1 to {LONGEST_DAYS} days.", "Choose such a time.")
    return days
