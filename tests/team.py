"""A local Supabase where people sign in, with somebody of each role. All of them are fictional."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from services.access.acting import Actor
from services.access.auth_client import Tokens
from services.access.own_token import send_own_tokens
from services.access.roles import Role
from services.access.sessions import get_sessions
from services.database import reset_supabase_client
from services.database.client import certificates
from services.database.local import start_local_supabase
from services.settings import get_settings

PASSWORD = "a long and fictional one"
NAMES = {None: "nora", "viewer": "vic", "analyst": "ana", "reviewer": "rea", "admin": "adam"}


@dataclass
class Team:
    """`people` by role; None is the one who has an account and no role."""

    url: str
    key: str
    public_key: str
    db_url: str
    people: dict[Role | None, Actor] = field(default_factory=dict)

    def email(self, role: Role | None) -> str:
        return f"{NAMES[role]}@example.org"

    def tokens(self, role: Role | None) -> Tokens:
        """Sign this person in at Supabase Auth, past the dashboard."""
        answer = self.auth("token?grant_type=password", self.email(role))
        user = answer["user"]
        return Tokens(
            user["id"], user["email"], NAMES[role], answer["access_token"],
            answer["refresh_token"], answer["expires_in"],
        )  # fmt: skip

    def auth(self, path: str, email: str) -> dict:
        answer = httpx.post(
            f"{self.url}/auth/v1/{path}",
            headers={"apikey": self.public_key},
            json={"email": email, "password": PASSWORD},
            trust_env=False,
            verify=certificates(),
        )
        answer.raise_for_status()
        return answer.json()

    def request(
        self, role: Role | None, method: str, path: str, **options: object
    ) -> httpx.Response:
        """A request to PostgREST with this person's own token, past the dashboard."""
        token = self.people[role].access_token
        headers = {"apikey": self.public_key, "Authorization": f"Bearer {token}"}
        headers |= options.pop("headers", {})
        url = f"{self.url}/rest/v1/{path}"
        options = {"trust_env": False, "timeout": 30, "verify": certificates(), **options}
        return httpx.request(method, url, headers=headers, **options)

    def sql(self, statement: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.db_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def running_team(folder: Path) -> Iterator[Team]:
    """Starts it in `folder`, which is removed in the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGN_IN", "supabase")
        get_settings.cache_clear()
        stack = start_local_supabase(folder)
    get_settings.cache_clear()
    team = Team(
        stack.url,
        stack.key.get_secret_value(),
        stack.publishable_key.get_secret_value(),
        stack.db_url,
    )
    for role in (None, *Role):
        answer = team.auth("signup", team.email(role))
        user_id = answer["user"]["id"]
        team.people[role] = Actor(user_id, NAMES[role], role, answer["access_token"])
        team.sql(
            "insert into persona_members (user_id, email, name, role) values (%s, %s, %s, %s)",
            user_id,
            team.email(role),
            NAMES[role],
            role,
        )
    yield team
    stack.stop()
    shutil.rmtree(folder, ignore_errors=True)


NOBODY_IN = (
    "delete from persona_dashboard.sessions; delete from persona_dashboard.sign_in_tries;"
    " delete from persona_dashboard.sign_in_links"
)


def use_team(monkeypatch: pytest.MonkeyPatch, team: Team) -> None:
    """This process's services on the team's Supabase, each request with who acts."""
    monkeypatch.setenv("SIGN_IN", "supabase")
    monkeypatch.setenv("SUPABASE_URL", team.url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", team.key)
    monkeypatch.setenv("SUPABASE_ANON_KEY", team.public_key)
    get_settings.cache_clear()
    get_sessions.cache_clear()
    reset_supabase_client()
    send_own_tokens()
    with psycopg.connect(team.db_url) as connection:
        connection.execute(NOBODY_IN)
