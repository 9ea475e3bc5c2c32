"""The people of a dashboard and their roles, by the id of their account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.access.as_dashboard import as_dashboard
from services.access.roles import Role
from services.access.sessions import get_sessions
from services.database import get_supabase_client
from services.database.faults import expect_rows, translated_faults
from services.errors import NotFoundError

_MOST = 1000
_COLUMNS = "user_id,email,name,role,since,seen_at"


class Member(BaseModel):
    """Who has signed in at least once, or was added. `role` is None while they wait for one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user_id: str
    email: str
    name: str
    role: Role | None
    since: datetime
    seen_at: datetime | None
    sessions: int = 0


def members() -> list[Member]:
    """Everybody, those who wait first, then by name; as far as who acts may see them."""
    with translated_faults():
        rows = expect_rows(_table().select(_COLUMNS).limit(_MOST).execute().data)
    return sorted(
        (_member(row) for row in rows), key=lambda m: (m.role is not None, m.name.lower())
    )


def members_with_sessions() -> list[Member]:
    """The same with how many sessions each has. Raises RoleError but for admins."""
    with translated_faults():
        rows = expect_rows(get_supabase_client().client.rpc("member_sessions").execute().data)
    counts = {str(row["user_id"]): row["sessions"] for row in rows}
    return [m.model_copy(update={"sessions": counts.get(m.user_id, 0)}) for m in members()]


def member(user_id: str) -> Member | None:
    """The member with this account, None if there is none. As the dashboard itself."""
    with as_dashboard():
        query = _table().select(_COLUMNS).eq("user_id", user_id)
        found = expect_rows(query.limit(1).execute().data)
    return _member(found[0]) if found else None


def admins() -> list[str]:
    """The names of those whom somebody without a role may ask. As the dashboard itself."""
    with as_dashboard():
        rows = expect_rows(_table().select("name").eq("role", "admin").limit(20).execute().data)
    return sorted(str(row["name"]) for row in rows)


def give_role(user_id: str, role: Role | None) -> None:
    """Give a member a role, or take it (None). Raises RoleError, ConflictError, NotFoundError."""
    with translated_faults():
        rows = _table().update({"role": role}).eq("user_id", user_id).execute().data
    if not expect_rows(rows):
        raise NotFoundError
    get_sessions().forget(user_id)


def end_sessions(user_id: str) -> int:
    """Sign a member out everywhere; how many sessions that were. Raises RoleError."""
    with translated_faults():
        call = get_supabase_client().client.rpc("end_member_sessions", {"member": user_id})
        ended: Any = call.execute().data
    get_sessions().forget(user_id)
    return int(ended)


def add_member(user_id: str, email: str, name: str, role: Role) -> None:
    """Make somebody a member with this role, as the dashboard itself. For the command line."""
    row = {"user_id": user_id, "email": email, "role": role}
    with as_dashboard():
        if _table().select("user_id").eq("user_id", user_id).execute().data:
            _table().update(row).eq("user_id", user_id).execute()
        else:
            _table().insert({**row, "name": name}).execute()


def _table() -> Any:
    return get_supabase_client().client.table("persona_members")


def _member(row: Mapping[str, Any]) -> Member:
    times = {key: _time(row[key]) for key in ("since", "seen_at")}
    return Member.model_validate({**row, **times})


def _time(value: str | None) -> datetime | None:
    """The local gateway writes times in a form that pydantic refuses."""
    return datetime.fromisoformat(value) if value else None
