"""Where people sign in: their own access tokens, and keys that are never above their owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.access.acting import acting_as
from services.access.audit import note_export
from services.access.keys.stored import MadeKey, get_api_keys
from services.access.roles import Role
from services.errors import InvalidInputError, NotFoundError
from tests.integration.api.conftest import PERSONA, TEXT, Program, Server, serving
from tests.team import Team


@pytest.fixture
def team_server(team: Team) -> Iterator[Server]:
    """The API where people sign in."""
    yield from serving()


def test_a_member_asks_with_their_own_token(team: Team, team_server: Server) -> None:
    tokens = {role: team.tokens(role).access for role in (None, Role.VIEWER, Role.ANALYST)}
    nobody = Program(team_server.client(), tokens[None])
    assert nobody.get("personas").status_code == 401  # an account without a role means nothing
    viewer = Program(team_server.client(), tokens[Role.VIEWER])
    assert viewer.get("key").json()["role"] == "viewer"
    body = {"raw_text": TEXT, "persona": PERSONA}
    assert viewer.post("personas", body).status_code == 403
    analyst = Program(team_server.client(), tokens[Role.ANALYST])
    made = analyst.created()
    assert made["created_by"] == team.people[Role.ANALYST].user_id
    assert viewer.get(f"personas/{made['id']}").json() == made
    forged = Program(team_server.client(), tokens[Role.ANALYST][:-4] + "AAAA")
    assert forged.get("personas").status_code == 401


def test_a_key_is_never_above_its_owner(team: Team, team_server: Server) -> None:
    keys = get_api_keys()
    with acting_as(team.people[Role.ANALYST]):
        with pytest.raises(InvalidInputError, match="above your own"):
            keys.make("Too much", Role.REVIEWER)
        made = keys.make("Nightly", Role.ANALYST)
        assert [one.name for one in keys.list()] == ["Nightly"]
    program = Program(team_server.client(), made.text)
    stored = program.created()
    owner = team.people[Role.ANALYST]
    assert stored["created_by"] == f"{owner.name}, through key Nightly"
    with acting_as(team.people[Role.VIEWER]):
        assert keys.list() == []
    team.sql("update persona_members set role = 'viewer' where user_id = %s", owner.user_id)
    try:
        assert program.get("key").json()["role"] == "viewer"
        assert program.post("personas", {"raw_text": TEXT, "persona": {}}).status_code == 403
    finally:
        team.sql("update persona_members set role = 'analyst' where user_id = %s", owner.user_id)
    admin = team.people[Role.ADMIN]
    with acting_as(admin):
        keys.revoke(made.key.id)
    assert program.get("key").status_code == 401
    assert of_key(team, made) == [
        ("key made", owner.user_id), ("key used", owner.user_id), ("key revoked", admin.user_id),
    ]  # fmt: skip


def test_what_the_command_line_does_with_keys_is_recorded_too(
    team: Team, team_server: Server
) -> None:
    keys, owner = get_api_keys(), team.people[Role.ANALYST]
    with acting_as(owner):
        made = keys.make("Nightly", Role.ANALYST)
    keys.revoke(made.key.id)
    assert of_key(team, made) == [("key made", owner.user_id), ("key revoked", "service_role")]
    other = keys.make("Nobody's", Role.ADMIN, owner="Operations")
    assert Program(team_server.client(), other.text).get("key").status_code == 200
    keys.revoke(other.key.id)
    did = ("key made", "key used", "key revoked")
    assert of_key(team, other) == [(one, "service_role") for one in did]


def of_key(team: Team, made: MadeKey) -> list[tuple[object, ...]]:
    did = "select action, actor from persona_audit where subject = %s order by id"
    return team.sql(did, str(made.key.id))


def test_what_is_done_through_a_key_is_recorded_as_its_owners(
    team: Team, team_server: Server
) -> None:
    keys, owner = get_api_keys(), team.people[Role.ADMIN]
    with acting_as(owner):
        made = keys.make("Nightly", Role.ADMIN)
    nobodys = keys.make("Nobody's", Role.ADMIN)
    last = "select coalesce(max(id), 0) from persona_audit"
    for key, actor in ((made, owner.user_id), (nobodys, f"key:{nobodys.key.id}")):
        program = Program(team_server.client(), key.text)
        persona = program.created()
        assert program.get("key").status_code == 200  # its use is noted before
        ((before,),) = team.sql(last)
        export = program.post("exports", {"format": "jsonl"}).json()
        assert program.get(export["file"]).status_code == 200
        assert program.ask("DELETE", f"personas/{persona['id']}", version=1).status_code == 204
        assert program.ask("DELETE", f"trash/{persona['id']}").status_code == 204
        did = "select action, actor, detail ->> 'through' from persona_audit where id > %s"
        through = f"key {key.key.name}"
        assert team.sql(f"{did} order by id", before) == [
            ("exported", actor, through), ("erased", actor, through),
        ]  # fmt: skip


def test_only_the_secret_key_names_the_key_of_a_program(team: Team, team_server: Server) -> None:
    """What a member sends with their own token is theirs, whatever key they name."""
    made = get_api_keys().make("Another's", Role.ADMIN)
    viewer = team.people[Role.VIEWER]
    ((before,),) = team.sql("select coalesce(max(id), 0) from persona_audit")
    with acting_as(replace(viewer, key_id=str(made.key.id))):
        note_export({"rows": 1})
    did = "select actor, detail::text from persona_audit where id > %s"
    assert team.sql(did, before) == [(viewer.user_id, '{"rows": 1}')]


def test_an_owner_revokes_their_own_keys_however_old(team: Team) -> None:
    keys, owner = get_api_keys(), team.people[Role.ANALYST]
    with acting_as(owner):
        old = keys.make("Old", Role.VIEWER)
        team.sql(
            "insert into api_keys (name, hash, hint, owner, owner_id, role, scope, expires_at)"
            " select 'New', encode(sha256(n::text::bytea), 'hex'), 'personas_', owner, owner_id,"
            " role, scope, expires_at from api_keys, generate_series(1, 200) n where id = %s",
            str(old.key.id),
        )
        assert old.key.id not in {one.id for one in keys.list()}
        with acting_as(team.people[Role.VIEWER]), pytest.raises(NotFoundError):
            keys.revoke(old.key.id)
        assert keys.use(old.text) is not None
        keys.revoke(old.key.id)
    assert keys.use(old.text) is None
